/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_export.h"

#include "bench/base/bench_host.h"
#include "bench/engine/bench_failures.h"
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void write_settings(struct bench_json *json, const struct sweep_outcome *outcome)
{
    const struct sweep_settings *settings = outcome->settings;
    bench_json_open(json, "settings", '{');
    bench_json_text(json, "server_program", settings->server_program);
    bench_json_text(json, "loop", "closed");
    bench_json_open(json, "workers", '[');
    for (size_t i = 0; i < settings->worker_counts; i++)
        bench_json_count(json, NULL, settings->workers[i]);
    bench_json_close(json, ']');
    bench_json_open(json, "workloads", '[');
    for (size_t i = 0; i < settings->workloads.count; i++)
        bench_json_text(json, NULL, settings->workloads.items[i]);
    bench_json_close(json, ']');
    bench_json_count(json, "rounds", (uint64_t)settings->rounds);
    bench_json_count(json, "seed", (uint64_t)settings->seed);
    bench_json_number(json, "duration_s", (double)settings->duration_ns / NS_PER_S);
    bench_json_number(json, "warm_up_s", (double)settings->warm_up_ns / NS_PER_S);
    bench_json_count(json, "connections", (uint64_t)settings->connections);
    bench_json_count(json, "threads", (uint64_t)settings->threads);
    bench_json_count(json, "pipeline", 1);
    bench_json_number(json, "timeout_s", (double)settings->timeout_ns / NS_PER_S);
    bench_json_count(json, "cpu_iterations_per_us", (uint64_t)outcome->cpu_iterations);
    bench_json_close(json, '}');
}

static double cpu_us_per_request(const struct sweep_trial *trial)
{
    return trial->response.count > 0 ? trial->server_cpu_us / (double)trial->response.count : NAN;
}

static void write_trial(struct bench_json *json, const struct sweep_settings *settings,
                        const struct sweep_trial *trial)
{
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "workload", settings->workloads.items[trial->workload]);
    bench_json_count(json, "workers", settings->workers[trial->count]);
    bench_json_count(json, "round", trial->round);
    bench_json_count(json, "place", trial->place);
    bench_json_number(json, "measured_s", trial->measured_s);
    bench_json_number(json, "throughput_rps", trial->throughput_rps);
    bench_response_write(json, &trial->response);
    bench_failures_write(json, trial->failures);
    bench_json_open(json, "server", '{');
    bench_json_number(json, "worker_utilization", trial->utilization);
    bench_json_number(json, "queue_wait_us_p50", trial->queue_wait_p50_us);
    bench_json_number(json, "queue_wait_us_p99", trial->queue_wait_p99_us);
    bench_json_number(json, "service_us_p50", trial->service_p50_us);
    bench_json_number(json, "cpu_us_per_request", cpu_us_per_request(trial));
    bench_json_bool(json, "stopped_cleanly", trial->stopped_cleanly);
    bench_json_close(json, '}');
    bench_json_open(json, "generator", '{');
    bench_json_number(json, "cpu_share", trial->generator_share);
    bench_json_close(json, '}');
    bench_json_close(json, '}');
}

static void write_line(struct bench_json *json, const struct sweep_line *line)
{
    bench_json_open(json, NULL, '{');
    bench_json_count(json, "workers", line->throughput.workers);
    bench_json_count(json, "rounds", line->rounds);
    bench_json_open(json, "throughput_rps", '{');
    bench_json_number(json, "median", line->throughput.median_rps);
    bench_json_number(json, "min", line->throughput.lowest_rps);
    bench_json_number(json, "max", line->throughput.highest_rps);
    bench_json_close(json, '}');
    bench_response_write(json, &line->response);
    bench_failures_write(json, line->failures);
    bench_json_number(json, "worker_utilization", line->utilization);
    bench_json_number(json, "queue_wait_us_p50", line->queue_wait_p50_us);
    bench_json_number(json, "queue_wait_us_p99", line->queue_wait_p99_us);
    bench_json_number(json, "service_us_p50", line->service_p50_us);
    bench_json_number(json, "server_cpu_us_per_request", line->cpu_us_per_request);
    bench_json_number(json, "generator_cpu_share", line->generator_share);
    bench_json_close(json, '}');
}

static void write_summary(struct bench_json *json, const struct sweep_summary *summary)
{
    const struct recommendation *chosen = &summary->recommendation;
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "workload", summary->workload);
    bench_json_open(json, "counts", '[');
    for (size_t i = 0; i < summary->count; i++)
        write_line(json, &summary->lines[i]);
    bench_json_close(json, ']');
    bench_json_open(json, "recommendation", '{');
    bench_json_bool(json, "determined", summary->recommended);
    if (summary->recommended) {
        bench_json_count(json, "workers", summary->lines[chosen->chosen].throughput.workers);
        bench_json_number(json, "tolerance", chosen->tolerance);
        bench_json_bool(json, "at_edge", chosen->largest || chosen->smallest);
    }
    bench_json_text(json, "sentence", summary->sentence);
    bench_json_close(json, '}');
    bench_json_close(json, '}');
}

void sweep_export_json(const struct sweep_outcome *outcome, struct byte_buffer *out)
{
    struct bench_json json = {.out = out};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", "crew-bench/sweep/1");
    bench_host_write(&json);
    write_settings(&json, outcome);
    bench_json_bool(&json, "complete", outcome->complete);
    bench_json_open(&json, "trials", '[');
    for (size_t i = 0; i < outcome->trial_count; i++)
        if (outcome->trials[i].complete)
            write_trial(&json, outcome->settings, &outcome->trials[i]);
    bench_json_close(&json, ']');
    bench_json_open(&json, "summary", '[');
    for (size_t i = 0; i < outcome->summary_count; i++)
        write_summary(&json, &outcome->summaries[i]);
    bench_json_close(&json, ']');
    bench_json_close(&json, '}');
}

/* In quotes, which are doubled inside: a workload may hold commas and quotes. */
static void append_quoted(struct byte_buffer *out, const char *text)
{
    byte_buffer_append_text(out, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"')
            byte_buffer_append_text(out, "\"");
        byte_buffer_append(out, at, 1);
    }
    byte_buffer_append_text(out, "\"");
}

static void append_number(struct byte_buffer *out, double number)
{
    byte_buffer_append_text(out, ",");
    if (isfinite(number))
        byte_buffer_printf(out, "%.3f", number);
}

static void append_trial(struct byte_buffer *out, const struct sweep_settings *settings,
                         const struct sweep_trial *trial)
{
    const double figures[] = {
        trial->measured_s,         trial->throughput_rps,    trial->response.mean_us,
        trial->response.p50_us,    trial->response.p90_us,   trial->response.p99_us,
        trial->response.p99_9_us,  trial->response.max_us,   trial->utilization,
        trial->queue_wait_p50_us,  trial->queue_wait_p99_us, trial->service_p50_us,
        cpu_us_per_request(trial), trial->generator_share,
    };
    append_quoted(out, settings->workloads.items[trial->workload]);
    byte_buffer_printf(out, ",%u,%u,%u,%" PRIu64 ",%" PRIu64, settings->workers[trial->count],
                       trial->round, trial->place, trial->response.count, trial->failures_total);
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        append_number(out, figures[i]);
    byte_buffer_append_text(out, "\n");
}

void sweep_export_csv(const struct sweep_outcome *outcome, struct byte_buffer *out)
{
    byte_buffer_append_text(
        out, "workload,workers,round,place,requests,errors,measured_s,throughput_rps,mean_us,"
             "p50_us,p90_us,p99_us,p99_9_us,max_us,worker_utilization,queue_wait_p50_us,"
             "queue_wait_p99_us,service_p50_us,server_cpu_us_per_request,generator_cpu_share\n");
    for (size_t i = 0; i < outcome->trial_count; i++)
        if (outcome->trials[i].complete)
            append_trial(out, outcome->settings, &outcome->trials[i]);
}
