/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_settings.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_number.h"
#include "bench/base/slo.h"
#include "bench/commands/server_choice.h"
#include "bench/commands/worker_list.h"
#include "bench/engine/engine.h"
#include "bench/engine/workload.h"
#include "common/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct sweep_settings, name)

enum { LATENCY_CONNECTIONS = 256, QUICK_BLOCKS = 6, QUICK_LATENCY_BLOCKS = 2 };

static const struct option options[] = {
    {"workers", 'N', OPTION_TEXT, FIELD(workers_text), 0, 0, NULL, "1,2,4,8", "counts",
     "Worker counts to compare, separated by commas."},
    {"workload", 'w', OPTION_LIST, FIELD(workloads), 0, 0, NULL, "sleep:2ms", "workload",
     "What to request: " WORKLOAD_HELP ". May be given several times."},
    {"quick", 'q', OPTION_FLAG, FIELD(quick), 0, 0, NULL, NULL, NULL,
     "A first answer within a minute: 6 blocks and 2 latency blocks of short trials, two rates."},
    {"blocks", 'b', OPTION_INTEGER, FIELD(blocks), 1, 1000, NULL, "10", "count",
     "How often each worker count is tried; every block has its own order. Fewer than 6 support "
     "only provisional statements."},
    {"duration", 'd', OPTION_DURATION, FIELD(duration_ns), INT64_C(10) * NS_PER_MS,
     INT64_C(3600) * NS_PER_S, NULL, "2s", "time", "Measured time of each trial, after a warm-up."},
    {"connections", 'c', OPTION_INTEGER, FIELD(connections), 1, 16000, NULL, NULL, "count",
     "Requests outstanding in the closed loop, one per connection. Default: twice the largest "
     "worker count."},
    {"threads", 'T', OPTION_INTEGER, FIELD(threads), 1, ENGINE_THREAD_LIMIT, NULL, "1", "count",
     "Threads that generate the load."},
    {"latency-blocks", 'l', OPTION_INTEGER, FIELD(latency_blocks), 0, 1000, NULL, "3", "count",
     "How often each worker count is tried at each rate in the open loop; 0 leaves that out."},
    {"rates", 0, OPTION_TEXT, FIELD(shares_text), 0, 0, NULL, "0.3,0.5,0.7,0.8,0.9", "shares",
     "Rates of the open loop, as shares of the highest capacity that was measured."},
    {"reference", 0, OPTION_INTEGER, FIELD(reference), 1, WORKER_LIST_LARGEST, NULL, NULL,
     "workers",
     "Worker count that others are compared with, tried twice per block. Default: the one nearest "
     "to the CPUs."},
    {"slo", 0, OPTION_TEXT, FIELD(slo_text), 0, 0, NULL, NULL, "limit",
     "Only worker counts that keep this are recommended: p99<10ms, p99.9<50ms, p50<1ms."},
    {"slo-rate", 0, OPTION_TEXT, FIELD(slo_rate_text), 0, 0, NULL, NULL, "requests/s",
     "Rate at which --slo must hold. Default: the highest of --rates that the best count serves."},
    {"seed", 's', OPTION_INTEGER, FIELD(seed), 0, INT64_MAX, NULL, "1", "number",
     "Decides the order within the blocks, arrival times and random work."},
    {"timeout", 0, OPTION_DURATION, FIELD(timeout_ns), INT64_C(10) * NS_PER_MS,
     INT64_C(3600) * NS_PER_S, NULL, "10s", "time",
     "Longest time for a server to start, to stop, and without any reply."},
    {"server-program", 0, OPTION_TEXT, FIELD(server_program_option), 0, 0, NULL, NULL, "path",
     "crew-server to start. Default: the one beside crew-bench."},
    {"json", 0, OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Keep everything here, after each block, for report, compare and --resume."},
    {"resume", 0, OPTION_TEXT, FIELD(resume), 0, 0, NULL, NULL, "file",
     "Go on with the sweep that this --json file holds, on the same machine: with its settings, "
     "whatever is given beside, and the trials that it lacks."},
    {"html", 0, OPTION_TEXT, FIELD(html), 0, 0, NULL, NULL, "file",
     "Also write the report with its pictures, as `crew-bench report` does."},
    {"csv", 0, OPTION_TEXT, FIELD(csv), 0, 0, NULL, NULL, "file",
     "Also write one line per trial as CSV."},
    {"series-csv", 0, OPTION_TEXT, FIELD(series_csv), 0, 0, NULL, NULL, "file",
     "Also write one line per trial and interval as CSV."},
    {"benchstat", 0, OPTION_TEXT, FIELD(benchstat), 0, 0, NULL, NULL, "file",
     "Also write one line per trial as Go's benchmarks do, for benchstat."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench sweep",
    .synopsis = "[options]",
    .description =
        "Answers: how many workers should this pool have, and how sure is that? Starts a fresh\n"
        "crew-server for every trial and makes two experiments for each workload:\n"
        "\n"
        "  capacity   closed loop, the same number of requests outstanding for every count;\n"
        "             blocks in random order, the reference count twice per block (A/A control)\n"
        "  latency    open loop, Poisson arrivals, the same rates for every count\n"
        "\n"
        "Recommends the fewest workers that are shown to be within 2 % of the best, with what\n"
        "cannot be told apart. Trials that cannot be trusted are refused, and it says why.\n"
        "\n"
        "Ctrl-C ends the sweep early and reports the trials that are complete.\n"
        "Exit status: 0 good; 1 there were errors, or it is incomplete; 2 wrong use, or no "
        "server;\n"
        "3 nothing could be determined for at least one workload.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples =
        "  crew-bench sweep --quick                             blocking work, 1 to 8 workers\n"
        "  crew-bench sweep -N 1,2,3,4,6,8 -w cpu:200us -w lock:50us\n"
        "  crew-bench sweep -w sleep:5ms -N 8,16,32,64 -d 5s --json sweep.json --html sweep.html\n"
        "  crew-bench sweep -w mix:90%ping,10%sleep:10ms --slo 'p99<50ms' --slo-rate 2000\n"
        "  crew-bench sweep --resume sweep.json\n",
};

static bool refuse(char *error, const char *option, const char *value, const char *rule)
{
    snprintf(error, OPTION_ERROR_SIZE, "--%s: '%.80s' is not allowed: %s", option, value, rule);
    return false;
}

static bool parse_workers(struct sweep_settings *settings, char *error)
{
    struct results_settings *results = &settings->results;
    return worker_list_parse(settings->workers_text, results->workers, &results->count) ||
           refuse(error, "workers", settings->workers_text, WORKER_LIST_RULE);
}

static bool parse_shares(struct sweep_settings *settings, char *error)
{
    struct results_settings *results = &settings->results;
    char word[WORKER_LIST_WORD_SIZE];
    const char *at = settings->shares_text;
    while (results->share_count < RESULTS_SHARE_LIMIT && worker_list_word(&at, word)) {
        char *end = NULL;
        double share = strtod(word, &end);
        double before = results->share_count > 0 ? results->shares[results->share_count - 1] : 0;
        if (*end != '\0' || !(share > before) || share > 2)
            break;
        results->shares[results->share_count++] = share;
        if (*at == '\0')
            return true;
    }
    return refuse(error, "rates", settings->shares_text,
                  "it takes up to 8 rising shares of the best capacity, such as 0.3,0.5,0.9");
}

static bool parse_slo(struct sweep_settings *settings, char *error)
{
    struct results_settings *results = &settings->results;
    results->slo_quantile = NAN;
    results->slo_limit_us = NAN;
    results->slo_rate_rps = NAN;
    if (settings->slo_text != NULL &&
        !slo_parse(settings->slo_text, &results->slo_quantile, &results->slo_limit_us))
        return refuse(error, "slo", settings->slo_text, SLO_RULE);
    if (settings->slo_rate_text == NULL)
        return true;
    if (settings->slo_text == NULL)
        return refuse(error, "slo-rate", settings->slo_rate_text, "it needs --slo");
    if (!bench_rate_parse(settings->slo_rate_text, &results->slo_rate_rps))
        return refuse(error, "slo-rate", settings->slo_rate_text,
                      "it takes requests per second, such as 500 or 2.5k");
    return true;
}

static bool choose_reference(struct sweep_settings *settings, char *error)
{
    struct results_settings *results = &settings->results;
    struct bench_host host;
    bench_host_take(&host);
    double wanted = settings->reference > 0 ? (double)settings->reference : host.cpus;
    unsigned nearest = results->workers[0];
    for (size_t i = 1; i < results->count; i++)
        if (fabs(results->workers[i] - wanted) < fabs(nearest - wanted))
            nearest = results->workers[i];
    results->reference = nearest;
    if (settings->reference == 0 || settings->reference == (int64_t)nearest)
        return true;
    snprintf(error, OPTION_ERROR_SIZE, "--reference: '%lld' is not one of --workers %.150s",
             (long long)settings->reference, settings->workers_text);
    return false;
}

static bool choose_connections(struct sweep_settings *settings, char *error)
{
    struct results_settings *results = &settings->results;
    int64_t least = 2 * (int64_t)results->workers[results->count - 1];
    if (settings->connections > 0 && settings->connections < least) {
        /* With fewer, the clients and not the workers would be what is compared. */
        snprintf(error, OPTION_ERROR_SIZE,
                 "--connections: '%lld' is not allowed: it takes at least %lld, twice the largest "
                 "worker count",
                 (long long)settings->connections, (long long)least);
        return false;
    }
    results->connections = (size_t)(settings->connections > 0 ? settings->connections : least);
    /* A request behind another on its connection would wait for it, whatever the workers do. */
    results->latency_connections =
        results->connections > LATENCY_CONNECTIONS ? results->connections : LATENCY_CONNECTIONS;
    return true;
}

static bool copy_workloads(struct sweep_settings *settings, char *error)
{
    struct results_settings *results = &settings->results;
    for (size_t i = 0; i < settings->workloads.count; i++) {
        if (strlen(settings->workloads.items[i]) >= RESULTS_TEXT_SIZE)
            return refuse(error, "workload", settings->workloads.items[i], "it is too long");
        snprintf(results->workloads[i], RESULTS_TEXT_SIZE, "%s", settings->workloads.items[i]);
    }
    results->workload_count = settings->workloads.count;
    return true;
}

static void be_quick(struct sweep_settings *settings)
{
    settings->blocks = QUICK_BLOCKS;
    settings->latency_blocks = QUICK_LATENCY_BLOCKS;
    settings->duration_ns = INT64_C(400) * NS_PER_MS;
    settings->shares_text = "0.5,0.8";
}

static enum options_result work_out(struct sweep_settings *settings, char *error)
{
    if (!server_choice_find(settings->server_program_option, settings->server_program, error))
        return OPTIONS_BAD;
    if (settings->resume != NULL) {
        if (settings->json == NULL)
            settings->json = settings->resume;
        return OPTIONS_OK;
    }
    if (settings->quick)
        be_quick(settings);
    if (!parse_workers(settings, error) || !parse_shares(settings, error) ||
        !parse_slo(settings, error) || !choose_reference(settings, error) ||
        !choose_connections(settings, error) || !copy_workloads(settings, error))
        return OPTIONS_BAD;
    struct results_settings *results = &settings->results;
    results->blocks = (unsigned)settings->blocks;
    results->latency_blocks = (unsigned)settings->latency_blocks;
    results->duration_s = (double)settings->duration_ns / NS_PER_S;
    results->threads = (size_t)settings->threads;
    results->seed = (uint64_t)settings->seed;
    return OPTIONS_OK;
}

int sweep_settings_read(struct sweep_settings *settings, int argc, char **argv)
{
    *settings = (struct sweep_settings){0};
    options_set_defaults(&table, settings);
    int status = options_handle(&table, settings, argc, argv);
    if (status >= 0)
        return status;
    char error[OPTION_ERROR_SIZE];
    return options_exit_status(&table, work_out(settings, error), error);
}
