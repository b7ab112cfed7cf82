/* SPDX-License-Identifier: MIT */
#include "bench/commands/analysis_report.h"

#include "bench/base/bench_number.h"
#include "bench/base/chart.h"
#include "bench/base/text_table.h"
#include "bench/picture/terminal_chart.h"
#include "common/byte_buffer.h"

#include <math.h>
#include <string.h>

struct report {
    const struct results *results;
    const struct analysis *analysis;
    FILE *out;
    size_t width;
    bool colour;
};

enum { MOST_COLUMNS = 12, CELL_SIZE = BENCH_NUMBER_SIZE };

typedef char cells[MOST_COLUMNS][CELL_SIZE];

static void put_title(const struct report *report, const char *title)
{
    fprintf(report->out, "%s%s%s", report->colour ? "\033[1m" : "", title,
            report->colour ? "\033[0m" : "");
}

static void put_row(const struct report *report, const struct text_column *columns, size_t shown,
                    const cells row)
{
    const char *texts[MOST_COLUMNS];
    for (size_t i = 0; i < shown; i++)
        texts[i] = row[i];
    text_table_row(report->out, columns, shown, texts);
}

static void put_note(const struct report *report, const char *text)
{
    text_paragraph(report->out, "  ", text, report->width);
    fputc('\n', report->out);
}

/* A time, which a model may have as infinite, and errors may have made negative. */
static void put_us(char cell[CELL_SIZE], double us)
{
    if (isinf(us))
        snprintf(cell, CELL_SIZE, "∞");
    else
        bench_number_us(cell, us < 0 ? 0 : us);
}

/* ---- capacity ----------------------------------------------------------------------------------
 */

enum { CAPACITY_COLUMNS = 10, REFUSED_COLUMN = 3 };

static const struct text_column capacity_columns[CAPACITY_COLUMNS] = {
    {"workers", 7}, {"req/s", 9}, {"± 95%", 6}, {"refused", 7}, {"p50", 6},
    {"p99", 6},     {"busy", 4},  {"queue", 6}, {"CPU", 6},     {"runq", 6},
};

/* The interval as one figure: it is as wide on either side, on a logarithmic scale. */
static void put_interval(char cell[CELL_SIZE], const struct capacity_line *line)
{
    double half = 100 * (sqrt(line->rate_high_rps / line->rate_low_rps) - 1);
    if (isfinite(half))
        snprintf(cell, CELL_SIZE, half < 9.95 ? "%.1f%%" : "%.0f%%", half);
    else
        snprintf(cell, CELL_SIZE, "n/a");
}

static void fill_capacity(const struct capacity_line *line, cells row)
{
    const struct server_figures *server = &line->server;
    snprintf(row[0], CELL_SIZE, "%u", line->workers);
    bench_number_rate(row[1], line->rate_rps);
    put_interval(row[2], line);
    snprintf(row[REFUSED_COLUMN], CELL_SIZE, "%zu/%zu", line->planned - line->usable,
             line->planned);
    put_us(row[4], line->response.p50_us);
    put_us(row[5], line->response.p99_us);
    bench_number_share(row[6], server->utilization);
    put_us(row[7], server->queue_wait_mean_us);
    put_us(row[8], server->cpu_us);
    put_us(row[9], server->run_queue_us);
}

static void fill_left_out(const struct left_out_line *line, cells row)
{
    memset(row, 0, sizeof(cells));
    snprintf(row[0], CELL_SIZE, "%u", line->workers);
    snprintf(row[1], CELL_SIZE, line->refused > 0 ? "refused" : "not run");
    snprintf(row[REFUSED_COLUMN], CELL_SIZE, "%zu/%zu", line->planned, line->planned);
}

/* Takes the column out of a table where it has nothing to say. */
static void drop_column(struct text_column *columns, size_t count, size_t column)
{
    memmove(columns + column, columns + column + 1, (count - column - 1) * sizeof(*columns));
}

static void drop_cell(cells row, size_t column)
{
    memmove(row[column], row[column + 1], (MOST_COLUMNS - column - 1) * CELL_SIZE);
}

static bool any_unusable(const struct analysis *analysis)
{
    for (size_t i = 0; i < analysis->capacity_count; i++)
        if (analysis->capacity[i].usable < analysis->capacity[i].planned)
            return true;
    return analysis->left_out_count > 0;
}

/* False when it was too wide. */
static bool put_capacity_table(const struct report *report)
{
    const struct analysis *analysis = report->analysis;
    struct text_column columns[CAPACITY_COLUMNS];
    size_t count = CAPACITY_COLUMNS;
    bool refused = any_unusable(analysis);
    memcpy(columns, capacity_columns, sizeof(columns));
    if (!refused)
        drop_column(columns, count--, REFUSED_COLUMN);
    size_t shown = text_table_fit(columns, count, report->width);
    text_table_row(report->out, columns, shown, NULL);
    size_t next = 0;
    size_t left_out = 0;
    while (next < analysis->capacity_count || left_out < analysis->left_out_count) {
        cells row;
        if (left_out == analysis->left_out_count ||
            (next < analysis->capacity_count &&
             analysis->capacity[next].workers < analysis->left_out[left_out].workers))
            fill_capacity(&analysis->capacity[next++], row);
        else
            fill_left_out(&analysis->left_out[left_out++], row);
        if (!refused)
            drop_cell(row, REFUSED_COLUMN);
        put_row(report, columns, shown, row);
    }
    return shown == count;
}

static void put_bars(const struct report *report)
{
    const struct analysis *analysis = report->analysis;
    struct chart_row rows[RESULTS_COUNT_LIMIT];
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        const struct capacity_line *line = &analysis->capacity[i];
        char rate[BENCH_NUMBER_SIZE];
        rows[i] = (struct chart_row){
            .value = line->rate_rps,
            .marked =
                analysis->choice.verdict != CHOICE_UNDETERMINED && analysis->choice.chosen == i,
        };
        snprintf(rows[i].label, sizeof(rows[i].label), "%u worker%s", line->workers,
                 line->workers == 1 ? " " : "s");
        snprintf(rows[i].text, sizeof(rows[i].text), "%s/s",
                 bench_number_rate(rate, line->rate_rps));
    }
    chart_print(report->out, rows, analysis->capacity_count, report->width, report->colour);
}

static void put_capacity(const struct report *report)
{
    const struct results_settings *settings = &report->results->settings;
    put_title(report, "Capacity");
    fprintf(report->out, ": closed loop, %zu outstanding, %u block%s\n\n", settings->connections,
            settings->blocks, settings->blocks == 1 ? "" : "s");
    if (report->analysis->capacity_count + report->analysis->left_out_count == 0)
        return;
    bool whole = put_capacity_table(report);
    put_note(report, whole ? "Per request: queue, the mean wait for a worker; CPU, of the whole "
                             "server; runq, a worker's wait for a core."
                           : "Columns that did not fit were left out.");
    if (report->analysis->capacity_count == 0)
        return;
    put_bars(report);
    fputc('\n', report->out);
}

/* ---- latency -----------------------------------------------------------------------------------
 */

enum { LATENCY_COLUMNS = 10, SLO_COLUMN = 6 };

static const struct text_column latency_columns[LATENCY_COLUMNS] = {
    {"workers", 7}, {"offered", 9}, {"load", 4}, {"p50", 8},   {"p99", 6},
    {"p99.9", 6},   {"SLO", 3},     {"wire", 6}, {"queue", 6}, {"model", 6},
};

static void fill_latency(const struct latency_line *line, bool first, cells row)
{
    memset(row, 0, sizeof(cells));
    if (first)
        snprintf(row[0], CELL_SIZE, "%u", line->workers);
    bench_number_rate(row[1], line->offered_rps);
    bench_number_share(row[2], line->share);
    snprintf(row[SLO_COLUMN], CELL_SIZE, "%s",
             !line->slo_known ? "n/a"
             : line->slo_met  ? "met"
                              : "no");
    if (line->usable == 0) {
        snprintf(row[3], CELL_SIZE, line->first_reason != NULL ? "refused" : "not run");
        return;
    }
    if (line->unstable * 2 > line->usable) {
        snprintf(row[3], CELL_SIZE, "unstable");
    } else {
        put_us(row[3], line->response.p50_us);
        put_us(row[4], line->response.p99_us);
        put_us(row[5], line->response.p99_9_us);
        put_us(row[7], line->wire.p99_us);
    }
    put_us(row[8], line->queue_wait_us);
    put_us(row[9], line->model_queue_wait_us);
}

/* Memory that is short costs the chart, not the report. */
static void put_latency_chart(const struct report *report)
{
    struct byte_buffer chart = {0};
    terminal_chart_write_latency(report->results, report->analysis, report->width, &chart);
    if (!chart.failed && chart.size > 0) {
        fwrite(chart.bytes, 1, chart.size, report->out);
        fputc('\n', report->out);
    }
    byte_buffer_free(&chart);
}

static void put_latency(const struct report *report)
{
    const struct analysis *analysis = report->analysis;
    const struct results_settings *settings = &report->results->settings;
    bool judged = !isnan(settings->slo_quantile);
    struct text_column columns[LATENCY_COLUMNS];
    size_t count = LATENCY_COLUMNS;
    if (analysis->latency_count == 0)
        return;
    put_title(report, "Latency");
    fprintf(report->out, ": open loop, Poisson arrivals, %u block%s\n\n", settings->latency_blocks,
            settings->latency_blocks == 1 ? "" : "s");
    memcpy(columns, latency_columns, sizeof(columns));
    if (!judged)
        drop_column(columns, count--, SLO_COLUMN);
    size_t shown = text_table_fit(columns, count, report->width);
    text_table_row(report->out, columns, shown, NULL);
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        cells row;
        fill_latency(line, i == 0 || line[-1].workers != line->workers, row);
        if (!judged)
            drop_cell(row, SLO_COLUMN);
        put_row(report, columns, shown, row);
    }
    put_note(report,
             shown == count
                 ? "Response times from the scheduled time on; wire: p99 from sending on. "
                   "Load: share of the best capacity. Queue: mean wait for a worker; model: "
                   "what M/M/c expects."
                 : "Response times from the scheduled time on. Load: share of the best "
                   "capacity. Columns that did not fit were left out.");
    put_latency_chart(report);
}

/* ---- what it means -----------------------------------------------------------------------------
 */

static void put_sentences(const struct report *report, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        text_paragraph(report->out, "  - ", report->analysis->sentences[i], report->width);
    if (first < end)
        fputc('\n', report->out);
}

static void put_conclusion(const struct report *report)
{
    const struct analysis *analysis = report->analysis;
    if (analysis->model_sentences > 0) {
        put_title(report, "Models");
        fputs("\n\n", report->out);
        put_sentences(report, 0, analysis->model_sentences);
    }
    char text[RESULTS_TEXT_SIZE + CHOICE_TEXT_SIZE + 2];
    snprintf(text, sizeof(text), "%s: %s", analysis->workload, analysis->recommendation);
    fputs(report->colour ? "\033[1m" : "", report->out);
    text_paragraph(report->out, "", text, report->width);
    fputs(report->colour ? "\033[0m\n" : "\n", report->out);
    put_sentences(report, analysis->model_sentences, analysis->sentence_count);
}

void analysis_report_print(const struct results *results, const struct analysis *analysis,
                           FILE *out, size_t width, bool colour)
{
    struct report report = {results, analysis, out, width, colour};
    put_title(&report, analysis->workload);
    fprintf(out, " on %g CPU%s\n\n", results->host.cpus, results->host.cpus == 1 ? "" : "s");
    put_capacity(&report);
    put_latency(&report);
    put_conclusion(&report);
    fflush(out);
}
