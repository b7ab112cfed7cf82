/* SPDX-License-Identifier: MIT */
/*
 * Whether a curve through repeated measurements misses them by more than they scatter: the
 * lack-of-fit F test (Draper and Smith, "Applied Regression Analysis"),
 *
 *   F = [(SSR - SSPE) / (m - p)] / [SSPE / (n - m)]
 *
 * for n observations at m places and a curve with p parameters, where SSR is the sum of squares
 * around the curve and SSPE ("pure error") around each place's own mean. Pure; any thread.
 */
#ifndef CREW_BENCH_LACK_OF_FIT_H
#define CREW_BENCH_LACK_OF_FIT_H

#include <stdbool.h>
#include <stddef.h>

struct lack_of_fit {
    bool tested;    /* false without repeats, or with no more places than parameters */
    double f;       /* NAN unless tested, like the p-value; INFINITY when repeats do not differ */
    double p_value; /* of an F as large as this if the curve were right */
    bool rejected;  /* p-value below 1 % */
};

/* x[] says which values[] are repeats: those of equal x. residuals[] are values minus curve. */
struct lack_of_fit lack_of_fit_test(const double *x, const double *values, const double *residuals,
                                    size_t count, size_t parameters);

#endif
