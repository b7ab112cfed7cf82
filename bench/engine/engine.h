/* SPDX-License-Identifier: MIT */
/*
 * Runs a load: opens the connections, spreads them over generator threads, and reads their
 * counters while they run.
 *
 *   engine_open → engine_launch → (engine_wait, engine_snapshot)… → engine_stop → engine_close
 *
 * A snapshot is the sum of all counters and histograms since the begin, so any two of them make a
 * window: what is warm-up can be decided afterwards. See bench/engine/window.h.
 *
 * All functions belong to one thread, the one that opened it.
 */
#ifndef CREW_BENCH_ENGINE_H
#define CREW_BENCH_ENGINE_H

#include "bench/base/bench_error.h"
#include "bench/engine/arrivals.h"
#include "bench/engine/bench_failures.h"
#include "bench/engine/workload.h"
#include "common/endpoint.h"
#include "common/histogram.h"
#include "common/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENGINE_THREAD_LIMIT = 64 };

struct engine_settings {
    const struct endpoint *target;
    const struct workload *workload; /* both must outlive the engine */
    struct tls_context *tls;         /* likewise; NULL unless it is a tls:// server */
    size_t connections;
    size_t threads;  /* at most ENGINE_THREAD_LIMIT; fewer are used if connections are fewer */
    size_t pipeline; /* closed loop: requests outstanding on each connection */
    double rate_rps; /* 0: closed loop */
    enum arrival_law arrivals;
    size_t inflight;    /* open loop: requests outstanding in all, at most */
    uint64_t requests;  /* to send in all; 0 for no limit */
    uint64_t seed;      /* decides arrival times and the requests' content */
    int timeout_ms;     /* to connect, and without any reply */
    uint64_t hiccup_ns; /* makes the generator slow on purpose, to test that this is noticed */
};

/* What has happened since the load began. About 110 KB: allocate it. */
struct engine_snapshot {
    uint64_t at_ns;
    uint64_t sent;
    uint64_t replies; /* of any kind */
    uint64_t held_back;
    uint64_t outstanding;
    uint64_t late_ns; /* how far the latest of the threads is behind its schedule */
    uint64_t failures[BENCH_FAILURES];
    size_t threads;
    double busy_ns[ENGINE_THREAD_LIMIT]; /* ran or waited for a CPU, without idle spinning */
    double cpu_ns;                       /* of all threads, without idle spinning */
    struct histogram response;
    struct histogram wire; /* empty in a closed loop, as is lag */
    struct histogram lag;
};

/* What is known only once the threads have stopped. */
struct engine_end {
    char first_failure[BENCH_FAILURE_TEXT_SIZE];
    size_t connections_open;
    uint64_t oldest_unanswered_ns; /* age when the threads were stopped; 0 for none */
};

struct engine;

/*
 * Opens all connections, one after another; blocks. NULL after filling `error` when not even
 * one could be opened (or memory ran out); connections that fail later count as BENCH_CONNECT.
 */
struct engine *engine_open(const struct engine_settings *settings, char error[BENCH_ERROR_SIZE]);

/*
 * Starts the threads, and with them the load. False after filling `error`; engine_close is then
 * all that is left.
 */
bool engine_launch(struct engine *engine, char error[BENCH_ERROR_SIZE]);

/* When the load began. */
uint64_t engine_begin_ns(const struct engine *engine);

/*
 * Waits at most timeout_ms, or until a signal. True when all generators have ended: they sent
 * all requests, or lost all connections.
 */
bool engine_wait(struct engine *engine, int timeout_ms);

/* Replies of any kind so far, and failures so far. */
uint64_t engine_replies(const struct engine *engine);
uint64_t engine_failures(const struct engine *engine);

/* Once all generators have ended, the time of the snapshot is when the last of them did. */
void engine_snapshot(struct engine *engine, struct engine_snapshot *snapshot);

/* Stops the threads and waits for them. */
void engine_stop(struct engine *engine, struct engine_end *end);

/* Closes the connections and frees everything, stopping the threads if they still run. */
void engine_close(struct engine *engine);

#endif
