/* SPDX-License-Identifier: MIT */
/*
 * One thread of the load generator: an epoll loop over its own connections, closed loop. Each
 * reply frees a slot, and whatever one readiness event freed is sent again in one call, so the
 * number of outstanding requests stays constant.
 *
 * The thread writes its histogram and counters with relaxed atomics as their only writer; any
 * thread may read them meanwhile. Every other field belongs to the thread while it runs and to
 * whoever joined it afterwards.
 */
#ifndef CREW_BENCH_GENERATOR_H
#define CREW_BENCH_GENERATOR_H

#include "bench/engine/bench_connection.h"
#include "common/histogram.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Requests lost, by why; BENCH_CONNECT counts connections that could not be opened. */
enum bench_failure {
    BENCH_CONNECT,
    BENCH_CLOSED,      /* the server closed or reset the connection before it replied */
    BENCH_ERROR_REPLY, /* an error instead of the right reply */
    BENCH_WRONG_REPLY, /* not the reply to this request */
    BENCH_MALFORMED,   /* not RESP */
    BENCH_TIMEOUT,     /* not answered within the time limit */
    BENCH_FAILURES,
};

/* Only replies that arrive while measuring are recorded; failures always count. */
enum generator_phase {
    GENERATOR_WARM_UP,
    GENERATOR_MEASURE,
    GENERATOR_COOL_DOWN, /* the load goes on, so that the server can be asked about it */
    GENERATOR_STOP,
};

/* What the generators of one run share. */
struct generator_shared {
    const struct workload *workload;
    uint64_t stall_ns;    /* a connection whose oldest request waits for this long is given up */
    bool limited;         /* stop after `budget` requests */
    int stop_fd;          /* eventfd: readable once the phase is GENERATOR_STOP */
    int ended_fd;         /* eventfd: each generator adds 1 when it ends */
    atomic_int phase;     /* an enum generator_phase; carries no other data, so relaxed will do */
    _Atomic int64_t left; /* requests nobody has taken yet; a bare count, so relaxed will do */
    atomic_size_t running;
};

enum { GENERATOR_TEXT_SIZE = 160 };

struct generator {
    pthread_t thread;
    struct generator_shared *shared;
    struct bench_connection *connections; /* owned, connected; set by the engine */
    size_t connection_count;

    struct histogram response; /* received - sent, of right replies within the window */
    _Atomic uint64_t failures[BENCH_FAILURES];
    _Atomic uint64_t replies; /* of any kind, measured or not */

    /* Results; after the join. */
    char first_failure[GENERATOR_TEXT_SIZE]; /* what went wrong first; empty if nothing */
    uint64_t next_check_ns;                  /* for requests that wait for too long */
    uint64_t ended_ns;
    uint64_t cpu_ns;             /* used by this thread within the window */
    uint64_t unanswered;         /* outstanding when it stopped */
    uint64_t oldest_sent_ns;     /* of those; 0 for none */
    size_t connections_open_end; /* connections still good when it stopped */

    /* Private to the thread. */
    int epoll_fd;
    size_t open;
    size_t outstanding;
    int seen_phase;
    uint64_t window_cpu_ns; /* the thread's CPU time when the window began */
    char *scratch;          /* BENCH_RECEIVE_SIZE bytes */
};

/*
 * Prepares the thread's own means: epoll set and buffer. False with errno set; generator_free
 * in any case. `connections` and `shared` are set by the caller before.
 */
bool generator_init(struct generator *generator);
void generator_free(struct generator *generator);

/* Thread function; its argument is an initialised struct generator. */
void *generator_run(void *argument);

#endif
