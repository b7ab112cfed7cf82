/* SPDX-License-Identifier: MIT */
/*
 * How sure the choice of a worker count is: whole blocks are drawn with replacement, as many as
 * there are, and each time the choice is made anew. Only for such derived quantities; intervals
 * come from interval.h. Pure (the same seed gives the same shares); any thread.
 */
#ifndef CREW_BENCH_BOOTSTRAP_H
#define CREW_BENCH_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bootstrap {
    const double *rates; /* rates[block * counts + index]; NAN, zero and negative are missing */
    size_t blocks;
    size_t counts;        /* worker counts, rising */
    const bool *eligible; /* per count: may be chosen, or be the best; NULL for all */
    double tolerance;     /* 0.02: chosen is the smallest count whose geometric mean ratio to the
                           * best, over the blocks that have both, is at least 0.98 */
    size_t resamples;
    uint64_t seed;
};

/*
 * Fills shares[] with the share of resamples in which each count was chosen; resamples without any
 * rate do not count, and all shares are NAN without one that does. False when memory runs out.
 */
bool bootstrap_choices(const struct bootstrap *bootstrap, double *shares);

#endif
