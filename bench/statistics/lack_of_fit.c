/* SPDX-License-Identifier: MIT */
#include "bench/statistics/lack_of_fit.h"

#include "bench/statistics/numeric.h"

#include <math.h>

/* Mean of the values at the place of values[index], and whether it is the first of them. */
static double mean_at(const double *x, const double *values, size_t count, size_t index,
                      bool *first)
{
    double mean = 0;
    size_t repeats = 0;
    for (size_t i = 0; i < count; i++) {
        if (x[i] != x[index])
            continue;
        if (repeats == 0)
            *first = i == index;
        repeats++;
        mean += (values[i] - mean) / (double)repeats;
    }
    return mean;
}

struct lack_of_fit lack_of_fit_test(const double *x, const double *values, const double *residuals,
                                    size_t count, size_t parameters)
{
    struct lack_of_fit lack = {.f = NAN, .p_value = NAN};
    size_t places = 0;
    double residual_squares = 0;
    double pure_squares = 0;
    for (size_t i = 0; i < count; i++) {
        bool first = false;
        double deviation = values[i] - mean_at(x, values, count, i, &first);
        places += first;
        pure_squares += deviation * deviation;
        residual_squares += residuals[i] * residuals[i];
    }
    if (places == count || places <= parameters)
        return lack;
    double lacking_df = (double)(places - parameters);
    double pure_df = (double)(count - places);
    /* Below this the difference of two sums is only rounding. */
    double rounding = 1e-12 * residual_squares + 1e-24 * (double)count;
    double lacking = residual_squares - pure_squares;
    lack.tested = true;
    lack.f = lacking > rounding ? lacking / lacking_df / (pure_squares / pure_df) : 0;
    lack.p_value = numeric_f_upper_tail(lack.f, lacking_df, pure_df);
    lack.rejected = lack.p_value < 0.01;
    return lack;
}
