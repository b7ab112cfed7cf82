/* SPDX-License-Identifier: MIT */
/*
 * How many workers to use: the smallest count whose median throughput is within a tolerance of
 * the best median. The tolerance is 5 %, or the typical spread between rounds if that is larger:
 * the median over the counts of (highest - lowest) / median, which one disturbed trial does not
 * move. Pure.
 */
#ifndef CREW_BENCH_RECOMMEND_H
#define CREW_BENCH_RECOMMEND_H

#include <stdbool.h>
#include <stddef.h>

enum { RECOMMEND_TEXT_SIZE = 1024 };

struct recommend_point {
    unsigned workers;
    double median_rps;
    double lowest_rps;
    double highest_rps;
};

struct recommendation {
    size_t chosen;    /* index of the point to use */
    size_t best;      /* index of the point with the highest median */
    double tolerance; /* as a share of the best */
    bool largest;     /* the chosen count is the largest tried, so more may be better still */
    bool smallest;    /* it is the smallest tried and not 1, and the rates do not still rise at the
                       * largest, so fewer may do */
};

/* `points` rise in workers. False when there is nothing to choose from: no point, no rate, or
 * rounds that differ by more than half. */
bool recommend_choose(const struct recommend_point *points, size_t count,
                      struct recommendation *recommendation);

/* Says it in plain words, with the reason; returns `text`. */
const char *recommend_explain(const char *workload, const struct recommend_point *points,
                              size_t count, const struct recommendation *recommendation,
                              char text[RECOMMEND_TEXT_SIZE]);

#endif
