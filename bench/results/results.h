/* SPDX-License-Identifier: MIT */
/*
 * The results of a sweep as they are kept: what was asked, on which host, and every trial. All
 * summaries, models, pictures and recommendations are worked out from this and nothing else, so a
 * results file says the same today and in a year. A figure that is not known is NAN. One thread.
 */
#ifndef CREW_BENCH_RESULTS_H
#define CREW_BENCH_RESULTS_H

#include "bench/base/bench_error.h"
#include "bench/base/bench_host.h"
#include "bench/engine/measurement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RESULTS_COUNT_LIMIT = 32,    /* worker counts */
    RESULTS_WORKLOAD_LIMIT = 64, /* as many as a list option takes */
    RESULTS_SHARE_LIMIT = 8,     /* offered rates of the latency experiment, as shares */
    RESULTS_RATE_LIMIT = RESULTS_SHARE_LIMIT + 1, /* with the rate of an SLO */
    RESULTS_TEXT_SIZE = 256,
};

enum experiment {
    EXPERIMENT_CAPACITY, /* closed loop: the same number outstanding for every worker count */
    EXPERIMENT_LATENCY,  /* open loop, Poisson: the same absolute rates for every worker count */
};

/* How the server's kernel threads fared, one per worker, within the window. */
struct worker_figures {
    double cpu_share;       /* of one core */
    double run_queue_share; /* of the window: ready to run, and waiting for a core */
    double voluntary_switches_per_s;
    double involuntary_switches_per_s;
};

/* What the server and the kernel say about a trial's window. */
struct server_figures {
    double utilization;        /* share of its time that a worker was busy, 0 to 1 */
    double requests;           /* that the server counts */
    double queue_wait_mean_us; /* from found ready to taken by a worker */
    double queue_wait_p50_us;
    double queue_wait_p99_us;
    double service_mean_us; /* in a worker's hands */
    double service_p50_us;
    double service_p99_us;
    double service_scv;   /* squared coefficient of variation of the service time */
    double cpu_us;        /* per request: CPU time of the whole server process */
    double worker_cpu_us; /* per request: CPU time of the worker threads */
    double run_queue_us;  /* per request: worker threads ready to run, and waiting for a core */
    double lock_wait_us;  /* per request: waiting for the lock of WORK LOCK */
    double blocked_us;    /* per request: the rest of the service time (sleeping, I/O) */
    double switches;      /* per request: context switches of the worker threads */
    struct worker_figures *workers; /* owned; NULL when not known */
    size_t worker_count;
};

/* A trial's place in the plan, and its results. */
struct trial {
    size_t workload; /* index of the settings' workloads */
    unsigned workers;
    enum experiment experiment;
    double rate_rps; /* asked for; NAN in the capacity experiment */
    unsigned block;  /* from 1: every block holds every worker count once, and the control */
    unsigned place;  /* within its block, from 1 */
    bool control;    /* the reference count's second run in its block (A/A) */

    bool complete;                  /* it ran to its end */
    char problem[BENCH_ERROR_SIZE]; /* why it did not; empty when it did or was not tried yet */
    bool stopped_cleanly;           /* the server, by SIGTERM, with exit status 0, in time */
    struct measurement measurement;
    struct server_figures server;
};

struct results_settings {
    char workloads[RESULTS_WORKLOAD_LIMIT][RESULTS_TEXT_SIZE];
    size_t workload_count;
    unsigned workers[RESULTS_COUNT_LIMIT]; /* rising */
    size_t count;
    unsigned reference; /* the worker count that differences and the A/A control refer to */
    unsigned blocks;
    double duration_s;  /* of each window */
    size_t connections; /* of the capacity experiment: requests outstanding */
    size_t latency_connections;
    size_t threads;
    uint64_t seed;
    unsigned latency_blocks;            /* of the latency experiment; 0 leaves it out */
    double shares[RESULTS_SHARE_LIMIT]; /* its rates, as shares of the best capacity */
    size_t share_count;
    double slo_quantile; /* 0.99 for p99; NAN for none */
    double slo_limit_us;
    double slo_rate_rps; /* at which it must hold; NAN: at each rate that the best can serve */
};

struct results {
    char crew_version[32];
    char started_utc[32]; /* 2026-01-31T12:00:00Z */
    struct bench_host host;
    struct results_settings settings;
    double cpu_iterations_per_us; /* of WORK CPU, the same on all servers; 0: unused */
    double elapsed_s;
    bool complete;        /* every planned trial ran */
    struct trial *trials; /* owned, in the order they were run; those not run yet at the end */
    size_t trial_count;
};

/* Frees what it owns and leaves it empty; harmless on a zeroed one. */
void results_free(struct results *results);

/* Whether a trial can be used in statements: complete, valid, without failures. */
bool trial_usable(const struct trial *trial);

/* "capacity" or "latency". */
const char *experiment_name(enum experiment experiment);

#endif
