/* SPDX-License-Identifier: MIT */
#include "bench/statistics/sample.h"

#include <math.h>

size_t sample_known(const double *values, size_t count)
{
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            known++;
    return known;
}

double sample_mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            sum += values[i];
    size_t known = sample_known(values, count);
    return known > 0 ? sum / (double)known : NAN;
}

double sample_deviation(const double *values, size_t count)
{
    size_t known = sample_known(values, count);
    if (known < 2)
        return NAN;
    double mean = sample_mean(values, count);
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            squares += (values[i] - mean) * (values[i] - mean);
    return sqrt(squares / (double)(known - 1));
}

/* The value that `rank` of the known ones (counted from 0) come before in rising order. */
static double of_rank(const double *values, size_t count, size_t rank)
{
    for (size_t i = 0; i < count; i++) {
        size_t below = 0;
        size_t equal = 0;
        for (size_t j = 0; j < count; j++) {
            below += values[j] < values[i];
            equal += values[j] == values[i];
        }
        if (below <= rank && rank < below + equal)
            return values[i];
    }
    return NAN;
}

double sample_median(const double *values, size_t count)
{
    size_t known = sample_known(values, count);
    if (known == 0)
        return NAN;
    double lower = of_rank(values, count, (known - 1) / 2);
    double upper = of_rank(values, count, known / 2);
    return lower == upper ? lower : lower + (upper - lower) / 2;
}

double sample_geometric_mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            sum += log(values[i]); /* -INFINITY for 0, NAN below */
    size_t known = sample_known(values, count);
    return known > 0 ? exp(sum / (double)known) : NAN;
}
