/* SPDX-License-Identifier: MIT */
/*
 * Which trials a sweep makes, in which order. Randomised complete blocks: each block holds every
 * worker count once, and the reference a second time as the A/A control, in a seeded shuffled
 * order, so that drift and neighbours hit all counts alike. Pure but for memory.
 */
#ifndef CREW_BENCH_SWEEP_PLAN_H
#define CREW_BENCH_SWEEP_PLAN_H

#include "bench/results/results.h"

#include <stdbool.h>

/* Plans the capacity experiment of every workload; false when memory runs out. */
bool sweep_plan_capacity(struct results *results);

/*
 * Plans the latency experiment of a workload whose capacity trials have run: each worker count at
 * the settings' shares of the highest capacity, and at the SLO's rate. A rate over what a count
 * has shown to be able to serve is tried in the first block only: it is going to be unstable. Plans
 * nothing when no capacity could be measured. False when memory runs out.
 */
bool sweep_plan_latency(struct results *results, size_t workload);

/* Whether the latency experiment of this workload is planned already (or is not wanted). */
bool sweep_plan_has_latency(const struct results *results, size_t workload);

/* How many latency trials are still to be planned, at most: for the estimate of the time left. */
size_t sweep_plan_unplanned(const struct results *results);

#endif
