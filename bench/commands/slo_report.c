/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_report.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_number.h"
#include "bench/base/chart.h"
#include "bench/base/text_table.h"
#include "bench/commands/slo_rate.h"
#include "bench/commands/slo_sentence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { RATE_COLUMNS = 8, CELL_SIZE = BENCH_NUMBER_SIZE };

static void put_bold(const struct slo_report *report, const char *text)
{
    fprintf(report->out, "%s%s%s", report->colour ? "\033[1m" : "", text,
            report->colour ? "\033[0m" : "");
}

void slo_report_begin(const struct slo_report *report)
{
    const struct slo_settings *settings = report->settings;
    struct bench_host host;
    bench_host_take(&host);
    put_bold(report, settings->objective_text);
    fprintf(report->out,
            " with %s on %g CPU%s: open loop, Poisson arrivals, %" PRId64 " connections\n\n",
            settings->workload, host.cpus, host.cpus == 1 ? "" : "s", settings->connections);
    fflush(report->out);
}

/* ---- the rates of one search -------------------------------------------------------------------
 */

static const char *outcome_name(const struct slo_point *point, const struct slo_rate *rate)
{
    switch (slo_point_decision(point)) {
    case SLO_HELD:
        return "held";
    case SLO_NOT_HELD:
        return 2 * rate->unstable > point->missed ? "unstable" : "missed";
    case SLO_NOT_JUDGED:
        return "refused";
    default:
        return "open";
    }
}

/* Where too many requests were not answered there is no percentile, however long one waits. */
static void put_us(char cell[CELL_SIZE], double us)
{
    if (isinf(us))
        snprintf(cell, CELL_SIZE, "∞");
    else
        bench_number_us(cell, us);
}

/* Returns whether the percentile is infinite. */
static bool put_point(const struct slo_report *report, const struct slo_line *line,
                      const struct slo_point *point, const struct text_column *columns,
                      size_t shown)
{
    char cells[RATE_COLUMNS][CELL_SIZE];
    const char *texts[RATE_COLUMNS];
    struct slo_rate rate = slo_rate_take(line, &report->settings->objective, point->rate_rps);
    bench_number_rate(cells[0], point->rate_rps);
    bench_number_share(cells[1], point->rate_rps / line->capacity_rps);
    snprintf(cells[2], CELL_SIZE, "%s", outcome_name(point, &rate));
    snprintf(cells[3], CELL_SIZE, "%u/%u", point->met, point->met + point->missed);
    put_us(cells[4], fmin(rate.beside_us, rate.percentile_us));
    put_us(cells[5], fmax(rate.beside_us, rate.percentile_us));
    snprintf(cells[6], CELL_SIZE, "%.1fs", rate.window_s);
    bench_number_share(cells[7], rate.busy);
    for (size_t i = 0; i < RATE_COLUMNS; i++)
        texts[i] = cells[i];
    text_table_row(report->out, columns, shown, texts);
    return isinf(rate.percentile_us);
}

/* Says why windows were longer than asked for, if they were. */
static void put_window(const struct slo_report *report, const struct slo_line *line)
{
    const struct slo_settings *settings = report->settings;
    double longest_s = slo_window_s(&settings->objective, &settings->window, settings->precision,
                                    line->search.points[0].rate_rps);
    char name[SLO_NAME_SIZE];
    char requests[BENCH_NUMBER_SIZE];
    char text[4 * SLO_NAME_SIZE];
    if (longest_s <= settings->window.shortest_s)
        return;
    snprintf(
        text, sizeof(text),
        "Measured for up to %.3g s instead of %.3g s: a window has to hold %s requests for %s, "
        "and to last until a growing backlog would reach the limit.",
        longest_s, settings->window.shortest_s,
        bench_number_rate(requests, slo_requests_planned(&settings->objective)),
        slo_percentile_name(settings->objective.quantile, name));
    text_paragraph(report->out, "  ", text, report->width);
}

static void put_capacity(const struct slo_report *report, const struct slo_line *line)
{
    char name[SLO_NAME_SIZE];
    char rate[BENCH_NUMBER_SIZE];
    put_bold(report, slo_line_name(line, report->settings, name));
    if (isnan(line->capacity_rps))
        return;
    fprintf(report->out, ": closed loop %s requests/s",
            bench_number_rate(rate, line->capacity_rps));
    if (line->doubt[0] != '\0')
        fprintf(report->out, ", which is no capacity: %s", line->doubt);
}

void slo_report_rates(const struct slo_report *report, const struct slo_line *line)
{
    const struct slo_objective *objective = &report->settings->objective;
    double beside = slo_rate_beside(objective);
    char names[2][SLO_NAME_SIZE];
    const struct text_column columns[RATE_COLUMNS] = {
        {"requests/s", 10},
        {"load", 4},
        {"outcome", 8},
        {"met", 4},
        {slo_percentile_name(fmin(beside, objective->quantile), names[0]), 7},
        {slo_percentile_name(fmax(beside, objective->quantile), names[1]), 7},
        {"window", 6},
        {"busy", 4},
    };
    size_t count = report->settings->target != NULL ? RATE_COLUMNS - 1 : RATE_COLUMNS;
    size_t shown = text_table_fit(columns, count, report->width);
    put_capacity(report, line);
    fputs("\n\n", report->out);
    if (line->searching && line->search.count > 0) {
        text_table_row(report->out, columns, shown, NULL);
        bool infinite = false;
        for (size_t i = 0; i < line->search.count; i++)
            infinite |= put_point(report, line, &line->search.points[i], columns, shown);
        if (infinite)
            text_paragraph(report->out, "  ",
                           "∞: too many requests failed, or still had no answer when the window "
                           "ended.",
                           report->width);
        put_window(report, line);
        fputc('\n', report->out);
    }
    fflush(report->out);
}

/* ---- the answers -------------------------------------------------------------------------------
 */

static double held_rps(const struct slo_line *line)
{
    struct slo_answer answer = slo_line_answer(line);
    return answer.held != NULL ? answer.held->rate_rps : 0;
}

/* The first line that is no worse than the best by more than the precision; `count` if none is
 * determined. */
static size_t fewest_of_the_best(const struct slo_report *report, const struct slo_line *lines,
                                 size_t count)
{
    double best_rps = 0;
    for (size_t i = 0; i < count; i++)
        if (slo_line_determined(&lines[i]))
            best_rps = fmax(best_rps, held_rps(&lines[i]));
    for (size_t i = 0; i < count && best_rps > 0; i++)
        if (slo_line_determined(&lines[i]) &&
            held_rps(&lines[i]) * (1 + report->settings->precision) >= best_rps)
            return i;
    return count;
}

static void put_bars(const struct slo_report *report, const struct slo_line *lines, size_t count)
{
    struct chart_row rows[RESULTS_COUNT_LIMIT];
    size_t marked = fewest_of_the_best(report, lines, count);
    for (size_t i = 0; i < count; i++) {
        char name[SLO_NAME_SIZE];
        char rate[BENCH_NUMBER_SIZE];
        double held = held_rps(&lines[i]);
        rows[i] = (struct chart_row){.value = held, .marked = i == marked};
        snprintf(rows[i].label, sizeof(rows[i].label), "%s",
                 slo_line_name(&lines[i], report->settings, name));
        snprintf(rows[i].text, sizeof(rows[i].text), "%s%s%s",
                 slo_line_determined(&lines[i]) || held <= 0 ? "" : "at least ",
                 held > 0 ? bench_number_rate(rate, held) : "none", held > 0 ? "/s" : "");
    }
    chart_print(report->out, rows, count, report->width, report->colour);
    fputc('\n', report->out);
    if (marked < count && marked > 0)
        fprintf(report->out, "%u workers are the fewest within %g %% of the highest rate.\n\n",
                lines[marked].workers, 100 * report->settings->precision);
}

void slo_report_answers(const struct slo_report *report, const struct slo_line *lines, size_t count)
{
    if (count > 1)
        put_bars(report, lines, count);
    for (size_t i = 0; i < count; i++) {
        char name[SLO_NAME_SIZE];
        char first[SLO_NAME_SIZE + 2];
        char sentence[SLO_SENTENCE_SIZE];
        snprintf(first, sizeof(first), "%s: ", slo_line_name(&lines[i], report->settings, name));
        char text[sizeof(first) + sizeof(sentence)];
        snprintf(text, sizeof(text), "%s%s", first,
                 slo_sentence(&lines[i], report->settings, sentence));
        text_paragraph(report->out, "", text, report->width);
    }
    fflush(report->out);
}
