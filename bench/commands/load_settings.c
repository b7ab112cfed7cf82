/* SPDX-License-Identifier: MIT */
#include "bench/commands/load_settings.h"

#include "bench/engine/engine.h"
#include "bench/engine/workload.h"
#include "common/clock.h"
#include "common/endpoint.h"

#define FIELD(name) offsetof(struct load_settings, name)

static const int64_t default_duration_ns = INT64_C(10) * NS_PER_S;

static const struct option options[] = {
    {"target", 't', OPTION_TEXT, FIELD(target), 0, 0, NULL, ENDPOINT_DEFAULT, "url",
     "Server to load: tcp://host:port or unix:///path."},
    {"workload", 'w', OPTION_TEXT, FIELD(workload), 0, 0, NULL, "ping", "workload",
     "What to request: " WORKLOAD_HELP "."},
    {"connections", 'c', OPTION_INTEGER, FIELD(connections), 1, 65536, NULL, "50", "count",
     "Connections to open."},
    {"threads", 'T', OPTION_INTEGER, FIELD(threads), 1, ENGINE_THREAD_LIMIT, NULL, "1", "count",
     "Threads that the connections are spread over."},
    {"pipeline", 'P', OPTION_INTEGER, FIELD(pipeline), 1, 65536, NULL, "1", "requests",
     "Requests outstanding on each connection."},
    {"duration", 'd', OPTION_DURATION, FIELD(duration_ns), NS_PER_MS, INT64_C(86400) * NS_PER_S,
     NULL, NULL, "time", "How long to run: 30s, 2m. Default: 10s, unless --requests is given."},
    {"requests", 'n', OPTION_INTEGER, FIELD(requests), 1, INT64_MAX / 2, NULL, NULL, "count",
     "Stop after this many requests instead of a time."},
    {"timeout", 0, OPTION_DURATION, FIELD(timeout_ns), NS_PER_MS, INT64_C(86400) * NS_PER_S, NULL,
     "10s", "time", "Longest time to connect, and longest time without any reply."},
    {"json", 0, OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Also write the results as JSON."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench load",
    .synopsis = "[options]",
    .description =
        "Loads a server that speaks RESP (crew-server, redis, ...) in a closed loop: the same "
        "number\n"
        "of requests, connections times pipeline, is outstanding all the time. Every reply is "
        "checked;\n"
        "errors are counted apart and are part of neither throughput nor response times.\n"
        "\n"
        "A closed loop measures capacity. Its response times hold only for this many outstanding\n"
        "requests: a slow reply delays the requests after it instead of piling them up.\n"
        "\n"
        "Ctrl-C ends the run early and reports what was measured so far.\n"
        "Exit status: 0 all replies were right; 1 there were errors; 2 wrong use, or no "
        "connection.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples =
        "  crew-bench load                                  PING, 50 connections, 10 seconds\n"
        "  crew-bench load -w sleep:10ms -c 200 -d 30s      200 requests that block for 10 ms "
        "each\n"
        "  crew-bench load -w echo:1k -P 16 -n 1000000      a million echoes, 16 in flight each\n"
        "  crew-bench load -w 'cmd:ECHO \"a b\"' --json r.json\n"
        "  crew-bench load -t tcp://127.0.0.1:6379          any other RESP server\n",
};

/* What no single option can say about itself. */
static enum options_result check(struct load_settings *settings, char *error)
{
    if (settings->duration_ns > 0 && settings->requests > 0) {
        snprintf(error, OPTION_ERROR_SIZE,
                 "--duration and --requests both end the run: give one of them");
        return OPTIONS_BAD;
    }
    if (settings->duration_ns == 0 && settings->requests == 0)
        settings->duration_ns = default_duration_ns;
    return OPTIONS_OK;
}

int load_settings_read(struct load_settings *settings, int argc, char **argv)
{
    *settings = (struct load_settings){0};
    options_set_defaults(&table, settings);
    int status = options_handle(&table, settings, argc, argv);
    if (status >= 0)
        return status;
    char error[OPTION_ERROR_SIZE];
    return options_exit_status(&table, check(settings, error), error);
}
