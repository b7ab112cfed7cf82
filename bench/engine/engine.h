/* SPDX-License-Identifier: MIT */
/*
 * Runs a closed-loop load: opens the connections, spreads them over generator threads, says when
 * to measure, and merges what they found.
 *
 *   engine_open → [engine_measure] → engine_launch → [engine_measure] → engine_wait… →
 *   [engine_end_window] → engine_stop → engine_close
 *
 * All functions belong to one thread, the one that opened it.
 */
#ifndef CREW_BENCH_ENGINE_H
#define CREW_BENCH_ENGINE_H

#include "bench/base/bench_error.h"
#include "bench/engine/generator.h"
#include "bench/engine/workload.h"
#include "common/endpoint.h"
#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENGINE_THREAD_LIMIT = 64 };

struct engine_settings {
    const struct endpoint *target;
    const struct workload *workload; /* both must outlive the engine */
    size_t connections;
    size_t threads; /* at most ENGINE_THREAD_LIMIT; fewer are used if connections are fewer */
    size_t pipeline;
    uint64_t requests; /* to send in all; 0 for no limit */
    int timeout_ms;    /* to connect, and without any reply */
};

struct engine_result {
    struct histogram response; /* of right replies within the window */
    uint64_t window_ns;        /* length of the window */
    uint64_t failures[BENCH_FAILURES];
    uint64_t failures_total;
    char first_failure[GENERATOR_TEXT_SIZE];
    size_t connections_open_end;
    uint64_t unanswered;           /* requests outstanding at the end */
    uint64_t oldest_unanswered_ns; /* age of the oldest of them */
    size_t threads;
    double cpu_share[ENGINE_THREAD_LIMIT]; /* of one core, per generator thread, in the window */
};

struct engine;

/*
 * Opens all connections, one after another; blocks. NULL after filling `error` when not even
 * one could be opened (or memory ran out); connections that fail later count as BENCH_CONNECT.
 */
struct engine *engine_open(const struct engine_settings *settings, char error[BENCH_ERROR_SIZE]);

/* Begins the measured window; before the launch, the first reply counts. */
void engine_measure(struct engine *engine);

/* Starts the threads. False after filling `error`; engine_close is then all that is left. */
bool engine_launch(struct engine *engine, char error[BENCH_ERROR_SIZE]);

/*
 * Waits at most timeout_ms, or until a signal. True when all generators have ended: they sent
 * all requests, or lost all connections.
 */
bool engine_wait(struct engine *engine, int timeout_ms);

/* Replies of any kind so far, measured or not; and failures so far. */
uint64_t engine_replies(const struct engine *engine);
uint64_t engine_failures(const struct engine *engine);

/* Ends the measured window; the load goes on. */
void engine_end_window(struct engine *engine);

/* Stops the threads, ends the window if it is still open, and fills *result. */
void engine_stop(struct engine *engine, struct engine_result *result);

/* Closes the connections and frees everything; engine_stop comes first if it was launched. */
void engine_close(struct engine *engine);

#endif
