/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_settings.h"

#include "bench/engine/engine.h"
#include "bench/engine/workload.h"
#include "common/clock.h"
#include "common/quantity.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct sweep_settings, name)

static const struct option options[] = {
    {"workers", 'N', OPTION_TEXT, FIELD(workers_text), 0, 0, NULL, "1,2,4,8", "counts",
     "Worker counts to compare, separated by commas."},
    {"workload", 'w', OPTION_LIST, FIELD(workloads), 0, 0, NULL, "sleep:2ms", "workload",
     "What to request: " WORKLOAD_HELP ". May be given several times."},
    {"duration", 'd', OPTION_DURATION, FIELD(duration_ns), INT64_C(10) * NS_PER_MS,
     INT64_C(3600) * NS_PER_S, NULL, "2s", "time",
     "Measured time of each trial, after a short warm-up."},
    {"rounds", 'r', OPTION_INTEGER, FIELD(rounds), 1, 1000, NULL, "3", "count",
     "How often each worker count is tried; every round has its own order."},
    {"connections", 'c', OPTION_INTEGER, FIELD(connections), 1, 16000, NULL, NULL, "count",
     "Requests outstanding, one per connection. Default: twice the largest worker count."},
    {"threads", 'T', OPTION_INTEGER, FIELD(threads), 1, ENGINE_THREAD_LIMIT, NULL, "1", "count",
     "Threads that generate the load."},
    {"seed", 's', OPTION_INTEGER, FIELD(seed), 0, INT64_MAX, NULL, "1", "number",
     "Decides the order within the rounds."},
    {"timeout", 0, OPTION_DURATION, FIELD(timeout_ns), INT64_C(10) * NS_PER_MS,
     INT64_C(3600) * NS_PER_S, NULL, "10s", "time",
     "Longest time for a server to start, to stop, and without any reply."},
    {"server-program", 0, OPTION_TEXT, FIELD(server_program_option), 0, 0, NULL, NULL, "path",
     "crew-server to start. Default: the one beside crew-bench."},
    {"json", 0, OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Also write settings, trials and summary as JSON."},
    {"csv", 0, OPTION_TEXT, FIELD(csv), 0, 0, NULL, NULL, "file",
     "Also write one line per trial as CSV."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench sweep",
    .synopsis = "[options]",
    .description =
        "Answers: how many workers should this pool have? Starts a fresh crew-server per trial, "
        "loads\n"
        "each with the same number of outstanding requests, and reports throughput, response "
        "times,\n"
        "how busy the workers were, how long requests queued and what they cost in CPU time.\n"
        "\n"
        "Recommends the smallest count whose median throughput is within 5 % of the best, or "
        "within\n"
        "the spread of its rounds if that is larger.\n"
        "\n"
        "Ctrl-C ends the sweep early and reports the trials that are complete.\n"
        "Exit status: 0 good; 1 there were errors, or it is incomplete; 2 wrong use, or no server.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples =
        "  crew-bench sweep                                     blocking work, 1 to 8 workers\n"
        "  crew-bench sweep -N 1,2,3,4,6,8 -w cpu:200us -w lock:50us\n"
        "  crew-bench sweep -w sleep:5ms -N 8,16,32,64 -r 10 -d 5s --json sweep.json\n"
        "  crew-bench sweep -w 'cmd:GREET' --csv trials.csv\n",
};

static bool insert_count(struct sweep_settings *settings, unsigned workers)
{
    size_t at = 0;
    while (at < settings->worker_counts && settings->workers[at] < workers)
        at++;
    if (settings->worker_counts == SWEEP_COUNT_LIMIT ||
        (at < settings->worker_counts && settings->workers[at] == workers))
        return false;
    memmove(&settings->workers[at + 1], &settings->workers[at],
            (settings->worker_counts - at) * sizeof(settings->workers[0]));
    settings->workers[at] = workers;
    settings->worker_counts++;
    return true;
}

static bool parse_workers(struct sweep_settings *settings, char *error)
{
    const char *at = settings->workers_text;
    for (;;) {
        char word[8];
        size_t size = strcspn(at, ",");
        int64_t workers = 0;
        bool good = size < sizeof(word);
        if (good) {
            memcpy(word, at, size);
            word[size] = '\0';
            good = quantity_parse_integer(word, &workers) && workers >= 1 &&
                   workers <= SWEEP_WORKERS_LIMIT && insert_count(settings, (unsigned)workers);
        }
        if (!good) {
            snprintf(error, OPTION_ERROR_SIZE,
                     "--workers: '%.80s' is not allowed: it takes up to %d different integers from "
                     "1 to %d, such as 1,2,4,8",
                     settings->workers_text, (int)SWEEP_COUNT_LIMIT, (int)SWEEP_WORKERS_LIMIT);
            return false;
        }
        if (at[size] == '\0')
            return true;
        at += size + 1;
    }
}

/* The server that was built together with this program is the one to measure. */
static bool find_server(struct sweep_settings *settings, char *error)
{
    char *path = settings->server_program;
    if (settings->server_program_option != NULL) {
        snprintf(path, PATH_MAX, "%s", settings->server_program_option);
    } else {
        static const char name[] = "crew-server";
        ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - sizeof(name));
        path[size > 0 ? size : 0] = '\0';
        char *slash = strrchr(path, '/');
        memcpy(slash != NULL ? slash + 1 : path, name, sizeof(name));
    }
    if (access(path, X_OK) == 0)
        return true;
    snprintf(error, OPTION_ERROR_SIZE, "cannot run the server %.150s: %s (see --server-program)",
             path, strerror(errno));
    return false;
}

static enum options_result work_out(struct sweep_settings *settings, char *error)
{
    if (!parse_workers(settings, error) || !find_server(settings, error))
        return OPTIONS_BAD;
    int64_t least_connections = 2 * (int64_t)settings->workers[settings->worker_counts - 1];
    if (settings->connections == 0)
        settings->connections = least_connections;
    if (settings->connections < least_connections) {
        /* With fewer, the clients and not the workers would be what is compared. */
        snprintf(error, OPTION_ERROR_SIZE,
                 "--connections: '%lld' is not allowed: it takes at least %lld, twice the largest "
                 "worker count",
                 (long long)settings->connections, (long long)least_connections);
        return OPTIONS_BAD;
    }
    static const int64_t least_ns = INT64_C(100) * NS_PER_MS;
    int64_t warm_up_ns = settings->duration_ns / 5;
    if (warm_up_ns < least_ns)
        warm_up_ns = least_ns;
    settings->warm_up_ns = warm_up_ns < INT64_C(2) * NS_PER_S ? warm_up_ns : INT64_C(2) * NS_PER_S;
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
