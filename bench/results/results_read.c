/* SPDX-License-Identifier: MIT */
#include "bench/results/json_reader.h"
#include "bench/results/load_file.h"
#include "bench/results/measurement_json.h"
#include "bench/results/results_file.h"
#include "bench/results/server_json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRIAL_LIMIT = 1000000,
    WORKER_LIMIT = 65536,
    BLOCK_LIMIT = 1000000,
    CONNECTION_LIMIT = 1000000,
};

static void read_workloads(const struct json_place *place, struct results_settings *settings)
{
    struct json_place at =
        json_read_array(place, "workloads", RESULTS_WORKLOAD_LIMIT, &settings->workload_count);
    for (size_t i = 0; i < settings->workload_count; i++) {
        struct json_place element = json_read_element(&at, i);
        json_read_name(&element, NULL, settings->workloads[i], RESULTS_TEXT_SIZE);
    }
    if (settings->workload_count == 0)
        json_reader_refuse(place, "workloads", "it is empty");
}

static bool has_count(const struct results_settings *settings, unsigned workers)
{
    for (size_t i = 0; i < settings->count; i++)
        if (settings->workers[i] == workers)
            return true;
    return false;
}

static void read_workers(const struct json_place *place, struct results_settings *settings)
{
    struct json_place at = json_read_array(place, "workers", RESULTS_COUNT_LIMIT, &settings->count);
    for (size_t i = 0; i < settings->count; i++) {
        struct json_place element = json_read_element(&at, i);
        settings->workers[i] = (unsigned)json_read_count(&element, NULL, 1, WORKER_LIMIT);
        if (i > 0 && settings->workers[i] <= settings->workers[i - 1])
            json_reader_refuse(&element, NULL, "worker counts must rise");
    }
    if (settings->count == 0)
        json_reader_refuse(place, "workers", "it is empty");
    settings->reference = (unsigned)json_read_count(place, "reference", 1, WORKER_LIMIT);
    if (!has_count(settings, settings->reference))
        json_reader_refuse(place, "reference", "%u is none of the worker counts",
                           settings->reference);
}

static void read_shares(const struct json_place *place, struct results_settings *settings)
{
    struct json_place at =
        json_read_array(place, "shares", RESULTS_SHARE_LIMIT, &settings->share_count);
    for (size_t i = 0; i < settings->share_count; i++) {
        struct json_place element = json_read_element(&at, i);
        settings->shares[i] = json_read_number(&element, NULL, 0, HUGE_VAL);
    }
}

static uint64_t read_seed(const struct json_place *place)
{
    char text[24];
    char *end = NULL;
    json_read_name(place, "seed", text, sizeof(text));
    errno = 0;
    unsigned long long seed = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
        json_reader_refuse(place, "seed", "it is not a decimal number of 64 bits");
    return seed;
}

static void read_settings(const struct json_place *place, struct results_settings *settings)
{
    struct json_place at = json_read_object(place, "settings");
    read_workloads(&at, settings);
    read_workers(&at, settings);
    read_shares(&at, settings);
    settings->blocks = (unsigned)json_read_count(&at, "blocks", 1, BLOCK_LIMIT);
    settings->duration_s = json_read_number(&at, "duration_s", 0, HUGE_VAL);
    settings->connections = json_read_count(&at, "connections", 0, CONNECTION_LIMIT);
    settings->latency_connections =
        json_read_count(&at, "latency_connections", 0, CONNECTION_LIMIT);
    settings->threads = json_read_count(&at, "threads", 0, CONNECTION_LIMIT);
    settings->seed = read_seed(&at);
    settings->latency_blocks = (unsigned)json_read_count(&at, "latency_blocks", 0, BLOCK_LIMIT);
    settings->slo_quantile = json_read_figure(&at, "slo_quantile");
    settings->slo_limit_us = json_read_figure(&at, "slo_limit_us");
    settings->slo_rate_rps = json_read_figure(&at, "slo_rate_rps");
}

static void read_plan(const struct json_place *place, const struct results_settings *settings,
                      struct trial *trial)
{
    char workload[RESULTS_TEXT_SIZE];
    size_t most = settings->workload_count > 0 ? settings->workload_count - 1 : 0;
    trial->workload = json_read_count(place, "workload_index", 0, most);
    json_read_name(place, "workload", workload, sizeof(workload));
    if (strcmp(workload, settings->workloads[trial->workload]) != 0)
        json_reader_refuse(place, "workload", "it contradicts workload_index");
    trial->workers = (unsigned)json_read_count(place, "workers", 1, WORKER_LIMIT);
    if (!has_count(settings, trial->workers))
        json_reader_refuse(place, "workers", "%u is none of the settings' worker counts",
                           trial->workers);
    trial->experiment = json_read_choice(place, "experiment", "capacity|latency") == 0
                            ? EXPERIMENT_CAPACITY
                            : EXPERIMENT_LATENCY;
    trial->rate_rps = json_read_figure(place, "rate_rps");
    if (trial->rate_rps <= 0 ||
        (trial->experiment == EXPERIMENT_CAPACITY && !isnan(trial->rate_rps)))
        json_reader_refuse(place, "rate_rps", "%g is not allowed here", trial->rate_rps);
    unsigned blocks =
        trial->experiment == EXPERIMENT_CAPACITY ? settings->blocks : settings->latency_blocks;
    trial->block = (unsigned)json_read_count(place, "block", 1, blocks);
    trial->place = (unsigned)json_read_count(place, "place", 1, TRIAL_LIMIT);
    trial->control = json_read_bool(place, "control");
}

static void read_trial(const struct json_place *place, const struct results_settings *settings,
                       struct trial *trial)
{
    struct json_place at = json_read_object(place, NULL);
    read_plan(&at, settings, trial);
    trial->complete = json_read_bool(&at, "complete");
    json_read_description(&at, "problem", trial->problem, sizeof(trial->problem));
    struct json_place measurement = json_read_object(&at, "measurement");
    measurement_read(&measurement, &trial->measurement);
    struct json_place server = json_read_object(&at, "server");
    trial->stopped_cleanly = json_read_bool(&server, "stopped_cleanly");
    server_figures_read(&server, &trial->server);
}

static void read_trials(const struct json_place *place, struct results *results)
{
    size_t count = 0;
    struct json_place at = json_read_array(place, "trials", TRIAL_LIMIT, &count);
    if (count == 0)
        return;
    results->trials = calloc(count, sizeof(*results->trials));
    if (results->trials == NULL) {
        json_reader_refuse(place, "trials", "out of memory");
        return;
    }
    results->trial_count = count;
    for (size_t i = 0; i < count; i++) {
        struct json_place element = json_read_element(&at, i);
        read_trial(&element, &results->settings, &results->trials[i]);
    }
}

bool results_read_document(struct json_reader *reader, struct results *results,
                           char error[BENCH_ERROR_SIZE])
{
    *results = (struct results){0};
    struct json_place place = json_read_document(reader);
    json_read_schema(&place, RESULTS_SCHEMA);
    json_read_name(&place, "crew_version", results->crew_version, sizeof(results->crew_version));
    json_read_name(&place, "started_utc", results->started_utc, sizeof(results->started_utc));
    bench_host_read(&place, &results->host);
    read_settings(&place, &results->settings);
    results->cpu_iterations_per_us = json_read_number(&place, "cpu_iterations_per_us", 0, HUGE_VAL);
    results->elapsed_s = json_read_number(&place, "elapsed_s", 0, HUGE_VAL);
    results->complete = json_read_bool(&place, "complete");
    read_trials(&place, results);
    bool good = json_reader_good(reader, error);
    if (!good)
        results_free(results);
    return good;
}

bool results_read(const char *path, struct results *results, char error[BENCH_ERROR_SIZE])
{
    *results = (struct results){0};
    struct json_reader *reader = json_reader_open(path, error);
    if (reader == NULL)
        return false;
    bool good = results_read_document(reader, results, error);
    json_reader_close(reader);
    return good;
}
