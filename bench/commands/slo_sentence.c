/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_sentence.h"

#include "bench/base/bench_number.h"
#include "bench/commands/slo_rate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *slo_line_name(const struct slo_line *line, const struct slo_settings *settings,
                          char text[SLO_NAME_SIZE])
{
    if (settings->target != NULL)
        snprintf(text, SLO_NAME_SIZE, "%s", settings->target);
    else
        snprintf(text, SLO_NAME_SIZE, "%u worker%s", line->workers, line->workers == 1 ? "" : "s");
    return text;
}

const char *slo_percentile_name(double quantile, char text[SLO_NAME_SIZE])
{
    snprintf(text, SLO_NAME_SIZE, "p%.10g", quantile * 100);
    return text;
}

__attribute__((format(printf, 2, 3))) static void append(char *text, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, SLO_SENTENCE_SIZE - used, format, arguments);
    va_end(arguments);
}

static void append_rate(char *text, const char *before, double rate_rps)
{
    char rate[BENCH_NUMBER_SIZE];
    append(text, "%s%s", before, bench_number_rate(rate, rate_rps));
}

static void append_repeats(char *text, unsigned of_these, const struct slo_point *point)
{
    append(text, " in %u of %u", of_these, point->met + point->missed);
}

/* Repeats that disagree say that the true limit may lie farther away than the ends do. */
static void append_uncertainty(char *text, const struct slo_answer *answer)
{
    bool lower = !(answer->surely_held_rps >= answer->held->rate_rps);
    bool upper = !(answer->surely_missed_rps <= answer->above->rate_rps);
    if (!lower && !upper)
        return;
    append(text, "; repeats disagreed: the limit lies ");
    if (isnan(answer->surely_held_rps) && isnan(answer->surely_missed_rps))
        append(text, "anywhere in the range that was tried");
    else if (isnan(answer->surely_held_rps))
        append_rate(text, "below ", answer->surely_missed_rps);
    else
        append_rate(text, isnan(answer->surely_missed_rps) ? "above " : "between ",
                    answer->surely_held_rps);
    if (!isnan(answer->surely_held_rps) && !isnan(answer->surely_missed_rps))
        append_rate(text, " and ", answer->surely_missed_rps);
}

static void append_found(char *text, const struct slo_line *line, const struct slo_answer *answer)
{
    append_rate(text, " holds up to ", answer->held->rate_rps);
    append(text, " requests/s");
    if (line->doubt[0] == '\0') {
        append(text, ", %.0f %%", 100 * answer->held->rate_rps / line->capacity_rps);
        append_rate(text, " of the capacity of ", line->capacity_rps);
    }
    append(text, " (met");
    append_repeats(text, answer->held->met, answer->held);
    append_rate(text, " repeats; missed at ", answer->above->rate_rps);
    append_repeats(text, answer->above->missed, answer->above);
    append(text, ")");
    append_uncertainty(text, answer);
}

static void append_highest(char *text, const struct slo_line *line, const struct slo_answer *answer)
{
    bool sure = line->doubt[0] == '\0';
    append_rate(text, " holds at every rate that was tried, up to ", answer->held->rate_rps);
    append(text, " requests/s, %s (met",
           sure ? "the capacity of the server" : "as fast as a closed loop could go");
    append_repeats(text, answer->held->met, answer->held);
    append(text, " repeats)%s%s", sure ? "" : "; more is not determined: ", line->doubt);
}

static void append_lowest(char *text, const struct slo_line *line,
                          const struct slo_settings *settings, const struct slo_answer *answer)
{
    char name[SLO_NAME_SIZE];
    char us[BENCH_NUMBER_SIZE];
    struct slo_rate rate = slo_rate_take(line, &settings->objective, answer->above->rate_rps);
    append_rate(text, " is missed even at ", answer->above->rate_rps);
    append(text, " requests/s, the lowest rate that was tried");
    if (isfinite(rate.percentile_us))
        append(text, "; %s is %s there", slo_percentile_name(settings->objective.quantile, name),
               bench_number_us(us, rate.percentile_us));
}

/* At least one end is there. */
static void append_known(char *text, const struct slo_answer *answer)
{
    if (answer->held != NULL)
        append_rate(text, " holds at ", answer->held->rate_rps);
    if (answer->held != NULL && answer->above != NULL)
        append(text, " and");
    if (answer->above != NULL)
        append_rate(text,
                    slo_point_decision(answer->above) == SLO_NOT_HELD ? " is missed at "
                                                                      : " cannot be judged at ",
                    answer->above->rate_rps);
    append(text, " requests/s");
}

static void append_why(char *text, const struct slo_line *line, const struct slo_answer *answer)
{
    bool refused = answer->above != NULL && slo_point_decision(answer->above) == SLO_NOT_JUDGED;
    append(text, ": %s",
           refused ? slo_line_reason(line, answer->above->rate_rps)
                   : "repeats contradicted each other too often to go on");
}

const char *slo_sentence(const struct slo_line *line, const struct slo_settings *settings,
                         char text[SLO_SENTENCE_SIZE])
{
    struct slo_answer answer = slo_line_answer(line);
    bool finished = answer.verdict != SLO_UNFINISHED;
    bool determined = finished && answer.verdict != SLO_UNDETERMINED;
    snprintf(text, SLO_SENTENCE_SIZE, "%s",
             determined ? ""
             : finished ? "not determined: "
                        : "incomplete: ");
    if (line->obstacle[0] != '\0') {
        append(text, "%s", line->obstacle);
        return text;
    }
    if (answer.held == NULL && answer.above == NULL) {
        append(text, "nothing is known yet");
        return text;
    }
    append(text, "%.64s", settings->objective_text);
    if (!determined)
        append_known(text, &answer);
    else if (answer.above == NULL)
        append_highest(text, line, &answer);
    else if (answer.held == NULL)
        append_lowest(text, line, settings, &answer);
    else
        append_found(text, line, &answer);
    if (!finished)
        append(text, " so far");
    else if (!determined)
        append_why(text, line, &answer);
    return text;
}
