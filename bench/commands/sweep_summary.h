/* SPDX-License-Identifier: MIT */
/*
 * What the rounds say together about each worker count of one workload. Response times come from
 * merged histograms; throughput, utilization and queue waits are medians over the rounds, since
 * there is nothing to merge them from. Single-threaded.
 */
#ifndef CREW_BENCH_SWEEP_SUMMARY_H
#define CREW_BENCH_SWEEP_SUMMARY_H

#include "bench/engine/bench_response.h"
#include "bench/statistics/recommend.h"
#include "bench/trial/sweep_trial.h"
#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One worker count. Figures that are not known are NAN. */
struct sweep_line {
    size_t rounds; /* complete ones; without any, the line is left out of reports */
    struct recommend_point throughput;
    struct bench_response response;
    double utilization;
    double queue_wait_p50_us;
    double queue_wait_p99_us;
    double service_p50_us;
    double cpu_us_per_request; /* of the server, over all rounds */
    double generator_share;    /* the largest of the rounds */
    uint64_t failures[BENCH_FAILURES];
    uint64_t failures_total;
    char first_failure[GENERATOR_TEXT_SIZE];
};

struct sweep_summary {
    const char *workload;
    struct sweep_line lines[SWEEP_COUNT_LIMIT]; /* rising in workers, complete ones only */
    size_t count;
    size_t rounds; /* complete ones of the line that has most */
    uint64_t failures_total;
    double generator_share;
    bool recommended; /* else there were errors, or a worker count is missing */
    struct recommendation recommendation;
    char sentence[RECOMMEND_TEXT_SIZE]; /* what to use and why, or why nothing is recommended */
};

/*
 * Sums up the complete trials of workload `index`. `responses` are the merged histograms of its
 * worker counts, in the order of the settings. False when memory runs out.
 */
bool sweep_summary_take(struct sweep_summary *summary, const struct sweep_settings *settings,
                        size_t index, const struct sweep_trial *trials, size_t trial_count,
                        const struct histogram *responses);

#endif
