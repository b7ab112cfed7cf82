/* SPDX-License-Identifier: MIT */
/* How many samples a percentile needs before it says anything. Pure; any thread. */
#ifndef CREW_BENCH_PERCENTILE_FLOOR_H
#define CREW_BENCH_PERCENTILE_FLOOR_H

#include <stdint.h>

/*
 * The fewest samples such that, when at most `above` of them lie above a limit, the quantile (like
 * 0.99) of all requests is at or below that limit with this confidence (like 0.95): the smallest n
 * with P(Binomial(n, 1 - quantile) <= above) <= 1 - confidence. For none above it is
 * ln(1 - confidence) / ln(quantile), rounded up. 0 when either is not between 0 and 1,
 * UINT64_MAX for more than 2^53.
 */
uint64_t percentile_floor(double quantile, double confidence, unsigned above);

#endif
