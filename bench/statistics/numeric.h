/* SPDX-License-Identifier: MIT */
/*
 * Distributions and curve fitting: the only part of the statistics that may use a library. With
 * GSL it is numeric_gsl.c; without it numeric_plain.c, which has the same distributions but fits
 * no curves. Pure; any thread.
 */
#ifndef CREW_BENCH_NUMERIC_H
#define CREW_BENCH_NUMERIC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The value that Student's t with `df` degrees of freedom (any positive number) does not exceed
 * with probability `p`. ±INFINITY for p of 1 and 0; NAN outside of 0 to 1 or for no df.
 */
double numeric_t_quantile(double p, double df);

/* P(F > f) of the F distribution with d1 and d2 degrees of freedom; NAN for no degrees. */
double numeric_f_upper_tail(double f, double d1, double d2);

/* Whether numeric_fit can do anything: false when built without GSL. */
bool numeric_can_fit(void);

/* Fills residuals[] for these parameters. It may return any values, but the same each time. */
typedef void numeric_residuals(const double *parameters, double *residuals, void *context);

/*
 * Moves parameters[] from where they start to a (local) minimum of the sum of squared residuals,
 * by Levenberg-Marquardt. There are at least as many residuals as parameters. False, with the
 * parameters as they were, when it does not converge, when memory runs out, or without GSL.
 */
bool numeric_fit(numeric_residuals *residuals, void *context, size_t residual_count,
                 double *parameters, size_t parameter_count);

#endif
