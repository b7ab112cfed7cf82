/* SPDX-License-Identifier: MIT */
/*
 * One thread of the load generator: an epoll loop over its own connections.
 *
 * Closed loop: each reply frees a place, and whatever one readiness event freed is sent again in
 * one call, so the number of outstanding requests stays constant.
 *
 * Open loop: requests are due at the times of a schedule, whatever the server does. Each goes to
 * an idle connection if there is one, else behind the requests of a busy one. A request that is
 * due while the in-flight limit is reached is held back: it is counted and never sent.
 *
 * The thread writes its histograms and counters with relaxed atomics as their only writer; any
 * thread may read them meanwhile, and the difference of two readings is what happened in between.
 * Every other field belongs to the thread while it runs and to whoever joined it afterwards.
 */
#ifndef CREW_BENCH_GENERATOR_H
#define CREW_BENCH_GENERATOR_H

#include "bench/engine/arrivals.h"
#include "bench/engine/bench_connection.h"
#include "bench/engine/bench_failures.h"
#include "common/histogram.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the generators of one run share. */
struct generator_shared {
    const struct endpoint *target;
    const struct workload *workload;
    bool open_loop;
    uint64_t begin_ns;  /* when the load begins; set before the threads start */
    uint64_t stall_ns;  /* a connection whose oldest request waits for this long is given up */
    bool limited;       /* stop after `left` requests */
    int stop_fd;        /* eventfd: readable once `stop` is set */
    int ended_fd;       /* eventfd: each generator adds 1 when it ends */
    uint64_t hiccup_ns; /* added to every turn of the loop, to prove that it is noticed; else 0 */
    struct sockaddr_storage raw_address; /* of a raw:// server */
    socklen_t raw_address_size;
    atomic_bool stop;     /* carries no other data, so relaxed will do */
    _Atomic int64_t left; /* requests nobody has taken yet; a bare count, so relaxed will do */
    atomic_size_t running;
};

struct generator {
    pthread_t thread;
    struct generator_shared *shared;
    struct bench_connection *connections; /* owned; filled by the engine, as is all up to here */
    size_t connection_count;
    size_t inflight_limit;    /* requests outstanding at most; open loop */
    struct arrivals arrivals; /* open loop */
    uint64_t number;          /* of the next request */
    uint64_t number_step;

    struct histogram response; /* received - scheduled, of right replies */
    struct histogram wire;     /* received - sent; empty in a closed loop, where it is the same */
    struct histogram lag;      /* sent - scheduled; empty in a closed loop, where there is none */
    _Atomic uint64_t failures[BENCH_FAILURES];
    _Atomic uint64_t sent;
    _Atomic uint64_t replies; /* of any kind */
    _Atomic uint64_t held_back;
    _Atomic uint64_t outstanding;
    _Atomic uint64_t next_due_ns;   /* of the schedule; UINT64_MAX in a closed loop */
    _Atomic uint64_t spin_ns;       /* CPU time spent waiting for the next request to be due */
    _Atomic int thread_id;          /* the kernel's; 0 until it runs */
    _Atomic uint64_t ended_wait_ns; /* time it waited for a CPU, likewise */
    _Atomic uint64_t ended_cpu_ns;  /* CPU time when it ended; 0 until then */

    /* Results; after the join. */
    char first_failure[BENCH_FAILURE_TEXT_SIZE]; /* what went wrong first; empty if nothing */
    uint64_t ended_ns;
    uint64_t oldest_scheduled_ns; /* of what was unanswered when it stopped; 0 for none */
    size_t connections_open_end;  /* connections still good when it stopped */

    /* Private to the thread. */
    struct bench_random content; /* draws what the requests hold */
    double wake_delay_ns;        /* how late a timer wakes, on average */
    double wake_deviation_ns;    /* mean deviation from that */
    uint64_t next_check_ns;      /* for requests that wait for too long */
    int epoll_fd;
    size_t open;
    size_t *idle; /* ring of the indices of connections without requests; open loop */
    size_t idle_first;
    size_t idle_count;
    size_t busy_next; /* where the search for room behind busy connections goes on */
    bool exhausted;   /* there is no request left to send */
    char *scratch;    /* BENCH_RECEIVE_SIZE bytes */
};

/* Makes room for that many connections. False with errno set; generator_free in any case. */
bool generator_make_room(struct generator *generator, size_t connections);

/*
 * Prepares the thread's own means. False with errno set; generator_free in any case. What the
 * engine sets is set before; `seed` decides the content of the requests.
 */
bool generator_init(struct generator *generator, uint64_t seed);
void generator_free(struct generator *generator);

/* Thread function; its argument is an initialised struct generator. */
void *generator_run(void *argument);

#endif
