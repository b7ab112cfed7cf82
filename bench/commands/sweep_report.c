/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_report.h"

#include "bench/base/bench_number.h"
#include "bench/base/bench_terminal.h"
#include "bench/base/chart.h"
#include "bench/engine/bench_failures.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void print_line(const struct sweep_line *line)
{
    char median[BENCH_NUMBER_SIZE];
    char lowest[BENCH_NUMBER_SIZE];
    char highest[BENCH_NUMBER_SIZE];
    char spread[2 * BENCH_NUMBER_SIZE + 8];
    snprintf(spread, sizeof(spread), "[%s .. %s]",
             bench_number_rate(lowest, line->throughput.lowest_rps),
             bench_number_rate(highest, line->throughput.highest_rps));
    char p50[BENCH_NUMBER_SIZE];
    char p99[BENCH_NUMBER_SIZE];
    char busy[BENCH_NUMBER_SIZE];
    char queue[BENCH_NUMBER_SIZE];
    char cpu[BENCH_NUMBER_SIZE];
    printf("  %7u  %10s  %-21s %7s  %7s  %5s  %7s  %7s%s\n", line->throughput.workers,
           bench_number_rate(median, line->throughput.median_rps), spread,
           bench_number_us(p50, line->response.p50_us), bench_number_us(p99, line->response.p99_us),
           bench_number_share(busy, line->utilization),
           bench_number_us(queue, line->queue_wait_p50_us),
           bench_number_us(cpu, line->cpu_us_per_request),
           line->failures_total > 0 ? "  errors" : "");
}

static void print_chart(const struct sweep_summary *summary)
{
    struct chart_row rows[SWEEP_COUNT_LIMIT];
    for (size_t i = 0; i < summary->count; i++) {
        const struct recommend_point *point = &summary->lines[i].throughput;
        char rate[BENCH_NUMBER_SIZE];
        struct chart_row *row = &rows[i];
        *row = (struct chart_row){.value = point->median_rps};
        snprintf(row->label, sizeof(row->label), "%u worker%s", point->workers,
                 point->workers == 1 ? " " : "s");
        snprintf(row->text, sizeof(row->text), "%s/s", bench_number_rate(rate, point->median_rps));
        row->marked = summary->recommended && summary->recommendation.chosen == i;
    }
    chart_print(stdout, rows, summary->count, bench_terminal_width(STDOUT_FILENO),
                bench_terminal_has_colour(STDOUT_FILENO));
}

void sweep_report_print(const struct sweep_settings *settings, const struct sweep_summary *summary)
{
    bool colour = bench_terminal_has_colour(STDOUT_FILENO);
    const char *bold = colour ? "\033[1m" : "";
    const char *plain = colour ? "\033[0m" : "";
    printf("%s%s%s, closed loop, %" PRId64
           " outstanding, median [lowest .. highest] of %zu round%s\n\n",
           bold, summary->workload, plain, settings->connections, summary->rounds,
           summary->rounds == 1 ? "" : "s");
    if (summary->count > 0) {
        printf("  %7s  %10s  %-21s %7s  %7s  %5s  %7s  %7s\n", "workers", "requests/s", "", "p50",
               "p99", "busy", "queued", "CPU/req");
        for (size_t i = 0; i < summary->count; i++)
            print_line(&summary->lines[i]);
        putchar('\n');
        print_chart(summary);
        putchar('\n');
    }
    for (size_t i = 0; i < summary->count; i++) {
        const struct sweep_line *line = &summary->lines[i];
        if (line->failures_total == 0)
            continue;
        printf("  with %u worker%s:\n", line->throughput.workers,
               line->throughput.workers == 1 ? "" : "s");
        bench_failures_print(stdout, line->failures, line->first_failure);
    }
    printf("%s%s%s\n\n", bold, summary->sentence, plain);
    fflush(stdout);
}
