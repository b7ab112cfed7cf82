/* SPDX-License-Identifier: MIT */
/*
 * Without GSL. Both distributions are regularised incomplete beta functions I(x; a, b), computed
 * from the continued fraction of Abramowitz and Stegun, "Handbook of Mathematical Functions",
 * 26.5.8, by Lentz's method. Quantiles are found by bisection.
 */
#include "bench/statistics/numeric.h"

#include <float.h>
#include <math.h>

/* A zero in Lentz's method is replaced by something that is as good as zero. */
static double not_zero(double value)
{
    return fabs(value) < DBL_MIN / DBL_EPSILON ? DBL_MIN / DBL_EPSILON : value;
}

/* The continued fraction of 26.5.8; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
    static const int most_terms = 10000; /* it takes about the square root of a or b */
    double c = 1;
    double d = 1 / not_zero(1 - (a + b) * x / (a + 1));
    double fraction = d;
    for (int m = 1; m <= most_terms; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / not_zero(1 + even * d);
        c = not_zero(1 + even / c);
        fraction *= c * d;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / not_zero(1 + odd * d);
        c = not_zero(1 + odd / c);
        fraction *= c * d;
        if (fabs(c * d - 1) < 2 * DBL_EPSILON)
            break;
    }
    return fraction;
}

static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign); /* lgamma would write a global */
}

/* I(x; a, b), with y = 1 - x given too, for that may be known more exactly than x. */
static double regularized_beta(double x, double y, double a, double b)
{
    if (x <= 0 || y <= 0)
        return x <= 0 ? 0 : 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log(y));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(y, b, a) / b;
}

/* P(T > t) for t >= 0 (26.7.1). */
static double t_upper_tail(double t, double df)
{
    double square = t * t;
    return regularized_beta(df / (df + square), square / (df + square), df / 2, 0.5) / 2;
}

double numeric_t_quantile(double p, double df)
{
    if (!(p >= 0 && p <= 1 && df > 0))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    if (p < 0.5)
        return -numeric_t_quantile(1 - p, df);
    double low = 0;
    double high = 1;
    while (t_upper_tail(high, df) > 1 - p && high < DBL_MAX / 4)
        high *= 2;
    for (int i = 0; i < 200; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (t_upper_tail(middle, df) > 1 - p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double numeric_f_upper_tail(double f, double d1, double d2)
{
    if (!(d1 > 0 && d2 > 0) || isnan(f))
        return NAN;
    if (f <= 0)
        return 1;
    if (isinf(f))
        return 0;
    double sum = d2 + d1 * f;
    return regularized_beta(d2 / sum, d1 * f / sum, d2 / 2, d1 / 2); /* 26.6.2 */
}

bool numeric_can_fit(void)
{
    return false;
}

bool numeric_fit(numeric_residuals *residuals, void *context, size_t residual_count,
                 __attribute__((unused)) double *parameters, size_t parameter_count)
{
    (void)residuals;
    (void)context;
    (void)residual_count;
    (void)parameter_count;
    return false;
}
