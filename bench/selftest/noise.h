/* SPDX-License-Identifier: MIT */
/* Drawn noise for simulated measurements. Pure; the same state gives the same noise. */
#ifndef CREW_BENCH_NOISE_H
#define CREW_BENCH_NOISE_H

#include "bench/base/bench_random.h"

/* Normally distributed with mean 0 and deviation 1 (Box and Muller 1958). */
double noise_normal(struct bench_random *random);

/*
 * Skewed as the noise of measurements is, which are disturbed in one direction: lognormal, less
 * its mean, so that its mean is 0; `shape` is the deviation of its logarithm.
 */
double noise_skewed(struct bench_random *random, double shape);

#endif
