/* SPDX-License-Identifier: MIT */
/*
 * What the server counts. Each worker, and the acceptor, counts for itself in memory of its own,
 * so counting costs no shared cache line; the figures are summed when somebody reads them.
 *
 * Reset note. CONFIG RESETSTAT cannot write into other threads' counters without racing with
 * them. It only begins a new epoch: each thread empties its own counters when it next sees that
 * the epoch changed, and until then a reader leaves that thread's counters out.
 *
 * All fields are relaxed atomics with one writer each: a reader needs untorn values, not order.
 */
#ifndef CREW_SERVER_STATISTICS_H
#define CREW_SERVER_STATISTICS_H

#include "common/histogram.h"
#include "server/close_reason.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Counters with the names that INFO shows. */
#define WORKER_COUNTERS(X)                                                                         \
    X(requests_total)                                                                              \
    X(errors_total)        /* requests answered with an error */                                   \
    X(shed_requests_total) /* of them: since they waited too long; see server/limits/overload.h */ \
    X(visits_total)        /* turns of a worker at a connection */                                 \
    X(auth_successes_total) /* passwords that logged a client in */                                \
    X(auth_failures_total)  /* users and passwords that were refused */                            \
    X(tls_handshakes_total) /* that came to a good end */                                          \
    X(tls_resumed_total)    /* of these, with keys of an earlier connection */                     \
    X(bytes_in_total)       /* as commands see them: not encrypted, like the next */               \
    X(bytes_out_total)

#define ACCEPTOR_COUNTERS(X)                                                                       \
    X(connections_total)                                                                           \
    X(rejected_connections)          /* over the connection limit */                               \
    X(rejected_connections_per_peer) /* over the limit of one peer address */                      \
    X(accept_errors_aborted)         /* ECONNABORTED and other trouble of one connection */        \
    X(accept_errors_process_fds)     /* EMFILE */                                                  \
    X(accept_errors_system_fds)      /* ENFILE */                                                  \
    X(accept_errors_memory)          /* ENOMEM, ENOBUFS */                                         \
    X(accept_errors_other)

struct command_statistics {
    _Atomic uint64_t calls;
    _Atomic uint64_t time_ns;
    _Atomic uint64_t failed_calls;   /* answered with an error by the handler */
    _Atomic uint64_t rejected_calls; /* not run, for example with a wrong number of arguments */
};

struct worker_statistics {
    _Alignas(64) _Atomic uint64_t epoch;
    _Atomic uint64_t visit_started_ns; /* 0 while the worker is not serving anybody */
    _Atomic uint64_t busy_ns;
    _Atomic uint64_t lock_wait_ns; /* within WORK LOCK, for the lock that all workers share */
#define X(name) _Atomic uint64_t name;
    WORKER_COUNTERS(X)
#undef X
    _Atomic uint64_t closed[CLOSE_REASON_COUNT];
    struct histogram queue_wait; /* from found ready to taken by a worker */
    struct histogram service;    /* from a worker's turning to a request to its reply's end */
    struct command_statistics *commands; /* owned; one for each of `command_count` */
    size_t command_count;
};

struct acceptor_statistics {
    _Alignas(64) _Atomic uint64_t epoch;
#define X(name) _Atomic uint64_t name;
    ACCEPTOR_COUNTERS(X)
#undef X
};

/* When counting began; shared by all threads. */
struct statistics_epoch {
    _Atomic uint64_t number;
    _Atomic uint64_t started_ns;
};

/* Owner of the counter: adds without a locked instruction. */
static inline void statistics_add(_Atomic uint64_t *counter, uint64_t amount)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + amount, memory_order_relaxed);
}

static inline uint64_t statistics_load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Returns 0 or ENOMEM. Before the worker starts. */
int worker_statistics_init(struct worker_statistics *statistics, size_t command_count);
void worker_statistics_destroy(struct worker_statistics *statistics);

/* Owner, before it counts anything: empties the counters when a new epoch has begun. */
void worker_statistics_follow(struct worker_statistics *statistics,
                              const struct statistics_epoch *epoch);
void acceptor_statistics_follow(struct acceptor_statistics *statistics,
                                const struct statistics_epoch *epoch);

/* Owner: adds a visit's time, as far as it lies in the present epoch, to the busy time. */
void worker_statistics_count_busy(struct worker_statistics *statistics,
                                  const struct statistics_epoch *epoch, uint64_t started_ns,
                                  uint64_t ended_ns);

/* Owner: adds a wait that is over, in whole. It belongs to the epoch that its request will be
 * counted in: a reset does not part it from the service time that contains it. */
void worker_statistics_count_lock_wait(struct worker_statistics *statistics,
                                       const struct statistics_epoch *epoch, uint64_t waited_ns);

/* Any thread. */
void statistics_begin_epoch(struct statistics_epoch *epoch);

/* Any thread: adds `from` to `sum` if it belongs to the present epoch. `sum` is the caller's own,
 * made by worker_statistics_init with the same command_count. Busy time includes visits that are
 * under way. */
void worker_statistics_sum(struct worker_statistics *sum, const struct worker_statistics *from,
                           const struct statistics_epoch *epoch, uint64_t now_ns);

#endif
