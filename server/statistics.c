/* SPDX-License-Identifier: MIT */
#include "server/statistics.h"

#include "common/clock.h"

#include <errno.h>
#include <stdlib.h>

static void zero(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, 0, memory_order_relaxed);
}

int worker_statistics_init(struct worker_statistics *statistics, size_t command_count)
{
    statistics->commands = calloc(command_count, sizeof(*statistics->commands));
    statistics->command_count = command_count;
    return statistics->commands != NULL ? 0 : ENOMEM;
}

void worker_statistics_destroy(struct worker_statistics *statistics)
{
    free(statistics->commands);
}

static void clear_worker(struct worker_statistics *statistics)
{
    zero(&statistics->busy_ns);
    zero(&statistics->lock_wait_ns);
#define X(name) zero(&statistics->name);
    WORKER_COUNTERS(X)
#undef X
    for (size_t i = 0; i < CLOSE_REASON_COUNT; i++)
        zero(&statistics->closed[i]);
    histogram_reset(&statistics->queue_wait);
    histogram_reset(&statistics->service);
    for (size_t i = 0; i < statistics->command_count; i++) {
        zero(&statistics->commands[i].calls);
        zero(&statistics->commands[i].time_ns);
        zero(&statistics->commands[i].failed_calls);
        zero(&statistics->commands[i].rejected_calls);
    }
}

void worker_statistics_follow(struct worker_statistics *statistics,
                              const struct statistics_epoch *epoch)
{
    uint64_t current = statistics_load(&epoch->number);
    if (statistics_load(&statistics->epoch) == current)
        return;
    clear_worker(statistics);
    /* Release, with the acquire in worker_statistics_sum: who sees the epoch sees it emptied. */
    atomic_store_explicit(&statistics->epoch, current, memory_order_release);
}

void acceptor_statistics_follow(struct acceptor_statistics *statistics,
                                const struct statistics_epoch *epoch)
{
    uint64_t current = statistics_load(&epoch->number);
    if (statistics_load(&statistics->epoch) == current)
        return;
#define X(name) zero(&statistics->name);
    ACCEPTOR_COUNTERS(X)
#undef X
    atomic_store_explicit(&statistics->epoch, current, memory_order_release);
}

void statistics_begin_epoch(struct statistics_epoch *epoch)
{
    atomic_store_explicit(&epoch->started_ns, monotonic_ns(), memory_order_relaxed);
    atomic_fetch_add_explicit(&epoch->number, 1, memory_order_relaxed);
}

static void sum_commands(struct worker_statistics *sum, const struct worker_statistics *from)
{
    for (size_t i = 0; i < sum->command_count; i++) {
        struct command_statistics *into = &sum->commands[i];
        const struct command_statistics *more = &from->commands[i];
        statistics_add(&into->calls, statistics_load(&more->calls));
        statistics_add(&into->time_ns, statistics_load(&more->time_ns));
        statistics_add(&into->failed_calls, statistics_load(&more->failed_calls));
        statistics_add(&into->rejected_calls, statistics_load(&more->rejected_calls));
    }
}

/* How much of the time from `started_ns` to `ended_ns` lies in the present epoch. */
static uint64_t within_epoch_ns(const struct statistics_epoch *epoch, uint64_t started_ns,
                                uint64_t ended_ns)
{
    uint64_t epoch_ns = statistics_load(&epoch->started_ns);
    if (started_ns < epoch_ns)
        started_ns = epoch_ns;
    return ended_ns > started_ns ? ended_ns - started_ns : 0;
}

void worker_statistics_count_busy(struct worker_statistics *statistics,
                                  const struct statistics_epoch *epoch, uint64_t started_ns,
                                  uint64_t ended_ns)
{
    statistics_add(&statistics->busy_ns, within_epoch_ns(epoch, started_ns, ended_ns));
}

void worker_statistics_count_lock_wait(struct worker_statistics *statistics,
                                       const struct statistics_epoch *epoch, uint64_t waited_ns)
{
    worker_statistics_follow(statistics, epoch);
    statistics_add(&statistics->lock_wait_ns, waited_ns);
}

void worker_statistics_sum(struct worker_statistics *sum, const struct worker_statistics *from,
                           const struct statistics_epoch *epoch, uint64_t now_ns)
{
    uint64_t visit_started_ns = statistics_load(&from->visit_started_ns);
    if (visit_started_ns != 0)
        worker_statistics_count_busy(sum, epoch, visit_started_ns, now_ns);
    if (atomic_load_explicit(&from->epoch, memory_order_acquire) != statistics_load(&epoch->number))
        return;
    statistics_add(&sum->busy_ns, statistics_load(&from->busy_ns));
    statistics_add(&sum->lock_wait_ns, statistics_load(&from->lock_wait_ns));
#define X(name) statistics_add(&sum->name, statistics_load(&from->name));
    WORKER_COUNTERS(X)
#undef X
    for (size_t i = 0; i < CLOSE_REASON_COUNT; i++)
        statistics_add(&sum->closed[i], statistics_load(&from->closed[i]));
    histogram_merge(&sum->queue_wait, &from->queue_wait);
    histogram_merge(&sum->service, &from->service);
    sum_commands(sum, from);
}
