/* SPDX-License-Identifier: MIT */
/*
 * How often intervals of 95 % hold the truth, for the few blocks that a comparison has, with noise
 * that is normal and noise that is skewed. Beside it the percentile bootstrap, which is not used
 * for intervals because it holds the truth less often.
 */
#include "bench/selftest/checks.h"
#include "bench/selftest/noise.h"
#include "bench/statistics/interval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SIMULATIONS = 10000,
    QUICK_SIMULATIONS = 1500,
    RESAMPLES = 400,
    RESAMPLES_BELOW = 10, /* of those 2.5 % */
    MOST_BLOCKS = 10,
    LOOK = 50, /* simulations between two looks at Ctrl-C */
};

static const size_t blocks_tried[] = {5, 6, 8, 10};

enum { BLOCKS_TRIED = sizeof(blocks_tried) / sizeof(blocks_tried[0]), LAWS = 2 };

static const double truth = 1.2; /* the ratio that the intervals are to hold */
static const double noise = 0.02;
static const double shape = 0.25; /* of the skewed noise: skewness 0.78 */
/* A share of 94 % that is drawn 10,000 times is good to 0.7 % (3 deviations), 1,500 times to 1.8 %.
 */
static const double low = 0.92;
static const double high = 0.96;
static const double quick_slack = 0.015;
static const double bootstrap_low = 0.80;
static const double bootstrap_high = 0.91;
static const double narrowed = 0.7; /* of the interval's reach, when broken */

struct coverage {
    double t_low; /* over all cases */
    double t_high;
    double bootstrap_low;
    double bootstrap_high;
};

static double draw(struct bench_random *random, size_t law)
{
    return noise * (law == 0 ? noise_normal(random) : noise_skewed(random, shape) / shape);
}

static bool t_holds(const double *logs, size_t blocks, bool broken)
{
    double a[MOST_BLOCKS];
    double b[MOST_BLOCKS];
    for (size_t i = 0; i < blocks; i++) {
        a[i] = truth * exp(logs[i]);
        b[i] = 1;
    }
    struct interval interval = interval_paired(a, b, blocks, 1);
    double share = broken ? narrowed : 1;
    return log(truth / interval.middle) > share * log(interval.low / interval.middle) &&
           log(truth / interval.middle) < share * log(interval.high / interval.middle);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Between the 2.5 % smallest and the 2.5 % largest means of resampled blocks. */
static bool bootstrap_holds(const double *logs, size_t blocks, struct bench_random *random)
{
    double means[RESAMPLES];
    for (size_t i = 0; i < RESAMPLES; i++) {
        double sum = 0;
        for (size_t j = 0; j < blocks; j++)
            sum += logs[bench_random_next(random) % blocks];
        means[i] = sum / (double)blocks;
    }
    qsort(means, RESAMPLES, sizeof(means[0]), compare);
    return means[RESAMPLES_BELOW] < 0 && means[RESAMPLES - 1 - RESAMPLES_BELOW] > 0;
}

/* One number of blocks and one law of noise. False after Ctrl-C. */
static bool simulate(struct selftest *selftest, size_t blocks, size_t law,
                     struct bench_random *random, struct coverage *coverage)
{
    size_t count = selftest->quick ? QUICK_SIMULATIONS : SIMULATIONS;
    size_t t = 0;
    size_t bootstrap = 0;
    for (size_t i = 0; i < count; i++) {
        double logs[MOST_BLOCKS];
        if (i % LOOK == 0 && !selftest_goes_on(selftest, (double)i / (double)count))
            return false;
        for (size_t j = 0; j < blocks; j++)
            logs[j] = draw(random, law);
        t += t_holds(logs, blocks, selftest->broken) ? 1 : 0;
        bootstrap += bootstrap_holds(logs, blocks, random) ? 1 : 0;
    }
    double t_share = (double)t / (double)count;
    double bootstrap_share = (double)bootstrap / (double)count;
    coverage->t_low = fmin(coverage->t_low, t_share);
    coverage->t_high = fmax(coverage->t_high, t_share);
    coverage->bootstrap_low = fmin(coverage->bootstrap_low, bootstrap_share);
    coverage->bootstrap_high = fmax(coverage->bootstrap_high, bootstrap_share);
    return true;
}

static void judge(struct selftest *selftest, const struct coverage *coverage, double slack)
{
    bool right = coverage->t_low > low - slack && coverage->t_high < high + slack &&
                 coverage->bootstrap_low > bootstrap_low - slack &&
                 coverage->bootstrap_high < bootstrap_high + slack;
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "t %.1f to %.1f %%, percentile bootstrap %.1f to %.1f %%",
                      100 * coverage->t_low, 100 * coverage->t_high, 100 * coverage->bootstrap_low,
                      100 * coverage->bootstrap_high);
}

/* Broken, the intervals are narrowed. */
void check_coverage(struct selftest *selftest)
{
    double slack = selftest->quick ? quick_slack : 0;
    snprintf(
        selftest->expected, sizeof(selftest->expected),
        "t intervals of 95 %% to hold in %.3g to %.3g %%, for 5 to 10 blocks, normal and skewed "
        "noise (the percentile bootstrap, not used for them, in %.3g to %.3g %%)",
        100 * (low - slack), 100 * (high + slack), 100 * (bootstrap_low - slack),
        100 * (bootstrap_high + slack));
    struct bench_random random = {selftest->seed};
    struct coverage coverage = {.t_low = 1, .bootstrap_low = 1};
    for (size_t i = 0; i < BLOCKS_TRIED; i++) {
        for (size_t law = 0; law < LAWS; law++) {
            selftest_part(selftest, i * LAWS + law, BLOCKS_TRIED * LAWS);
            if (!simulate(selftest, blocks_tried[i], law, &random, &coverage))
                return;
        }
    }
    judge(selftest, &coverage, slack);
}
