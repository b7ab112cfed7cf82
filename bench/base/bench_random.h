/* SPDX-License-Identifier: MIT */
/* Seeded random numbers (splitmix64): the same seed gives the same order on every machine. */
#ifndef CREW_BENCH_BENCH_RANDOM_H
#define CREW_BENCH_BENCH_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct bench_random {
    uint64_t state; /* the seed at first; any value will do */
};

uint64_t bench_random_next(struct bench_random *random);

/* Uniform over (0, 1], so that its logarithm is finite. */
double bench_random_unit(struct bench_random *random);

/* Fills order[0..count-1] with 0 to count-1, shuffled (Fisher-Yates). */
void bench_random_order(struct bench_random *random, size_t *order, size_t count);

#endif
