/* SPDX-License-Identifier: MIT */
#include "server/request_run.h"

#include "common/clock.h"
#include "server/server.h"

static void count_command(struct command_statistics *command, const struct request_run *run,
                          uint64_t took_ns)
{
    statistics_add(&command->calls, run->calls);
    statistics_add(&command->time_ns, took_ns * run->calls / (run->calls + run->rejected));
    statistics_add(&command->failed_calls, run->failed);
    statistics_add(&command->rejected_calls, run->rejected);
}

void request_run_end(struct worker *worker)
{
    struct worker_statistics *statistics = &worker->statistics;
    struct request_run run = worker->run;
    uint32_t requests = run.calls + run.rejected;
    if (requests == 0)
        return;
    worker->run = (struct request_run){0};
    uint64_t ended_ns = monotonic_ns();
    uint64_t took_ns = ended_ns - worker->now_ns;
    worker->now_ns = ended_ns;
    /* A reset amid this visit, perhaps by this run, must not take later requests with it. */
    worker_statistics_follow(statistics, &worker->server->epoch);
    if (run.calls > 0)
        worker->service_ns = overload_follow_service(worker->service_ns, took_ns);
    statistics_add(&statistics->requests_total, requests);
    statistics_add(&statistics->errors_total, run.failed + run.rejected);
    histogram_record_evenly(&statistics->service, took_ns, requests);
    if (run.entry != NULL) {
        size_t number = (size_t)(run.entry - worker->server->commands.entries);
        count_command(&statistics->commands[number], &run, took_ns);
    }
}

void request_run_join(struct worker *worker, const struct command_entry *entry)
{
    if (worker->run.entry == entry)
        return;
    request_run_end(worker);
    worker->run.entry = entry;
}

void request_run_add(struct request_run *run, bool ran, bool is_error)
{
    if (!ran) {
        run->rejected++;
        return;
    }
    run->calls++;
    run->failed += is_error ? 1 : 0;
}
