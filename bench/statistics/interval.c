/* SPDX-License-Identifier: MIT */
#include "bench/statistics/interval.h"

#include "bench/statistics/numeric.h"

#include <math.h>

/* Mean and variance of logarithms, added one by one (Welford 1962). */
struct moments {
    size_t count;
    double mean;
    double squares; /* sum of squared deviations from the mean */
};

static bool measurable(double rate)
{
    return isfinite(rate) && rate > 0;
}

static void add(struct moments *moments, double value)
{
    moments->count++;
    double before = value - moments->mean;
    moments->mean += before / (double)moments->count;
    moments->squares += before * (value - moments->mean);
}

static struct moments moments_of_logs(const double *rates, size_t count)
{
    struct moments moments = {0};
    for (size_t i = 0; i < count; i++)
        if (measurable(rates[i]))
            add(&moments, log(rates[i]));
    return moments;
}

/* The squared standard error of the mean; of at least two values. */
static double error_squared(const struct moments *moments)
{
    double count = (double)moments->count;
    return moments->squares / (count - 1) / count;
}

static const struct interval unknown = {
    .middle = NAN, .low = NAN, .high = NAN, .detectable = NAN, .count = 0};

/* exp(mean ± t·error) and what could be detected, from the degrees of freedom. */
static struct interval from_logs(double mean, double error, double df, size_t comparisons)
{
    double tail = 0.025 / (double)(comparisons > 1 ? comparisons : 1);
    double reach = error > 0 ? numeric_t_quantile(1 - tail, df) * error : 0;
    double power = error > 0 ? numeric_t_quantile(0.8, df) * error : 0;
    return (struct interval){
        .middle = exp(mean),
        .low = exp(mean - reach),
        .high = exp(mean + reach),
        .detectable = expm1(reach + power),
    };
}

static struct interval from_moments(const struct moments *moments, size_t comparisons)
{
    struct interval interval = unknown;
    if (moments->count == 1)
        interval.middle = exp(moments->mean);
    if (moments->count >= 2)
        interval = from_logs(moments->mean, sqrt(error_squared(moments)),
                             (double)(moments->count - 1), comparisons);
    interval.count = moments->count;
    return interval;
}

struct interval interval_mean(const double *rates, size_t count, size_t comparisons)
{
    struct moments moments = moments_of_logs(rates, count);
    return from_moments(&moments, comparisons);
}

struct interval interval_paired(const double *a, const double *b, size_t blocks, size_t comparisons)
{
    struct moments moments = {0};
    for (size_t i = 0; i < blocks; i++)
        if (measurable(a[i]) && measurable(b[i]))
            add(&moments, log(a[i] / b[i]));
    return from_moments(&moments, comparisons);
}

struct interval interval_unpaired(const double *a, size_t a_count, const double *b, size_t b_count,
                                  size_t comparisons)
{
    struct moments of_a = moments_of_logs(a, a_count);
    struct moments of_b = moments_of_logs(b, b_count);
    struct interval interval = unknown;
    if (of_a.count >= 2 && of_b.count >= 2) {
        double error_a = error_squared(&of_a);
        double error_b = error_squared(&of_b);
        double both = error_a + error_b;
        /* Degrees of freedom by Welch and Satterthwaite. */
        double df = both * both /
                    (error_a * error_a / (double)(of_a.count - 1) +
                     error_b * error_b / (double)(of_b.count - 1));
        interval = from_logs(of_a.mean - of_b.mean, sqrt(both), df, comparisons);
    } else if (of_a.count >= 1 && of_b.count >= 1) {
        interval.middle = exp(of_a.mean - of_b.mean);
    }
    interval.count = of_a.count + of_b.count;
    return interval;
}

bool interval_differs(const struct interval *ratio)
{
    return ratio->low > 1 || ratio->high < 1;
}
