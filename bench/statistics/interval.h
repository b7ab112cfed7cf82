/* SPDX-License-Identifier: MIT */
/*
 * Confidence intervals for ratios of rates, from Student's t on their logarithms:
 *
 *   exp(mean(d) ± t(B - 1, 1 - 0.025 / m) · s / √B),   d = ln(a / b) for each of B blocks
 *
 * With m comparisons each interval has a confidence of 1 - 0.05 / m, so that all of them hold at
 * once with at least 95 % (Bonferroni). The t interval is used because the percentile bootstrap
 * is too narrow for 5 to 10 blocks.
 *
 * Rates that are NAN, zero, negative or infinite have no finite logarithm: they count as missing,
 * and so does a pair that has one. Pure; any thread.
 */
#ifndef CREW_BENCH_INTERVAL_H
#define CREW_BENCH_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>

struct interval {
    double middle; /* geometric mean; NAN without any value */
    double low;    /* both ends NAN with fewer than two values, or pairs */
    double high;
    double detectable; /* smallest true difference that is found with a power of 80 %, two-sided at
                        * 5 % / m, as a share (0.03 is 3 %): exp((t(1 - 0.025 / m) + t(0.8)) · s /
                        * √B) - 1; NAN where the ends are */
    size_t count;      /* values or pairs that were used; of both sets together if unpaired */
};

/* Of the geometric mean of `rates`, in their unit; `detectable` is a share here too. */
struct interval interval_mean(const double *rates, size_t count, size_t comparisons);

/* Of a / b, where a[i] and b[i] were measured in the same block. */
struct interval interval_paired(const double *a, const double *b, size_t blocks,
                                size_t comparisons);

/*
 * Of the ratio of the geometric means of two sets that were measured independently (Welch 1947:
 * the variances may differ). Each needs two values.
 */
struct interval interval_unpaired(const double *a, size_t a_count, const double *b, size_t b_count,
                                  size_t comparisons);

/* Whether a ratio's interval leaves out 1. False when there is no interval. */
bool interval_differs(const struct interval *ratio);

#endif
