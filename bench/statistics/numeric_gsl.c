/* SPDX-License-Identifier: MIT */
#include "bench/statistics/numeric.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdlib.h>

double numeric_t_quantile(double p, double df)
{
    if (!(p >= 0 && p <= 1 && df > 0))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    return gsl_cdf_tdist_Pinv(p, df);
}

double numeric_f_upper_tail(double f, double d1, double d2)
{
    if (!(d1 > 0 && d2 > 0) || isnan(f))
        return NAN;
    if (f <= 0)
        return 1;
    return isinf(f) ? 0 : gsl_cdf_fdist_Q(f, d1, d2);
}

bool numeric_can_fit(void)
{
    return true;
}

struct problem {
    numeric_residuals *residuals;
    void *context;
    double *scratch; /* contiguous, which GSL's vectors are not: some are columns of a matrix */
};

/* Stands for a residual that is not finite, so that the step is taken back and a smaller tried. */
static const double hopeless = 1e100;

static int evaluate(const gsl_vector *parameters, void *data, gsl_vector *residuals)
{
    const struct problem *problem = data;
    double *scratch = problem->scratch;
    double *copy = scratch + residuals->size;
    for (size_t i = 0; i < parameters->size; i++)
        copy[i] = gsl_vector_get(parameters, i);
    problem->residuals(copy, scratch, problem->context);
    for (size_t i = 0; i < residuals->size; i++)
        gsl_vector_set(residuals, i, isfinite(scratch[i]) ? scratch[i] : hopeless);
    return GSL_SUCCESS;
}

static bool solve(gsl_multifit_nlinear_workspace *workspace, gsl_multifit_nlinear_fdf *function,
                  double *parameters)
{
    static const size_t most_iterations = 500;
    static const double tolerance = 1e-10;
    gsl_vector_const_view start = gsl_vector_const_view_array(parameters, function->p);
    int info = 0;
    if (gsl_multifit_nlinear_init(&start.vector, function, workspace) != GSL_SUCCESS)
        return false;
    int status = gsl_multifit_nlinear_driver(most_iterations, tolerance, tolerance, 0, NULL, NULL,
                                             &info, workspace);
    /* No progress: not one step helps, for the start is a minimum already. */
    if (status != GSL_SUCCESS && info != GSL_ENOPROG)
        return false;
    const gsl_vector *found = gsl_multifit_nlinear_position(workspace);
    for (size_t i = 0; i < function->p; i++)
        parameters[i] = gsl_vector_get(found, i);
    return true;
}

bool numeric_fit(numeric_residuals *residuals, void *context, size_t residual_count,
                 double *parameters, size_t parameter_count)
{
    /* GSL's handler aborts the program. The same value is stored each time, so order is no matter.
     */
    gsl_set_error_handler_off();
    if (parameter_count == 0 || residual_count < parameter_count)
        return false;
    struct problem problem = {
        .residuals = residuals,
        .context = context,
        .scratch = malloc((residual_count + parameter_count) * sizeof(double)),
    };
    gsl_multifit_nlinear_fdf function = {
        .f = evaluate, .n = residual_count, .p = parameter_count, .params = &problem};
    gsl_multifit_nlinear_parameters settings = gsl_multifit_nlinear_default_parameters();
    settings.fdtype = GSL_MULTIFIT_NLINEAR_CTRDIFF;
    gsl_multifit_nlinear_workspace *workspace = gsl_multifit_nlinear_alloc(
        gsl_multifit_nlinear_trust, &settings, residual_count, parameter_count);
    bool converged =
        problem.scratch != NULL && workspace != NULL && solve(workspace, &function, parameters);
    gsl_multifit_nlinear_free(workspace); /* takes NULL */
    free(problem.scratch);
    return converged;
}
