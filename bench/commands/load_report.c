/* SPDX-License-Identifier: MIT */
#include "bench/commands/load_report.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_number.h"
#include "bench/base/chart.h"
#include "bench/engine/arrivals.h"
#include "bench/results/load_file.h"
#include "bench/results/measurement_json.h"
#include "common/clock.h"
#include "common/version.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { SPARKLINE_COLUMNS = 60, LEAST_ROWS = 3 };

static void print_load(const struct load_settings *settings, const struct measurement *measurement)
{
    if (!measurement->open_loop) {
        printf("  load       closed loop, %" PRId64 " connections x %" PRId64 " outstanding\n",
               settings->connections, settings->pipeline);
        return;
    }
    char offered[BENCH_NUMBER_SIZE];
    char sent[BENCH_NUMBER_SIZE];
    printf("  load       open loop, %s requests/s offered (%s sent), %s arrivals, %" PRId64
           " connections\n",
           bench_number_rate(offered, measurement->offered_rps),
           bench_number_rate(sent, measurement->sent_rps),
           settings->arrivals == ARRIVAL_POISSON ? "Poisson" : "constant", settings->connections);
}

static void print_times(const char *name, const struct bench_response *times)
{
    const struct {
        const char *name;
        double us;
    } figures[] = {
        {"mean", times->mean_us}, {"p50", times->p50_us},     {"p90", times->p90_us},
        {"p99", times->p99_us},   {"p99.9", times->p99_9_us}, {"max", times->max_us},
    };
    printf("  %-8s ", name);
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        char text[BENCH_NUMBER_SIZE];
        printf("  %s %s", figures[i].name, bench_number_us(text, figures[i].us));
    }
    putchar('\n');
}

static void print_all_times(const struct measurement *measurement)
{
    if (measurement->unstable) {
        printf("  unstable   the backlog grew all the time (%" PRIu64
               " outstanding at the begin, %" PRIu64 " at the end, %" PRIu64 " held back):\n"
               "             the server cannot serve this rate, and percentiles would only say how "
               "long the run was\n",
               measurement->outstanding_begin, measurement->outstanding_end,
               measurement->held_back);
        return;
    }
    print_times("response", &measurement->response);
    if (measurement->open_loop) {
        print_times("wire", &measurement->wire);
        print_times("lag", &measurement->lag);
    }
}

static void print_generator(const struct measurement *measurement)
{
    char busy[BENCH_NUMBER_SIZE];
    char cpu[BENCH_NUMBER_SIZE];
    printf("  generator  %zu thread%s, the busiest %s of the time; %s of CPU per request\n",
           measurement->threads, measurement->threads == 1 ? "" : "s",
           bench_number_share(busy, measurement->generator_busy),
           bench_number_us(cpu, measurement->generator_cpu_us));
}

/* A stall at the end of a run would otherwise be missing from the response times. */
static void print_unanswered(const struct measurement *measurement)
{
    char age[BENCH_NUMBER_SIZE];
    if (measurement->outstanding_end > 0 &&
        measurement->oldest_unanswered_us > measurement->response.max_us)
        printf("  unanswered %" PRIu64 " requests at the end, the oldest for %s\n",
               measurement->outstanding_end,
               bench_number_us(age, measurement->oldest_unanswered_us));
}

static size_t count_measured_rows(const struct measurement *measurement)
{
    size_t count = 0;
    for (size_t i = 0; i < measurement->series_count; i++)
        count += measurement->series[i].warm_up ? 0 : 1;
    return count;
}

/* The course over time, as far as it was measured: the warm-up would set the scale. */
static void print_course(const struct measurement *measurement)
{
    double rates[SPARKLINE_COLUMNS];
    double p99s[SPARKLINE_COLUMNS];
    size_t rows = count_measured_rows(measurement);
    size_t first = measurement->series_count - rows;
    if (rows < LEAST_ROWS)
        return;
    size_t columns = SPARKLINE_COLUMNS;
    if (rows < columns)
        columns = rows;
    for (size_t i = 0; i < columns; i++) {
        const struct series_row *row = &measurement->series[first + i * rows / columns];
        rates[i] = row->throughput_rps;
        p99s[i] = row->p99_us;
    }
    char bars[CHART_BAR_SIZE];
    char most[BENCH_NUMBER_SIZE];
    double top = 0;
    printf("  over time  %s", chart_sparkline(bars, rates, columns, &top));
    printf("  requests/s, top %s\n", bench_number_rate(most, top));
    printf("             %s", chart_sparkline(bars, p99s, columns, &top));
    printf("  p99, top %s\n", bench_number_us(most, top));
}

void load_report_print(const struct load_settings *settings, const struct measurement *measurement,
                       bool interrupted)
{
    char count[BENCH_NUMBER_SIZE];
    char rate[BENCH_NUMBER_SIZE];
    printf("%s on %s%s\n", settings->workload, settings->target,
           interrupted ? " (interrupted)" : "");
    print_load(settings, measurement);
    printf("  throughput %s requests/s  (%s in %.2f s)\n",
           bench_number_rate(rate, measurement->throughput_rps),
           bench_number_count(count, measurement->response.count), measurement->measured_s);
    print_all_times(measurement);
    print_course(measurement);
    print_generator(measurement);
    print_unanswered(measurement);
    bench_failures_print(stdout, measurement->failures, measurement->first_failure);
    for (size_t i = 0; i < measurement->reason_count; i++)
        printf("  %s %s\n", i == 0 ? "refused   " : "          ", measurement->reasons[i]);
}

static void write_settings(struct bench_json *json, const struct load_settings *settings)
{
    bool open_loop = settings->rate_rps > 0;
    bench_json_open(json, "settings", '{');
    bench_json_text(json, "workload", settings->workload);
    bench_json_text(json, "loop", open_loop ? "open" : "closed");
    bench_json_count(json, "connections", (uint64_t)settings->connections);
    bench_json_count(json, "threads", (uint64_t)settings->threads);
    if (open_loop) {
        bench_json_number(json, "rate_rps", settings->rate_rps);
        bench_json_text(json, "arrivals",
                        settings->arrivals == ARRIVAL_POISSON ? "poisson" : "constant");
        bench_json_count(json, "inflight", (uint64_t)settings->inflight);
    } else {
        bench_json_count(json, "pipeline", (uint64_t)settings->pipeline);
        bench_json_count(json, "outstanding",
                         (uint64_t)(settings->connections * settings->pipeline));
    }
    bench_json_number(json, "duration_s", (double)settings->duration_ns / NS_PER_S);
    bench_json_number(json, "warm_up_s", (double)settings->warm_up_ns / NS_PER_S);
    bench_json_count(json, "requests", (uint64_t)settings->requests);
    bench_json_number(json, "timeout_s", (double)settings->timeout_ns / NS_PER_S);
    bench_json_count(json, "seed", (uint64_t)settings->seed);
    bench_json_close(json, '}');
}

void load_report_write_json(const struct load_settings *settings,
                            const struct measurement *measurement, bool interrupted,
                            struct byte_buffer *out)
{
    struct bench_host host;
    bench_host_take(&host);
    struct bench_json json = {.out = out};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", LOAD_SCHEMA);
    bench_json_text(&json, "crew_version", CREW_VERSION);
    bench_host_write(&json, &host);
    bench_json_text(&json, "target", settings->target);
    write_settings(&json, settings);
    bench_json_bool(&json, "interrupted", interrupted);
    measurement_write(&json, measurement);
    bench_json_close(&json, '}');
}

/* Nothing for NAN, as spreadsheets want it. */
static void write_csv_time(struct byte_buffer *out, double us)
{
    byte_buffer_append_text(out, ",");
    if (!isnan(us))
        byte_buffer_printf(out, "%.3f", us);
}

void load_report_write_csv(const struct measurement *measurement, struct byte_buffer *out)
{
    byte_buffer_append_text(out, "end_s,warm_up,throughput_rps,p50_us,p99_us,max_us,errors\n");
    for (size_t i = 0; i < measurement->series_count; i++) {
        const struct series_row *row = &measurement->series[i];
        byte_buffer_printf(out, "%.6f,%d,%.3f", row->end_s, row->warm_up, row->throughput_rps);
        write_csv_time(out, row->p50_us);
        write_csv_time(out, row->p99_us);
        write_csv_time(out, row->max_us);
        byte_buffer_printf(out, ",%" PRIu64 "\n", row->failures);
    }
}
