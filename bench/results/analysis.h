/* SPDX-License-Identifier: MIT */
/*
 * What the trials of one workload say together: a line per worker count, a line per worker count
 * and offered rate, what the models predict beside what was measured, and the recommendation.
 * Percentiles come from merged histograms, rates are geometric means over blocks with
 * simultaneous intervals, server figures are medians over blocks. Unusable trials are counted and
 * left out, and so are control trials, which only tell how far two trials of the same count
 * differ. A figure that is not known is NAN. Pure.
 */
#ifndef CREW_BENCH_ANALYSIS_H
#define CREW_BENCH_ANALYSIS_H

#include "bench/results/results.h"
#include "bench/statistics/choice.h"
#include "bench/statistics/scalability.h"

enum {
    ANALYSIS_SENTENCES = 12,
    ANALYSIS_SENTENCE_SIZE = 320,
    ANALYSIS_LATENCY_LIMIT = RESULTS_COUNT_LIMIT * RESULTS_RATE_LIMIT,
};

/* One worker count in the capacity experiment. */
struct capacity_line {
    unsigned workers;
    size_t planned; /* trials, the control left out */
    size_t usable;
    const char *first_reason; /* why the first unusable one was refused; NULL if none was */
    double rate_rps;          /* geometric mean */
    double rate_low_rps;      /* simultaneous 95 % interval */
    double rate_high_rps;
    struct choice_line comparison;  /* with the best and the reference; meaningless while the
                                     * choice is undetermined */
    struct bench_response response; /* of the merged histograms */
    struct server_figures server;   /* medians over blocks; without per-worker figures */
    double generator_busy;          /* the largest */
    double ideal_rps;               /* workers x the rate of the smallest count per worker */
    double usl_rps;                 /* fitted; NAN where the model is not fitted */
    double knee_rps;
    double little_busy;  /* throughput x service time: busy workers by Little's law */
    double little_queue; /* throughput x queue wait: requests in the ready queue */
};

/* A worker count that was tried, but has no trial that can be used. */
struct left_out_line {
    unsigned workers;
    size_t planned;
    size_t refused;           /* or failed, or with errors; the others were not run */
    const char *first_reason; /* NULL when none was run */
    double apparent_rps;      /* geometric mean of what its trials reached all the same; NAN if none
                               * ran to its end */
    double generator_busy;    /* the largest of these */
};

/* One worker count at one offered rate in the latency experiment. */
struct latency_line {
    unsigned workers;
    double offered_rps;
    double share; /* of the best capacity */
    size_t planned;
    size_t usable;
    size_t unstable; /* usable trials whose backlog grew; more than half: no percentiles */
    const char *first_reason;
    double throughput_rps;          /* median */
    struct bench_response response; /* of the merged histograms */
    struct bench_response wire;
    struct histogram *response_histogram; /* owned, merged; NULL without usable trials */
    struct histogram *wire_histogram;
    double queue_wait_us;       /* mean, measured by the server; median over blocks */
    double model_queue_wait_us; /* M/M/c with Allen-Cunneen; INFINITY when it has no steady state */
    double model_queue_wait_p99_us;
    bool slo_known;
    bool slo_met;
};

struct analysis {
    const char *workload;
    struct capacity_line capacity[RESULTS_COUNT_LIMIT]; /* rising; only counts with usable trials */
    size_t capacity_count;
    struct left_out_line left_out[RESULTS_COUNT_LIMIT]; /* the other counts, rising */
    size_t left_out_count;
    struct latency_line latency[ANALYSIS_LATENCY_LIMIT]; /* by workers, then by rate */
    size_t latency_count;
    struct choice choice; /* its indices are those of capacity[] */
    char recommendation[CHOICE_TEXT_SIZE];
    struct scalability_usl usl;
    struct scalability_knee knee;
    double goetz_workers; /* cores x (1 + wait / CPU), from the smallest count; NAN if unknown */
    /* Each model beside the measurement, in one sentence each; then what is uncertain. */
    char sentences[ANALYSIS_SENTENCES][ANALYSIS_SENTENCE_SIZE];
    size_t sentence_count;
    size_t model_sentences; /* so many of them, at the beginning, are about models */
    size_t unusable;        /* trials of this workload that were refused, failed or had errors */
};

/* NULL when memory runs out; otherwise the caller frees it with analysis_free. `results` must
 * outlive it. */
struct analysis *analysis_take(const struct results *results, size_t workload);
void analysis_free(struct analysis *analysis);

#endif
