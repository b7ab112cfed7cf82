/* SPDX-License-Identifier: MIT */
/*
 * The pool as its users see it: connections go in, workers take them out, whoever must be woken
 * is woken. It ties the connection table, the waiter and the two queues together: the ready queue
 * for the pool's workers, and one for those at the door, who serve strangers.
 *
 * Drain note. A stop must visit every connection once more, so that what was received whole is
 * answered. pool_begin_drain first raises `draining`, then claims every parked connection; a
 * worker first parks, then looks at `draining`, and claims the connection back when it is raised.
 * Both orders are sequentially consistent, so at least one of the two sees the other.
 */
#ifndef CREW_SERVER_POOL_H
#define CREW_SERVER_POOL_H

#include "server/connection_table.h"
#include "server/limits/client_memory.h"
#include "server/limits/overload.h"
#include "server/moderation.h"
#include "server/ready_queue.h"
#include "server/stranger_queue.h"
#include "server/waiter.h"

#include <stdatomic.h>

struct settings;

/* Looked at in one go, which takes about 0.1 ms when none of them is in a cache. */
enum { POOL_SWEEP_SLOTS = 32 * 1024 };

struct pool {
    struct connection_table connections;
    struct waiter waiter;
    struct ready_queue queue;
    struct stranger_queue strangers;
    struct client_memory memory;
    /* Written at every poll, while all workers read what follows: lines of their own. */
    _Alignas(64) struct moderation moderation; /* holder of the poller's role */
    _Alignas(64) int acceptor_wake_fd;         /* eventfd that the acceptor watches; owned */
    uint32_t swept;        /* acceptor: slots before this one were swept in this round */
    uint32_t reserve_hand; /* acceptor: see server/limits/reserve.h */
    struct overload overload;
    _Atomic bool draining;
    _Atomic uint64_t drain_deadline_ns; /* set before `draining`; what is open then is closed */
};

/* Returns 0 or an errno value. */
int pool_init(struct pool *pool, const struct settings *settings);

/* After the acceptor and all workers ended. */
void pool_destroy(struct pool *pool);

/* Whoever owns a QUEUED connection hands it to the workers it is for; its last touch. */
void pool_submit(struct pool *pool, struct connection *connection);

/* Any thread: submits a connection that is parked; one that is not will be looked at anyway. */
void pool_revisit(struct pool *pool, struct connection *connection);

/* ---- workers ---- */

/*
 * The next connection, RUNNING and the caller's; *taken tells how the queue was. Polls when it is
 * this worker's turn; blocks while there is nothing to do. NULL: end the thread.
 */
struct connection *pool_next(struct pool *pool, struct ready_taken *taken);

/* Gives up a connection that had its turn and has more to do; the caller takes next. */
void pool_return(struct pool *pool, struct connection *connection);

/* Around a command that may block or burn CPU: see the polling note in server/ready_queue.h. */
void pool_begin_slow(struct pool *pool);
void pool_end_slow(struct pool *pool);

/* ---- workers at the door ---- */

/* The next stranger's connection, RUNNING and the caller's. NULL: end the thread. */
struct connection *pool_next_stranger(struct pool *pool);

/* Gives up a connection that had its turn and has more to do; its client may have been let in. */
void pool_pass_on(struct pool *pool, struct connection *connection);

/* ---- acceptor ---- */

/* Registers a new connection with the waiter and submits it. Returns 0 or an errno value, with
 * the connection still the caller's. */
int pool_admit(struct pool *pool, struct connection *connection);

/* Submits what is ready now, without waiting; only while standing in as poller. */
void pool_poll_once(struct pool *pool);

/* Submits every parked connection whose deadline has passed among the next POOL_SWEEP_SLOTS, so
 * that pool_sweep_parts calls look at each connection once. */
void pool_sweep(struct pool *pool, uint64_t now_ns);
uint32_t pool_sweep_parts(const struct pool *pool);

/* Submits every parked connection for its last visit; once, after accepting ended. */
void pool_begin_drain(struct pool *pool, uint64_t deadline_ns);

/* Submits every parked connection again, to be closed: the drain's deadline passed. */
void pool_submit_all(struct pool *pool);

/* Lets the workers end once their queue is empty. */
void pool_close(struct pool *pool);

/* ---- any thread ---- */

bool pool_is_draining(const struct pool *pool);
void pool_wake_acceptor(struct pool *pool);

#endif
