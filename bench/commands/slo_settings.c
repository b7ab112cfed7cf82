/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_settings.h"

#include "bench/base/slo.h"
#include "bench/commands/server_choice.h"
#include "bench/commands/worker_list.h"
#include "bench/engine/engine.h"
#include "common/clock.h"
#include "common/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct slo_settings, name)

static const char default_workers[] = "1,2,4,8";

static const struct option options[] = {
    {"workers", 'N', OPTION_TEXT, FIELD(workers_text), 0, 0, NULL, NULL, "counts",
     "Worker counts to search for, separated by commas. Default: 1,2,4,8."},
    {"workload", 'w', OPTION_TEXT, FIELD(workload), 0, 0, NULL, "sleep:2ms", "workload",
     "What to request: " WORKLOAD_HELP "."},
    {"target", 't', OPTION_TEXT, FIELD(target), 0, 0, NULL, NULL, "url",
     "Measure this running server instead of starting any: tcp://host:port, tls://host:port, "
     "unix:///path or raw://host:port. The environment variable CREW_PASSWORD has the password if "
     "it asks for one."},
    TLS_CLIENT_OPTIONS(FIELD(tls)),
    {"precision", 'p', OPTION_TEXT, FIELD(precision_text), 0, 0, NULL, "5%", "percent",
     "How far apart the highest rate that holds and the lowest that does not may be at the end."},
    {"repeats", 'r', OPTION_INTEGER, FIELD(repeats), 1, 99, NULL, "3", "count",
     "Trials at each rate, of which the majority decides; it ends early when it cannot change."},
    {"duration", 'd', OPTION_DURATION, FIELD(duration_ns), INT64_C(100) * NS_PER_MS,
     INT64_C(3600) * NS_PER_S, NULL, "2s", "time", "Measured time of each trial, after a warm-up."},
    {"max-duration", 0, OPTION_DURATION, FIELD(max_duration_ns), INT64_C(100) * NS_PER_MS,
     INT64_C(86400) * NS_PER_S, NULL, "20s", "time",
     "Trials are measured for longer than --duration where the percentile needs more requests or "
     "the limit more time, up to this."},
    {"connections", 'c', OPTION_INTEGER, FIELD(connections), 1, 16000, NULL, NULL, "count",
     "Connections to spread the requests over. Default: 256, or twice the largest worker count."},
    {"threads", 'T', OPTION_INTEGER, FIELD(threads), 1, ENGINE_THREAD_LIMIT, NULL, "1", "count",
     "Threads that generate the load."},
    {"seed", 's', OPTION_INTEGER, FIELD(seed), 0, INT64_MAX, NULL, "1", "number",
     "Decides arrival times and random work; each repeat adds one to it."},
    {"timeout", 0, OPTION_DURATION, FIELD(timeout_ns), INT64_C(10) * NS_PER_MS,
     INT64_C(3600) * NS_PER_S, NULL, "10s", "time",
     "Longest time for a server to start, to stop, and without any reply."},
    {"server-program", 0, OPTION_TEXT, FIELD(server_program_option), 0, 0, NULL, NULL, "path",
     "crew-server to start. Default: the one beside crew-bench."},
    {"json", 0, OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Also write the answers and every trial behind them as JSON."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench slo",
    .synopsis = "OBJECTIVE [options]",
    .description =
        "Answers: how many requests a second can this server take before p99<10ms no longer "
        "holds?\n"
        "The objective is any percentile and any limit: 'p99<10ms', 'p99.9<50ms', 'p50<300us'. "
        "Put\n"
        "it in quotes: a bare < is the shell's.\n"
        "\n"
        "A closed loop first measures the capacity. Then open loops with Poisson arrivals try one\n"
        "rate after another: a bracket, then its middle, until the highest rate that holds and "
        "the\n"
        "lowest that does not are close together. Each rate is decided by the majority of its\n"
        "repeats, and both ends are tried once more before they are believed. Rates whose repeats\n"
        "disagree widen the uncertainty that is printed.\n"
        "\n"
        "Requests that fail or are not sent for too many being outstanding count as over the "
        "limit.\n"
        "A backlog that grows is a miss. A trial that cannot be trusted is repeated twice; a rate\n"
        "where that does not help ends the search below it, and what is above is not determined.\n"
        "\n"
        "Each trial has a fresh crew-server, unless --target names a server that runs.\n"
        "\n"
        "Ctrl-C ends the search early and prints what is known by then.\n"
        "Exit status: 0 found; 1 there were errors, or it is incomplete; 2 wrong use, or no "
        "server;\n"
        "3 not determined, or no rate holds, for at least one worker count.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples =
        "  crew-bench slo 'p99<10ms'                             blocking work, 1 to 8 workers\n"
        "  crew-bench slo 'p99<50ms' -N 16 -w mix:90%ping,10%sleep:10ms\n"
        "  crew-bench slo 'p99.9<20ms' -N 8,16,32 -w sleep:exp:5ms --precision 2% --json slo.json\n"
        "  crew-bench slo 'p50<1ms' --target tcp://127.0.0.1:6379 -w ping -T 2\n",
};

static bool refuse(char *error, const char *option, const char *value, const char *rule)
{
    snprintf(error, OPTION_ERROR_SIZE, "%s: '%.80s' is not allowed: %s", option, value, rule);
    return false;
}

static bool parse_objective(struct slo_settings *settings, char *error)
{
    return slo_parse(settings->objective_text, &settings->objective.quantile,
                     &settings->objective.limit_us) ||
           refuse(error, "OBJECTIVE", settings->objective_text,
                  SLO_RULE " (in quotes, for < is the shell's)");
}

static bool parse_precision(struct slo_settings *settings, char *error)
{
    const char *text = settings->precision_text;
    char *end = NULL;
    /* Only plain decimals: strtod would also take "inf", "0x10", "1e1" and spaces before. */
    size_t digits = strspn(text, "0123456789.");
    settings->precision = strtod(text, &end) / 100;
    if (end == text + digits && strcmp(text + digits, "%") == 0 && settings->precision >= 0.005 &&
        settings->precision <= 0.5)
        return true;
    return refuse(error, "--precision", text, "it takes 0.5% to 50%, such as 5%");
}

static bool check_durations(struct slo_settings *settings, char *error)
{
    settings->window = (struct slo_window){
        .shortest_s = (double)settings->duration_ns / NS_PER_S,
        .longest_s = (double)settings->max_duration_ns / NS_PER_S,
    };
    if (settings->duration_ns <= settings->max_duration_ns)
        return true;
    snprintf(error, OPTION_ERROR_SIZE, "--max-duration: %gs is shorter than the --duration of %gs",
             settings->window.longest_s, settings->window.shortest_s);
    return false;
}

/* With fewer, a request could wait for the connection instead of a worker. */
static bool choose_connections(struct slo_settings *settings, char *error)
{
    enum { USUAL = 256 };
    int64_t least = settings->count > 0 ? 2 * (int64_t)settings->workers[settings->count - 1] : 1;
    if (settings->connections == 0)
        settings->connections = least > USUAL ? least : USUAL;
    if (settings->connections >= least)
        return true;
    snprintf(error, OPTION_ERROR_SIZE,
             "--connections: '%lld' is not allowed: it takes at least %lld, twice the largest "
             "worker count",
             (long long)settings->connections, (long long)least);
    return false;
}

/* A server is either started, by these options, or it runs already. */
static bool choose_server(struct slo_settings *settings, char *error)
{
    if (settings->target == NULL) {
        const char *text =
            settings->workers_text != NULL ? settings->workers_text : default_workers;
        return server_choice_find(settings->server_program_option, settings->server_program,
                                  error) &&
               (worker_list_parse(text, settings->workers, &settings->count) ||
                refuse(error, "--workers", text, WORKER_LIST_RULE));
    }
    const char *other = settings->workers_text != NULL            ? "--workers"
                        : settings->server_program_option != NULL ? "--server-program"
                                                                  : NULL;
    if (other == NULL)
        return true;
    snprintf(error, OPTION_ERROR_SIZE,
             "%s is for servers that are started here, and the one of --target runs already: give "
             "one of them",
             other);
    return false;
}

int slo_settings_read(struct slo_settings *settings, int argc, char **argv)
{
    *settings = (struct slo_settings){0};
    options_set_defaults(&table, settings);
    int status = options_handle_words(&table, settings, argc, argv, &settings->objective_text, 1);
    if (status >= 0)
        return status;
    char error[OPTION_ERROR_SIZE];
    bool good = parse_objective(settings, error) && parse_precision(settings, error) &&
                check_durations(settings, error) && choose_server(settings, error) &&
                choose_connections(settings, error);
    return options_exit_status(&table, good ? OPTIONS_OK : OPTIONS_BAD, error);
}
