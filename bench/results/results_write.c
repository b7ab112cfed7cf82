/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_json.h"
#include "bench/results/analysis_json.h"
#include "bench/results/measurement_json.h"
#include "bench/results/results_file.h"
#include "bench/results/server_json.h"

#include <inttypes.h>
#include <stdio.h>

static void write_lists(struct bench_json *json, const struct results_settings *settings)
{
    bench_json_open(json, "workloads", '[');
    for (size_t i = 0; i < settings->workload_count; i++)
        bench_json_text(json, NULL, settings->workloads[i]);
    bench_json_close(json, ']');
    bench_json_open(json, "workers", '[');
    for (size_t i = 0; i < settings->count; i++)
        bench_json_count(json, NULL, settings->workers[i]);
    bench_json_close(json, ']');
    bench_json_open(json, "shares", '[');
    for (size_t i = 0; i < settings->share_count; i++)
        bench_json_number(json, NULL, settings->shares[i]);
    bench_json_close(json, ']');
}

/* The seed is a text: many readers of JSON keep numbers in doubles, which have only 53 bits. */
static void write_settings(struct bench_json *json, const struct results_settings *settings)
{
    char seed[24];
    snprintf(seed, sizeof(seed), "%" PRIu64, settings->seed);
    bench_json_open(json, "settings", '{');
    write_lists(json, settings);
    bench_json_count(json, "reference", settings->reference);
    bench_json_count(json, "blocks", settings->blocks);
    bench_json_number(json, "duration_s", settings->duration_s);
    bench_json_count(json, "connections", settings->connections);
    bench_json_count(json, "latency_connections", settings->latency_connections);
    bench_json_count(json, "threads", settings->threads);
    bench_json_text(json, "seed", seed);
    bench_json_count(json, "latency_blocks", settings->latency_blocks);
    bench_json_number(json, "slo_quantile", settings->slo_quantile);
    bench_json_number(json, "slo_limit_us", settings->slo_limit_us);
    bench_json_number(json, "slo_rate_rps", settings->slo_rate_rps);
    bench_json_close(json, '}');
}

/* The workload's name is for other readers: it need not be unique. */
static void write_trial(struct bench_json *json, const struct results_settings *settings,
                        const struct trial *trial)
{
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "workload", settings->workloads[trial->workload]);
    bench_json_count(json, "workload_index", trial->workload);
    bench_json_count(json, "workers", trial->workers);
    bench_json_text(json, "experiment", experiment_name(trial->experiment));
    bench_json_number(json, "rate_rps", trial->rate_rps);
    bench_json_count(json, "block", trial->block);
    bench_json_count(json, "place", trial->place);
    bench_json_bool(json, "control", trial->control);
    bench_json_bool(json, "complete", trial->complete);
    bench_json_text(json, "problem", trial->problem);
    bench_json_bool(json, "usable", trial_usable(trial));
    bench_json_open(json, "measurement", '{');
    measurement_write(json, &trial->measurement);
    bench_json_close(json, '}');
    bench_json_open(json, "server", '{');
    bench_json_bool(json, "stopped_cleanly", trial->stopped_cleanly);
    server_figures_write(json, &trial->server);
    bench_json_close(json, '}');
    bench_json_close(json, '}');
}

void results_write_json(const struct results *results, struct analysis *const *analyses,
                        struct byte_buffer *out)
{
    struct bench_json json = {.out = out};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", RESULTS_SCHEMA);
    bench_json_text(&json, "crew_version", results->crew_version);
    bench_json_text(&json, "started_utc", results->started_utc);
    bench_host_write(&json, &results->host);
    write_settings(&json, &results->settings);
    bench_json_number(&json, "cpu_iterations_per_us", results->cpu_iterations_per_us);
    bench_json_number(&json, "elapsed_s", results->elapsed_s);
    bench_json_bool(&json, "complete", results->complete);
    bench_json_open(&json, "summaries", '[');
    for (size_t i = 0; analyses != NULL && i < results->settings.workload_count; i++)
        if (analyses[i] != NULL)
            analysis_write(&json, analyses[i]);
    bench_json_close(&json, ']');
    bench_json_open(&json, "trials", '[');
    for (size_t i = 0; i < results->trial_count; i++)
        write_trial(&json, &results->settings, &results->trials[i]);
    bench_json_close(&json, ']');
    bench_json_close(&json, '}');
}
