/* SPDX-License-Identifier: MIT */
/*
 * One trial of a sweep: a fresh server, a warm-up that is dropped, a measured window, and what
 * the server says about it. Single-threaded but for the generator threads inside.
 */
#ifndef CREW_BENCH_SWEEP_TRIAL_H
#define CREW_BENCH_SWEEP_TRIAL_H

#include "bench/base/bench_error.h"
#include "bench/base/progress.h"
#include "bench/commands/sweep_settings.h"
#include "bench/engine/bench_response.h"
#include "bench/engine/generator.h"
#include "bench/engine/workload.h"
#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A trial's place in the plan, and then its results. A figure that is not known is NAN. */
struct sweep_trial {
    size_t workload; /* index of the settings' workloads */
    size_t count;    /* index of the settings' worker counts */
    unsigned round;  /* from 1 */
    unsigned place;  /* within its round, from 1 */

    bool complete;
    double measured_s;
    double throughput_rps;
    struct bench_response response;
    uint64_t failures[BENCH_FAILURES];
    uint64_t failures_total;
    char first_failure[GENERATOR_TEXT_SIZE];
    double generator_share;   /* of one core, by the busiest generator thread */
    double utilization;       /* share of its time that a worker was busy, 0 to 1 */
    double queue_wait_p50_us; /* from found ready to taken by a worker */
    double queue_wait_p99_us;
    double service_p50_us; /* in a worker's hands */
    double server_cpu_us;  /* CPU time of the whole server in the window */
    bool stopped_cleanly;  /* by SIGTERM, with exit status 0, in time */
};

/* What the trials of a sweep share. */
struct sweep_context {
    const struct sweep_settings *settings;
    const struct workload *workloads;
    int64_t cpu_iterations;     /* per microsecond, of WORK CPU; 0 until the first server told */
    struct histogram *response; /* a window's response times; overwritten by each trial */
    struct progress *progress;
    size_t trials_done;
    size_t trials;
};

/*
 * Runs one trial. False when it could not be completed: `error` says why, or is empty after
 * Ctrl-C. The server is gone in any case.
 */
bool sweep_trial_run(struct sweep_context *context, struct sweep_trial *trial,
                     char error[BENCH_ERROR_SIZE]);

#endif
