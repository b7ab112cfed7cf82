/* SPDX-License-Identifier: MIT */
/* A seeded generator (splitmix64): the same seed gives the same test on every machine. */
#ifndef CREW_TESTS_UNIT_PRNG_H
#define CREW_TESTS_UNIT_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state; /* the seed, at first */
};

static inline uint64_t prng_next(struct prng *prng)
{
    uint64_t mixed = prng->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* From 0 to limit - 1; the bias is far below what a test could notice. */
static inline uint64_t prng_below(struct prng *prng, uint64_t limit)
{
    return prng_next(prng) % limit;
}

#endif
