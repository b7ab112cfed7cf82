/* SPDX-License-Identifier: MIT */
/*
 * The trials of one place in the plan: one workload, experiment, worker count and offered rate, one
 * trial for each block. Control trials do not belong to it, so that all counts have equal weight.
 * Pure.
 */
#ifndef CREW_BENCH_TRIAL_GROUP_H
#define CREW_BENCH_TRIAL_GROUP_H

#include "bench/results/results.h"

struct trial_group {
    const struct results *results;
    size_t workload;
    enum experiment experiment;
    unsigned workers;
    double rate_rps; /* of the latency experiment only */
};

struct trial_tally {
    size_t planned;
    size_t usable;
    size_t unstable;          /* of the usable ones */
    size_t refused;           /* or failed, or with errors */
    const char *first_reason; /* of those; NULL if there is none */
};

/* The first trial for `previous` NULL, then the next one; NULL after the last. */
const struct trial *trial_group_next(const struct trial_group *group, const struct trial *previous);

struct trial_tally trial_group_tally(const struct trial_group *group);

/*
 * The values of a member of struct trial (a double, by its offset) in the usable trials; scratch[]
 * takes as many as there are trials. Returns how many.
 */
size_t trial_group_values(const struct trial_group *group, size_t member, double *scratch);

double trial_group_median(const struct trial_group *group, size_t member, double *scratch);

/* Why it cannot be used, although it ran; NULL when it can, or did not run. The trial's own. */
const char *trial_reason(const struct trial *trial);

/* Whether two rates of a plan are the same one; a file may have rounded them. */
bool trial_same_rate(double a_rps, double b_rps);

#endif
