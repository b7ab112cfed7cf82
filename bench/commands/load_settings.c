/* SPDX-License-Identifier: MIT */
#include "bench/commands/load_settings.h"

#include "bench/base/bench_number.h"
#include "bench/engine/engine.h"
#include "bench/engine/workload.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/password_variable.h"

#define FIELD(name) offsetof(struct load_settings, name)

static const int64_t default_duration_ns = INT64_C(10) * NS_PER_S;
static const int64_t longest_warm_up_ns = INT64_C(5) * NS_PER_S;
static const int64_t default_inflight = 10000;

static const struct option options[] = {
    {"target", 't', OPTION_TEXT, FIELD(target), 0, 0, NULL, ENDPOINT_DEFAULT, "url",
     "Server to load: tcp://host:port, tls://host:port, unix:///path or raw://host:port. The "
     "environment variable " PASSWORD_VARIABLE " has the password if it asks for one."},
    TLS_CLIENT_OPTIONS(FIELD(tls)),
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
    {"warmup", 'W', OPTION_DURATION, FIELD(warm_up_ns), 0, INT64_C(3600) * NS_PER_S, NULL, NULL,
     "time",
     "Load before the measured time, shown but not counted. Default: a tenth of the duration, at "
     "most 5s."},
    {"rate", 'R', OPTION_TEXT, FIELD(rate_text), 0, 0, NULL, NULL, "requests/s",
     "Open loop: send this many requests a second, whatever the server does. 500, 2.5k, 1m."},
    {"arrivals", 0, OPTION_CHOICE, FIELD(arrivals), 0, 0, "poisson|constant", "poisson", "choice",
     "Open loop: at random, as independent users come, or evenly spaced."},
    {"inflight", 0, OPTION_INTEGER, FIELD(inflight), 1, 1000000, NULL, NULL, "requests",
     "Open loop: most requests outstanding; those due beyond that are held back and counted. "
     "Default: 10000, or the connections if those are more."},
    {"seed", 's', OPTION_INTEGER, FIELD(seed), 0, INT64_MAX, NULL, "1", "number",
     "Decides arrival times, mixes and random times of work."},
    {"json", 0, OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Also write the results as JSON."},
    {"csv", 0, OPTION_TEXT, FIELD(series_csv), 0, 0, NULL, NULL, "file",
     "Also write the course over time as CSV, a line per interval."},
    {"hgrm", 0, OPTION_TEXT, FIELD(hgrm), 0, 0, NULL, NULL, "file",
     "Also write the response times as a percentile distribution of HdrHistogram."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench load",
    .synopsis = "[options]",
    .description =
        "Measures a server that speaks RESP (crew-server, redis, ...) or, with raw://, one that\n"
        "answers a message and closes. Every reply is checked; errors are counted apart and are\n"
        "part of neither throughput nor response times.\n"
        "\n"
        "Without --rate the loop is closed: connections times pipeline requests are outstanding\n"
        "all the time. That measures capacity. Its response times hold only for this many\n"
        "outstanding requests: a slow reply delays the requests after it instead of piling them "
        "up.\n"
        "\n"
        "With --rate the loop is open: requests are due by the clock, as users come. Response\n"
        "times count from when a request was due, so a stall shows in full; wire times count from\n"
        "when it was sent, and the lag between the two is the generator's own.\n"
        "\n"
        "What cannot be trusted is refused with its reasons. A backlog that grows is reported as\n"
        "unstable, without percentiles: they would only say how long the run was.\n"
        "\n"
        "Ctrl-C ends the run early and reports what was measured so far.\n"
        "Exit status: 0 measured, all replies right; 1 there were errors; 2 wrong use, or no "
        "connection; 3 refused.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples =
        "  crew-bench load                                  PING, 50 connections, 10 seconds\n"
        "  crew-bench load -w sleep:10ms -c 200 -d 30s      200 requests that block for 10 ms "
        "each\n"
        "  crew-bench load -w echo:1k -P 16 -n 1000000      a million echoes, 16 in flight each\n"
        "  crew-bench load -w 'cmd:ECHO \"a b\"' --json r.json\n"
        "  crew-bench load -R 5000 -d 30s -w mix:90%ping,10%sleep:10ms\n"
        "  crew-bench load -t tcp://127.0.0.1:6379          any other RESP server\n"
        "  crew-bench load -t raw://127.0.0.1:12345 -w 'text:Hello from client!'\n",
};

static enum options_result refuse(char *error, const char *reason)
{
    snprintf(error, OPTION_ERROR_SIZE, "%s", reason);
    return OPTIONS_BAD;
}

static enum options_result check_rate(struct load_settings *settings, char *error)
{
    if (settings->rate_text == NULL && settings->inflight > 0)
        return refuse(error, "--inflight is for an open loop: give --rate too");
    if (settings->rate_text == NULL)
        return OPTIONS_OK;
    if (!bench_rate_parse(settings->rate_text, &settings->rate_rps)) {
        snprintf(error, OPTION_ERROR_SIZE,
                 "--rate: '%.80s' is not allowed: it takes requests per second from 0.01 to 10m, "
                 "such as 500, 2.5k or 1m",
                 settings->rate_text);
        return OPTIONS_BAD;
    }
    if (settings->pipeline > 1)
        return refuse(error, "--pipeline is for a closed loop: with --rate give --inflight");
    if (settings->inflight > 0 && settings->inflight < settings->threads)
        return refuse(error, "--inflight has to be at least --threads, which share it");
    if (settings->inflight == 0)
        settings->inflight =
            settings->connections > default_inflight ? settings->connections : default_inflight;
    return OPTIONS_OK;
}

/* What no single option can say about itself. */
static enum options_result check(struct load_settings *settings, char *error)
{
    if (settings->duration_ns > 0 && settings->requests > 0)
        return refuse(error, "--duration and --requests both end the run: give one of them");
    if (settings->duration_ns == 0 && settings->requests == 0)
        settings->duration_ns = default_duration_ns;
    if (settings->requests > 0 && settings->warm_up_ns > 0)
        return refuse(error, "--warmup is for runs that a time ends: with --requests all count");
    if (settings->warm_up_ns < 0) {
        int64_t tenth_ns = settings->duration_ns / 10;
        settings->warm_up_ns = tenth_ns < longest_warm_up_ns ? tenth_ns : longest_warm_up_ns;
    }
    return check_rate(settings, error);
}

int load_settings_read(struct load_settings *settings, int argc, char **argv)
{
    *settings = (struct load_settings){.warm_up_ns = -1};
    options_set_defaults(&table, settings);
    int status = options_handle(&table, settings, argc, argv);
    if (status >= 0)
        return status;
    char error[OPTION_ERROR_SIZE];
    return options_exit_status(&table, check(settings, error), error);
}
