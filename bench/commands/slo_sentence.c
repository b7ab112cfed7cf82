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
    append_rate(text, " holds at every rate that was tried, up to ", answer->held->rate_rps);
    if (line->doubt[0] == '\0')
        append(text, " requests/s: the capacity of the server");
    else
        append(text, " requests/s, as fast as a closed loop could go; more is not determined: %s",
               line->doubt);
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

static void append_known(char *text, const struct slo_answer *answer)
{
    if (answer->held != NULL)
        append_rate(text, " holds at ", answer->held->rate_rps);
    if (answer->above == NULL)
        return;
    bool judged = slo_point_decision(answer->above) == SLO_NOT_HELD;
    append_rate(text,
                answer->held == NULL ? judged ? " is missed at " : " cannot be judged at "
                : judged             ? " and is missed at "
                                     : " and cannot be judged at ",
                answer->above->rate_rps);
}

static void append_undetermined(char *text, const struct slo_line *line,
                                const struct slo_answer *answer)
{
    append_known(text, answer);
    append(text, " requests/s: ");
    if (answer->above != NULL && slo_point_decision(answer->above) == SLO_NOT_JUDGED)
        append(text, "%s", slo_line_reason(line, answer->above->rate_rps));
    else
        append(text, "repeats contradicted each other too often to go on");
}

const char *slo_sentence(const struct slo_line *line, const struct slo_settings *settings,
                         char text[SLO_SENTENCE_SIZE])
{
    struct slo_answer answer = slo_line_answer(line);
    text[0] = '\0';
    bool unknown = answer.held == NULL && answer.above == NULL;
    if (answer.verdict == SLO_UNDETERMINED)
        append(text, "not determined: ");
    else if (answer.verdict == SLO_UNFINISHED)
        append(text, unknown ? "incomplete: nothing is known yet" : "incomplete: ");
    if (line->obstacle[0] != '\0') {
        append(text, "%s", line->obstacle);
        return text;
    }
    if (answer.verdict == SLO_UNFINISHED && unknown)
        return text;
    append(text, "%.64s", settings->objective_text);
    if (answer.verdict == SLO_FOUND)
        append_found(text, line, &answer);
    else if (answer.verdict == SLO_AT_HIGHEST)
        append_highest(text, line, &answer);
    else if (answer.verdict == SLO_AT_LOWEST)
        append_lowest(text, line, settings, &answer);
    else if (answer.verdict == SLO_UNDETERMINED)
        append_undetermined(text, line, &answer);
    else {
        append_known(text, &answer);
        append(text, " requests/s so far");
    }
    return text;
}
