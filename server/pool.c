/* SPDX-License-Identifier: MIT */
#include "server/pool.h"

#include "common/clock.h"
#include "server/settings.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int init_queues(struct pool *pool, size_t max_connections, unsigned workers)
{
    int error = ready_queue_init(&pool->queue, max_connections, workers);
    if (error != 0)
        return error;
    error = stranger_queue_init(&pool->strangers, max_connections);
    if (error != 0)
        ready_queue_destroy(&pool->queue);
    return error;
}

int pool_init(struct pool *pool, const struct settings *settings)
{
    size_t max_connections = (size_t)settings->max_connections;
    unsigned workers = (unsigned)settings->workers;
    *pool = (struct pool){0};
    overload_init(&pool->overload, settings->shed == SHED_QUEUE_WAIT,
                  (uint64_t)settings->shed_interval_ns, (uint64_t)settings->shed_target_ns);
    moderation_init(&pool->moderation, (uint64_t)settings->poll_nap_ns, monotonic_ns());
    pool->acceptor_wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (pool->acceptor_wake_fd < 0)
        return errno;
    int error = connection_table_init(&pool->connections, max_connections,
                                      (uint32_t)settings->max_connections_per_peer);
    if (error == 0) {
        error = waiter_init(&pool->waiter, &pool->connections);
        if (error == 0) {
            error = init_queues(pool, max_connections, workers);
            if (error == 0) {
                client_memory_init(&pool->memory, (size_t)settings->max_client_memory);
                return 0;
            }
            waiter_destroy(&pool->waiter);
        }
        connection_table_destroy(&pool->connections);
    }
    close(pool->acceptor_wake_fd);
    return error;
}

void pool_destroy(struct pool *pool)
{
    client_memory_destroy(&pool->memory);
    stranger_queue_destroy(&pool->strangers);
    ready_queue_destroy(&pool->queue);
    connection_table_destroy(&pool->connections);
    waiter_destroy(&pool->waiter);
    close(pool->acceptor_wake_fd);
}

static void obey(struct pool *pool, enum ready_kick kick)
{
    switch (kick) {
    case READY_KICK_NONE:
        break;
    case READY_KICK_POLLER:
        waiter_interrupt(&pool->waiter);
        break;
    case READY_KICK_ACCEPTOR:
        pool_wake_acceptor(pool);
        break;
    }
}

static struct ready_entry entry_for(const struct pool *pool, const struct connection *connection)
{
    return (struct ready_entry){connection_table_slot(&pool->connections, connection),
                                monotonic_ns()};
}

void pool_submit(struct pool *pool, struct connection *connection)
{
    struct ready_entry entry = entry_for(pool, connection);
    if (connection_is_stranger(connection))
        stranger_queue_push(&pool->strangers, entry.slot);
    else
        obey(pool, ready_queue_push(&pool->queue, &entry, 1));
}

/* Sends strangers to the door; returns how many entries are left. */
static size_t send_to_door(struct pool *pool, struct ready_entry *found, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (connection_is_stranger(connection_table_at(&pool->connections, found[i].slot)))
            stranger_queue_push(&pool->strangers, found[i].slot);
        else
            found[left++] = found[i];
    }
    return left;
}

static void poll_as_worker(struct pool *pool, uint64_t nap_ns, int timeout_ms)
{
    struct moderation *moderation = &pool->moderation;
    struct ready_entry found[WAITER_BATCH];
    bool interrupted; /* an interrupt has done all it is for once the poll ends */
    size_t count = waiter_poll(&pool->waiter, nap_ns, timeout_ms, found, &interrupted);
    count = send_to_door(pool, found, count);
    for (size_t i = 0; i < count; i++) {
        struct connection *connection = connection_table_at(&pool->connections, found[i].slot);
        moderation_count(moderation, &connection->polled_round);
    }
    if (count > 0)
        moderation_end_poll(moderation, found[count - 1].queued_ns);
    ready_queue_end_poll(&pool->queue, found, count);
}

void pool_revisit(struct pool *pool, struct connection *connection)
{
    if (connection_claim(connection))
        pool_submit(pool, connection);
}

struct connection *pool_next(struct pool *pool, struct ready_taken *taken)
{
    for (;;) {
        switch (ready_queue_take(&pool->queue, taken)) {
        case READY_ENTRY: {
            struct connection *connection = connection_table_at(&pool->connections, taken->slot);
            connection_begin_visit(connection);
            return connection;
        }
        case READY_POLL:
            poll_as_worker(pool, pool->moderation.nap_ns, -1);
            break;
        case READY_GLANCE:
            poll_as_worker(pool, 0, 0);
            break;
        case READY_CLOSED:
            return NULL;
        }
    }
}

void pool_return(struct pool *pool, struct connection *connection)
{
    struct ready_entry entry = entry_for(pool, connection);
    connection_requeue(connection);
    if (connection_is_stranger(connection)) /* it has logged out */
        stranger_queue_push(&pool->strangers, entry.slot);
    else
        ready_queue_return(&pool->queue, &entry);
}

struct connection *pool_next_stranger(struct pool *pool)
{
    uint32_t slot;
    if (!stranger_queue_take(&pool->strangers, &slot))
        return NULL;
    struct connection *connection = connection_table_at(&pool->connections, slot);
    connection_begin_visit(connection);
    return connection;
}

void pool_pass_on(struct pool *pool, struct connection *connection)
{
    connection_requeue(connection);
    pool_submit(pool, connection);
}

void pool_begin_slow(struct pool *pool)
{
    obey(pool, ready_queue_begin_slow(&pool->queue));
}

void pool_end_slow(struct pool *pool)
{
    ready_queue_end_slow(&pool->queue);
}

int pool_admit(struct pool *pool, struct connection *connection)
{
    int error = waiter_add(&pool->waiter, connection);
    if (error == 0)
        pool_pass_on(pool, connection);
    return error;
}

void pool_poll_once(struct pool *pool)
{
    struct ready_entry found[WAITER_BATCH];
    bool interrupted;
    size_t count = waiter_poll(&pool->waiter, 0, 0, found, &interrupted);
    count = send_to_door(pool, found, count);
    if (count > 0)
        obey(pool, ready_queue_push(&pool->queue, found, count));
    /* A worker may just have taken the role, and the interrupt may have been meant for it. */
    if (interrupted && !ready_queue_acceptor_polls(&pool->queue))
        waiter_interrupt(&pool->waiter);
}

void pool_sweep(struct pool *pool, uint64_t now_ns)
{
    uint32_t used = connection_table_used(&pool->connections);
    uint32_t first = pool->swept;
    uint32_t end = used - first > POOL_SWEEP_SLOTS ? first + POOL_SWEEP_SLOTS : used;
    pool->swept = end < used ? end : 0;
    for (uint32_t slot = first; slot < end; slot++) {
        struct connection *connection = connection_table_at(&pool->connections, slot);
        uint64_t deadline_ns = atomic_load_explicit(&connection->deadline_ns, memory_order_relaxed);
        if (deadline_ns != 0 && deadline_ns <= now_ns)
            pool_revisit(pool, connection);
    }
}

uint32_t pool_sweep_parts(const struct pool *pool)
{
    return connection_table_used(&pool->connections) / POOL_SWEEP_SLOTS + 1;
}

void pool_submit_all(struct pool *pool)
{
    uint32_t used = connection_table_used(&pool->connections);
    for (uint32_t slot = 0; slot < used; slot++)
        pool_revisit(pool, connection_table_at(&pool->connections, slot));
}

void pool_begin_drain(struct pool *pool, uint64_t deadline_ns)
{
    /* Relaxed: whoever reads it has first seen `draining`. */
    atomic_store_explicit(&pool->drain_deadline_ns, deadline_ns, memory_order_relaxed);
    atomic_store_explicit(&pool->draining, true, memory_order_seq_cst);
    pool_submit_all(pool);
}

void pool_close(struct pool *pool)
{
    obey(pool, ready_queue_close(&pool->queue));
    stranger_queue_close(&pool->strangers);
}

bool pool_is_draining(const struct pool *pool)
{
    return atomic_load_explicit(&pool->draining, memory_order_seq_cst);
}

void pool_wake_acceptor(struct pool *pool)
{
    uint64_t one = 1;
    ssize_t written = write(pool->acceptor_wake_fd, &one, sizeof(one));
    (void)written; /* a full counter has already woken the acceptor */
}
