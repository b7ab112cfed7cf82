/* SPDX-License-Identifier: MIT */
/*
 * One trial: a fresh server, a load, and what server and kernel say about the window. The server
 * is gone afterwards in any case. Single-threaded but for the generator threads inside.
 */
#ifndef CREW_BENCH_TRIAL_H
#define CREW_BENCH_TRIAL_H

#include "bench/base/bench_error.h"
#include "bench/engine/run.h"
#include "bench/engine/workload.h"
#include "bench/results/results.h"

#include <stdint.h>

/* What to load the server with. */
struct trial_load {
    const struct workload *workload;
    unsigned workers;
    size_t connections;
    size_t threads;
    double rate_rps; /* 0: closed loop */
    uint64_t seed;
    uint64_t warm_up_ns;
    uint64_t duration_ns;
    int timeout_ms;
};

/* What trials that are to be compared share. */
struct trial_bed {
    const char *server_program;
    int64_t cpu_iterations; /* per microsecond, of WORK CPU; 0 until the first server told */
    /* As in run_plan; NULL for none. */
    void (*progress)(void *context, double done, uint64_t replies, uint64_t failures);
    void *context;
};

/*
 * Runs it and fills the results of `trial`. False when it could not be completed:
 * trial->problem says why, or is empty after Ctrl-C.
 */
bool trial_run(struct trial_bed *bed, const struct trial_load *load, struct trial *trial);

#endif
