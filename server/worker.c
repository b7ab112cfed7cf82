/* SPDX-License-Identifier: MIT */
#include "server/worker.h"

#include "common/clock.h"
#include "server/crash.h"
#include "server/server.h"
#include "server/visit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>

int worker_init(struct worker *worker, struct server *server, unsigned index, bool at_door)
{
    *worker = (struct worker){.server = server, .index = index, .at_door = at_door};
    worker->input = input_create(
        INPUT_SIZE, (struct resp_limits){.bulk_bytes = (size_t)server->settings.max_request_bytes,
                                         .arguments = (size_t)server->settings.max_arguments});
    if (worker->input != NULL &&
        worker_statistics_init(&worker->statistics, server->commands.count) == 0)
        return 0;
    worker_destroy(worker);
    return ENOMEM;
}

void worker_destroy(struct worker *worker)
{
    input_free(worker->input);
    byte_buffer_free(&worker->output);
    worker_statistics_destroy(&worker->statistics);
}

/* Requests that were left over from the last turn have waited since they were read. */
static void decide_on_shedding(struct worker *worker, struct connection *connection,
                               const struct ready_taken *taken)
{
    struct pool *pool = &worker->server->pool;
    bool left_over = connection->left_since_ns > 0;
    worker->received_ns = left_over ? connection->left_since_ns : taken->queued_ns;
    connection->left_since_ns = 0;
    worker->sheds = overload_is_late(&pool->overload, worker->service_ns, worker->received_ns,
                                     taken->standing_since_ns, worker->now_ns) &&
                    !pool_is_draining(pool); /* a stop answers what was received */
}

static void visit_from_queue(struct worker *worker, struct connection *connection,
                             const struct ready_taken *taken)
{
    struct worker_statistics *statistics = &worker->statistics;
    uint64_t started_ns = monotonic_ns();
    worker_statistics_follow(statistics, &worker->server->epoch);
    histogram_record(&statistics->queue_wait, started_ns - taken->queued_ns);
    /* Relaxed, like every figure: INFO wants to know who is busy at about this moment. */
    atomic_store_explicit(&statistics->visit_started_ns, started_ns, memory_order_relaxed);
    statistics_add(&statistics->visits_total, 1);
    worker->now_ns = started_ns;
    decide_on_shedding(worker, connection, taken);
    visit(worker, connection);
    atomic_store_explicit(&statistics->visit_started_ns, 0, memory_order_relaxed);
    worker_statistics_count_busy(statistics, &worker->server->epoch, started_ns, monotonic_ns());
}

/* Visits, their waits and the time they take are figures of the pool, so none is counted here. */
static void visit_at_door(struct worker *worker, struct connection *connection)
{
    worker_statistics_follow(&worker->statistics, &worker->server->epoch);
    worker->now_ns = monotonic_ns();
    worker->received_ns = worker->now_ns;
    connection->left_since_ns = 0;
    visit(worker, connection);
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    struct pool *pool = &worker->server->pool;
    struct connection *connection;
    struct ready_taken taken;
    crash_guard_thread(&worker->run.entry);
    /* The kernel's default lets every sleep last up to 50 us too long: the poller's naps and those
     * of handlers. Refusal would only leave it at that. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL);

    if (worker->at_door) {
        while ((connection = pool_next_stranger(pool)) != NULL)
            visit_at_door(worker, connection);
    } else {
        while ((connection = pool_next(pool, &taken)) != NULL)
            visit_from_queue(worker, connection, &taken);
    }
    return NULL;
}

/* The thread's name is not left to the thread, which may first run long after the server listens.
 * Refusal would only leave it with the program's. */
int worker_start(struct worker *worker)
{
    char name[16];
    int error = pthread_create(&worker->thread, NULL, run, worker);
    if (error != 0)
        return error;
    snprintf(name, sizeof(name), "%s-%u", worker->at_door ? "door" : "worker", worker->index);
    (void)pthread_setname_np(worker->thread, name);
    return 0;
}

void worker_join(struct worker *worker)
{
    (void)pthread_join(worker->thread, NULL); /* fails only for a thread that is not ours */
}

void worker_give_back(struct worker *worker, struct connection *connection)
{
    if (worker->at_door)
        pool_pass_on(&worker->server->pool, connection);
    else
        pool_return(&worker->server->pool, connection);
}

void worker_begin_slow(struct worker *worker)
{
    if (!worker->at_door)
        pool_begin_slow(&worker->server->pool);
}

void worker_end_slow(struct worker *worker)
{
    if (!worker->at_door)
        pool_end_slow(&worker->server->pool);
}
