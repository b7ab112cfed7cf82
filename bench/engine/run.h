/* SPDX-License-Identifier: MIT */
/*
 * One load from begin to end: connect, warm up, measure a window, stop, judge. Every subcommand
 * measures through this. Blocks for the whole time; one thread.
 */
#ifndef CREW_BENCH_RUN_H
#define CREW_BENCH_RUN_H

#include "bench/base/bench_error.h"
#include "bench/engine/engine.h"
#include "bench/engine/measurement.h"

#include <stdbool.h>
#include <stdint.h>

struct run_plan {
    struct engine_settings load;
    uint64_t warm_up_ns;
    uint64_t duration_ns; /* of the window; 0: until load.requests are answered, no warm-up then */
    uint64_t interval_ns; /* of the series; 0: a twentieth of the window, 1 s at most */

    /*
     * Closed loop: looks for a warm-up that is not over when the window begins, moves the begin
     * there (MSER-5), and refuses a window whose rate still drifts. In an open loop the rate is
     * given, and nothing is dropped.
     */
    bool settle;

    /* Called with `context` where set; the load goes on meanwhile. */
    void (*window_begins)(void *context);
    void (*window_ended)(void *context);
    /* About every 50 ms; `done` runs from 0 to 1. */
    void (*progress)(void *context, double done, uint64_t replies, uint64_t failures);
    void *context;
};

enum run_result {
    RUN_DONE,
    RUN_INTERRUPTED, /* by Ctrl-C; what was measured by then is there */
    RUN_LOST,        /* all connections were lost; what was measured by then is there */
    RUN_UNREACHABLE, /* no connection could be opened, or was let in; `error` says why */
    RUN_FAILED,      /* `error` says why */
};

/* Fills `measurement`; measurement_free is due in any case. */
enum run_result run_load(const struct run_plan *plan, struct measurement *measurement,
                         char error[BENCH_ERROR_SIZE]);

#endif
