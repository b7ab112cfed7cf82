/* SPDX-License-Identifier: MIT */
/*
 * Figures of a sample. A NAN among the values is a missing one and is left out; NAN is also the
 * answer when too few values are left. Pure; any thread.
 */
#ifndef CREW_BENCH_SAMPLE_H
#define CREW_BENCH_SAMPLE_H

#include <stddef.h>

/* How many values are not missing. */
size_t sample_known(const double *values, size_t count);

double sample_mean(const double *values, size_t count);

/* Standard deviation, with n - 1 in the denominator; NAN for fewer than two values. */
double sample_deviation(const double *values, size_t count);

/* The middle value, or the mean of the two middle ones. Takes time by the square of `count`. */
double sample_median(const double *values, size_t count);

/* exp(mean(ln x)): 0 when a value is 0, NAN when one is negative. */
double sample_geometric_mean(const double *values, size_t count);

#endif
