/* SPDX-License-Identifier: MIT */
#include "bench/commands/peers_report.h"

#include "bench/base/bench_number.h"
#include "bench/base/text_table.h"
#include "bench/statistics/sample.h"

#include <math.h>
#include <string.h>

enum { CELL_SIZE = 2 * BENCH_NUMBER_SIZE, ROW_WIDTH = 16, FIGURE_WIDTH = 13, COLUMNS = 9 };

static const struct text_column columns[COLUMNS] = {
    {"row             ", ROW_WIDTH},
    {"figure       ", FIGURE_WIDTH},
    {"crew", 9},
    {"peer", 9},
    {"ratio", 6},
    {"wanted", 8},
    {"reached", 7},
    {"rounds", 13},
    {"generator", 11},
};

static const char *const figure_names[PEER_CURVE] = {
    [PEER_CPU_US] = "CPU/request",
    [PEER_RATE_RPS] = "requests/s",
    [PEER_P50_US] = "p50",
    [PEER_P99_US] = "p99",
    [PEER_SERVICE_US] = "service",
    [PEER_SPARE_RPS] = "of spare CPUs",
    [PEER_MEMORY_BYTES] = "bytes each",
    [PEER_GENERATOR_SHARE] = "generator",
};

static const char *const judgements[] = {
    [PEER_REACHED] = "yes",
    [PEER_MISSED] = "NO",
    [PEER_TOLD] = "-",
};

void peers_report_list(FILE *out)
{
    for (size_t i = 0; i < peer_row_count; i++)
        fprintf(out, "%-16s %s\n", peer_rows[i].name, peer_rows[i].what);
}

void peers_report_headings(FILE *out, size_t width)
{
    text_table_row(out, columns, text_table_fit(columns, COLUMNS, width), NULL);
}

/* ---- cells ---- */

static void format_value(char text[CELL_SIZE], enum peer_figure figure, double value)
{
    char number[BENCH_NUMBER_SIZE];
    if (isnan(value))
        snprintf(text, CELL_SIZE, "n/a");
    else if (figure == PEER_RATE_RPS || figure == PEER_SPARE_RPS || figure >= PEER_CURVE)
        snprintf(text, CELL_SIZE, "%s", bench_number_rate(number, value));
    else if (figure == PEER_MEMORY_BYTES)
        snprintf(text, CELL_SIZE, "%.0f", value);
    else
        snprintf(text, CELL_SIZE, "%s", bench_number_us(number, value));
}

static void format_wanted(char text[CELL_SIZE], const struct peer_aim *aim)
{
    switch (aim->wish) {
    case PEER_AT_MOST:
        snprintf(text, CELL_SIZE, "<= %.2f", aim->bound);
        break;
    case PEER_AT_LEAST:
        snprintf(text, CELL_SIZE, ">= %.2f", aim->bound);
        break;
    case PEER_SUBJECT_AT_MOST:
        snprintf(text, CELL_SIZE, "<= %.0f", aim->bound);
        break;
    default:
        snprintf(text, CELL_SIZE, "-");
    }
}

/* "97%/98%": of the subject's loads and of the peer's; nothing where no load is made. */
static void format_generator(char text[CELL_SIZE], const struct peer_outcome *outcome)
{
    char shares[2][BENCH_NUMBER_SIZE];
    double medians[2];
    for (size_t i = 0; i < 2; i++) {
        medians[i] = sample_median(outcome->figures[i][PEER_GENERATOR_SHARE], outcome->rounds);
        bench_number_share(shares[i], medians[i]);
    }
    if (isnan(medians[0]))
        text[0] = '\0';
    else if (isnan(medians[1]))
        snprintf(text, CELL_SIZE, "%s", shares[0]);
    else
        snprintf(text, CELL_SIZE, "%s/%s", shares[0], shares[1]);
}

static void print_verdict(FILE *out, const struct peer_outcome *outcome,
                          const struct peer_verdict *verdict, size_t shown)
{
    enum { ROW, FIGURE, SUBJECT, PEER, RATIO, WANTED, REACHED, ROUNDS, GENERATOR };
    char text[COLUMNS][CELL_SIZE];
    const char *cells[COLUMNS];
    enum peer_figure figure = verdict->aim.figure;
    char name[CELL_SIZE];
    if (figure < PEER_CURVE)
        snprintf(name, sizeof(name), "%s", figure_names[figure]);
    else
        snprintf(name, sizeof(name), "%u threads", outcome->curve_threads[figure - PEER_CURVE]);
    snprintf(text[ROW], CELL_SIZE, "%-*s", ROW_WIDTH, outcome->row->name);
    snprintf(text[FIGURE], CELL_SIZE, "%-*s", FIGURE_WIDTH, name);
    format_value(text[SUBJECT], figure, verdict->subject);
    format_value(text[PEER], figure, verdict->peer);
    snprintf(text[RATIO], CELL_SIZE, isnan(verdict->ratio) ? "n/a" : "%.2f", verdict->ratio);
    format_wanted(text[WANTED], &verdict->aim);
    snprintf(text[REACHED], CELL_SIZE, "%s", judgements[verdict->judgement]);
    snprintf(text[ROUNDS], CELL_SIZE, isnan(verdict->low) ? "n/a" : "%.2f to %.2f", verdict->low,
             verdict->high);
    format_generator(text[GENERATOR], outcome);
    if (verdict->aim.wish == PEER_SUBJECT_AT_MOST) /* it is about no ratio */
        text[PEER][0] = text[RATIO][0] = text[ROUNDS][0] = '\0';
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = text[i];
    text_table_row(out, columns, shown, cells);
}

void peers_report_row(FILE *out, const struct peer_outcome *outcome, size_t width)
{
    size_t shown = text_table_fit(columns, COLUMNS, width);
    for (size_t i = 0; i < outcome->verdict_count; i++)
        print_verdict(out, outcome, &outcome->verdicts[i], shown);
    if (outcome->problem[0] != '\0') {
        char first[CELL_SIZE];
        snprintf(first, sizeof(first), "  %-*s  not measured: ", ROW_WIDTH, outcome->row->name);
        text_paragraph(out, first, outcome->problem, width);
    }
    fflush(out);
}

void peers_report_sum(FILE *out, const struct peer_outcome *outcomes, size_t count)
{
    size_t reached = 0;
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        reached += peer_outcome_reached(&outcomes[i]) ? 1 : 0;
        missing += outcomes[i].problem[0] != '\0' ? 1 : 0;
    }
    fprintf(out, "%zu of %zu rows reached", reached, count);
    if (missing > 0)
        fprintf(out, ", %zu not measured", missing);
    fputc('\n', out);
}
