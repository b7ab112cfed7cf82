/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_random.h"

uint64_t bench_random_next(struct bench_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

double bench_random_unit(struct bench_random *random)
{
    /* The upper 53 bits are as many as a double's fraction holds. */
    return (double)((bench_random_next(random) >> 11) + 1) * 0x1p-53;
}

void bench_random_order(struct bench_random *random, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        /* The remainder's bias is below count / 2^64. */
        size_t other = (size_t)(bench_random_next(random) % (i + 1));
        order[i] = order[other];
        order[other] = i;
    }
}
