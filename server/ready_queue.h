/* SPDX-License-Identifier: MIT */
/*
 * The one locked queue between those who find connections ready and the workers who serve them:
 * a mutex, a condition variable and a ring. A connection is in it at most once, so its capacity
 * is the connection limit and it cannot overflow.
 *
 * Polling note (leader and followers). No thread is set aside to watch the parked connections.
 * A worker that takes from an empty queue is told to poll instead: it holds the poller's role,
 * which at most one thread has, waits for events, pushes what it found and takes one itself. In
 * the steady state nobody hands anything to anybody. Two rules keep it right:
 *
 *  1. Before slow work somebody else must be watching. A worker that is about to run a command
 *     that may block calls ready_queue_begin_slow: if connections are queued or nobody polls, an
 *     idle worker is woken; if all workers are inside slow work, the acceptor stands in as poller
 *     until a worker comes back to an empty queue. So nothing waits behind slow work while a
 *     worker is free, and what does wait is stamped and shows up as queue wait.
 *     (A poller under a crowd of requests may look away for a moment first: server/moderation.h.)
 *  2. Waking costs more than a short request. A backlog alone wakes an idle worker only when it
 *     is long (READY_WAKE_LENGTH) or has waited long (READY_WAKE_WAIT_NS); one at a time, and
 *     each that wakes looks whether another is worth it.
 *
 * Nor may a queue that never runs empty keep the parked connections from being seen: after
 * READY_GLANCE_AFTER entries taken without a poll, the next taker glances at them first; and once
 * in READY_GLANCE_NS while turns are so long that connections are returned with more to do.
 *
 * Waking note. A waker takes an idle worker off `idle` and adds a permit to `woken`; the worker
 * waits for a permit, not for the signal, so that no wake-up is lost or counted twice.
 */
#ifndef CREW_SERVER_READY_QUEUE_H
#define CREW_SERVER_READY_QUEUE_H

#include "common/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    READY_WAKE_LENGTH = 64,
    READY_WAKE_WAIT_NS = 1000 * 1000,
    READY_GLANCE_AFTER = 32,
    READY_GLANCE_NS = 1000 * 1000,
};

struct ready_entry {
    uint32_t slot;      /* of a connection in state QUEUED */
    uint64_t queued_ns; /* monotonic; when it was found ready */
};

/* What a worker takes. */
struct ready_taken {
    uint32_t slot;
    uint64_t queued_ns;         /* as in the entry */
    uint64_t standing_since_ns; /* the queue has not been empty since; UINT64_MAX: it is now */
};

enum ready_result {
    READY_ENTRY,  /* *taken is the caller's to serve */
    READY_POLL,   /* the queue is empty and the caller holds the poller's role: wait for events */
    READY_GLANCE, /* the caller holds the role, but connections are queued: look without waiting */
    READY_CLOSED, /* closed and empty: end the thread */
};

enum poller { POLLER_NONE, POLLER_WORKER, POLLER_ACCEPTOR };

/* What somebody who changed the queue must do next, after the lock is released. */
enum ready_kick {
    READY_KICK_NONE,
    READY_KICK_POLLER,   /* interrupt the worker that waits for events */
    READY_KICK_ACCEPTOR, /* wake the acceptor, which stands in as poller from now on */
};

/*
 * A lock that goes from core to core takes along the cache lines of what is touched under it. They
 * are two, for all but what is written when the poller changes or a turn is cut off.
 */
struct ready_queue {
    _Alignas(64) struct lock lock;

    /* All under lock. */
    struct ready_entry *ring; /* owned */
    uint32_t capacity;
    uint32_t head;
    size_t length;
    uint64_t standing_since_ns; /* when the first came that found it empty; while not empty */
    size_t peak;                /* longest since ready_queue_reset_figures */
    enum poller poller;
    unsigned unpolled;  /* entries taken since the last poll ended */
    unsigned idle;      /* wait for a permit */
    unsigned woken;     /* permits given and not yet used */
    bool poller_kicked; /* the waiting poller was interrupted already */
    bool closed;
    unsigned slow; /* are inside slow work */
    unsigned workers;
    uint64_t glance_ns; /* after it, a return makes the next taker glance */
    struct condition wake;
};

/* Returns 0 or an errno value. */
int ready_queue_init(struct ready_queue *queue, size_t capacity, unsigned workers);
void ready_queue_destroy(struct ready_queue *queue);

/* ---- workers ---- */

/* The next connection to serve; blocks while there is none and another worker polls. */
enum ready_result ready_queue_take(struct ready_queue *queue, struct ready_taken *taken);

/* The poller: adds what it found and gives the role back. */
void ready_queue_end_poll(struct ready_queue *queue, const struct ready_entry *entries,
                          size_t count);

/* Around a command that may block or burn CPU; see rule 1. The caller obeys what begin returns. */
enum ready_kick ready_queue_begin_slow(struct ready_queue *queue);
void ready_queue_end_slow(struct ready_queue *queue);

/* Puts back a connection that had its turn. Wakes nobody: the caller takes next. */
void ready_queue_return(struct ready_queue *queue, const struct ready_entry *entry);

/* ---- anybody ---- */

/* Adds entries and sees to it that a worker comes for them. The caller obeys the result. */
enum ready_kick ready_queue_push(struct ready_queue *queue, const struct ready_entry *entries,
                                 size_t count);

/* No more entries will come: workers end when the queue is empty. The caller obeys the result. */
enum ready_kick ready_queue_close(struct ready_queue *queue);

/* Acceptor: whether it still stands in as poller. */
bool ready_queue_acceptor_polls(struct ready_queue *queue);

struct ready_queue_figures {
    size_t length;
    size_t peak;
    unsigned idle;
    unsigned slow;
    uint64_t lock_waits; /* see the waiting note in common/lock.h */
    uint64_t lock_waited_ns;
};
struct ready_queue_figures ready_queue_read(struct ready_queue *queue);

/* Begins anew with the peak and the waits for the lock. */
void ready_queue_reset_figures(struct ready_queue *queue);

#endif
