/* SPDX-License-Identifier: MIT */
#include "bench/statistics/scalability.h"

#include "bench/statistics/numeric.h"

#include <math.h>
#include <stdlib.h>

/* The observations that can be used, as logarithms. */
struct series {
    double *workers;
    double *logs;      /* of the rates */
    double *residuals; /* of the curve that was fitted last */
    double *places;    /* the different N, rising */
    size_t count;
    size_t place_count;
};

static void add_place(struct series *series, double workers)
{
    size_t i = series->place_count;
    for (size_t j = 0; j < series->place_count; j++)
        if (series->places[j] == workers)
            return;
    for (; i > 0 && series->places[i - 1] > workers; i--)
        series->places[i] = series->places[i - 1];
    series->places[i] = workers;
    series->place_count++;
}

/* Free series->workers afterwards, whatever it returns. */
static bool take_series(struct series *series, const struct scalability_point *points, size_t count)
{
    /* One more than needed: malloc(0) may return NULL. */
    *series = (struct series){.workers = malloc((4 * count + 1) * sizeof(double))};
    if (series->workers == NULL)
        return false;
    series->logs = series->workers + count;
    series->residuals = series->logs + count;
    series->places = series->residuals + count;
    for (size_t i = 0; i < count; i++) {
        if (!(points[i].workers >= 1 && points[i].rate_rps > 0 && isfinite(points[i].rate_rps)))
            continue;
        series->workers[series->count] = points[i].workers;
        series->logs[series->count++] = log(points[i].rate_rps);
        add_place(series, points[i].workers);
    }
    return true;
}

static double sum_of_squares(const struct series *series)
{
    double sum = 0;
    for (size_t i = 0; i < series->count; i++)
        sum += series->residuals[i] * series->residuals[i];
    return sum;
}

/* By more than the search is exact; so of equally good curves the first that was tried stays. */
static bool improves(const struct series *series, double squares, double least)
{
    return squares < (1 - 1e-9) * least - 1e-18 * (double)series->count;
}

static struct lack_of_fit lack_of(const struct series *series, size_t parameters)
{
    return lack_of_fit_test(series->workers, series->logs, series->residuals, series->count,
                            parameters);
}

/* ---- the Universal Scalability Law -------------------------------------------------------------
 *
 * Given σ and κ the best ln λ is a plain mean, so only these two are searched, as σ = 1 / (1 +
 * exp(-u)) and κ = exp(v): whatever u and v are, the bounds hold. The bounds themselves lie at
 * infinity there, so the curves with σ = 0, σ = 1 or κ = 0 are fitted on their own, with fewer
 * parameters, and the best of all is taken. */

enum { USL_PARAMETERS = 3, USL_LEAST_PLACES = 6 };

enum sigma_at { SIGMA_ZERO, SIGMA_ONE, SIGMA_FREE };

/* Which of σ and κ are searched. */
struct usl_problem {
    const struct series *series;
    enum sigma_at sigma_at;
    bool kappa_free;
};

static double usl_loss(double sigma, double kappa, double workers)
{
    return 1 + (sigma + kappa * workers) * (workers - 1);
}

/* Fills residuals[] around the curve with the best ln λ, which it returns. */
static double usl_residuals(const struct series *series, double sigma, double kappa,
                            double *residuals)
{
    double log_lambda = 0;
    for (size_t i = 0; i < series->count; i++) {
        double workers = series->workers[i];
        residuals[i] = series->logs[i] - log(workers / usl_loss(sigma, kappa, workers));
        log_lambda += residuals[i] / (double)series->count;
    }
    for (size_t i = 0; i < series->count; i++)
        residuals[i] -= log_lambda;
    return log_lambda;
}

static void usl_values(const struct usl_problem *problem, const double *parameters, double *sigma,
                       double *kappa)
{
    *sigma = problem->sigma_at == SIGMA_ONE ? 1 : 0;
    if (problem->sigma_at == SIGMA_FREE)
        *sigma = 1 / (1 + exp(-*parameters++));
    *kappa = problem->kappa_free ? exp(*parameters) : 0;
}

static void usl_evaluate(const double *parameters, double *residuals, void *context)
{
    const struct usl_problem *problem = context;
    double sigma;
    double kappa;
    usl_values(problem, parameters, &sigma, &kappa);
    usl_residuals(problem->series, sigma, kappa, residuals);
}

/* Keeps these values in *usl if they are better than what is there. */
static void usl_keep_better(const struct series *series, double sigma, double kappa,
                            struct scalability_usl *usl, double *least)
{
    double log_lambda = usl_residuals(series, sigma, kappa, series->residuals);
    double squares = sum_of_squares(series);
    if (!improves(series, squares, *least))
        return;
    *least = squares;
    usl->lambda_rps = exp(log_lambda);
    usl->sigma = sigma;
    usl->kappa = kappa;
}

/* Searches from several starts. False when none of them converged. */
static bool usl_search(struct usl_problem problem, struct scalability_usl *usl, double *least)
{
    static const double sigma_starts[] = {-5, -2, 0};       /* σ of 0.7 %, 12 % and 50 % */
    static const double kappa_starts[] = {-12, -9, -6, -3}; /* κ from 6e-6 to 5 % */
    size_t sigmas = problem.sigma_at == SIGMA_FREE ? 3 : 1;
    size_t kappas = problem.kappa_free ? 4 : 1;
    bool converged = false;
    for (size_t i = 0; i < sigmas * kappas; i++) {
        double parameters[2];
        size_t used = 0;
        if (problem.sigma_at == SIGMA_FREE)
            parameters[used++] = sigma_starts[i / kappas];
        if (problem.kappa_free)
            parameters[used++] = kappa_starts[i % kappas];
        if (!numeric_fit(usl_evaluate, &problem, problem.series->count, parameters, used))
            continue;
        double sigma;
        double kappa;
        usl_values(&problem, parameters, &sigma, &kappa);
        usl_keep_better(problem.series, sigma, kappa, usl, least);
        converged = true;
    }
    return converged;
}

static bool usl_search_all(const struct series *series, struct scalability_usl *usl)
{
    double least = INFINITY;
    usl_keep_better(series, 0, 0, usl, &least);
    usl_keep_better(series, 1, 0, usl, &least);
    bool converged = usl_search((struct usl_problem){series, SIGMA_ZERO, true}, usl, &least);
    converged |= usl_search((struct usl_problem){series, SIGMA_ONE, true}, usl, &least);
    converged |= usl_search((struct usl_problem){series, SIGMA_FREE, false}, usl, &least);
    converged |= usl_search((struct usl_problem){series, SIGMA_FREE, true}, usl, &least);
    return converged;
}

double scalability_usl_rate(const struct scalability_usl *usl, double workers)
{
    return usl->lambda_rps * workers / usl_loss(usl->sigma, usl->kappa, workers);
}

double scalability_usl_peak(double sigma, double kappa)
{
    double peak = kappa > 0 ? sqrt((1 - sigma) / kappa) : INFINITY;
    return peak > 1 ? peak : 1;
}

static const char *usl_obstacle(const struct series *series)
{
    if (!numeric_can_fit())
        return "built without GSL";
    if (series->place_count < USL_LEAST_PLACES)
        return "it takes 6 different worker counts";
    if (series->places[0] != 1)
        return "1 worker was not tried";
    return NULL;
}

bool scalability_fit_usl(const struct scalability_point *points, size_t count,
                         struct scalability_usl *usl)
{
    struct series series;
    bool enough = take_series(&series, points, count);
    *usl = (struct scalability_usl){.not_fitted = enough ? usl_obstacle(&series) : "out of memory"};
    if (usl->not_fitted == NULL && !usl_search_all(&series, usl))
        usl->not_fitted = "the search did not converge";
    if (usl->not_fitted == NULL) {
        double largest = series.places[series.place_count - 1];
        double peak = scalability_usl_peak(usl->sigma, usl->kappa);
        usl->peak_beyond = peak > largest;
        usl->peak_workers = usl->peak_beyond ? largest : peak;
        usl_residuals(&series, usl->sigma, usl->kappa, series.residuals);
        usl->lack = lack_of(&series, USL_PARAMETERS);
    }
    free(series.workers);
    return enough;
}

/* ---- the hard knee -----------------------------------------------------------------------------
 */

enum { KNEE_PARAMETERS = 2, KNEE_LEAST_PLACES = 3 };

/* ln X at N when the knee is at `knee`. */
static double knee_log(double log_lambda, double knee, double workers)
{
    return log_lambda + log(workers < knee ? workers : knee);
}

/* Keeps this knee in *found if it is better than what is there; fills the residuals either way. */
static void knee_keep_better(const struct series *series, double log_lambda, double knee,
                             struct scalability_knee *found, double *least)
{
    for (size_t i = 0; i < series->count; i++)
        series->residuals[i] = series->logs[i] - knee_log(log_lambda, knee, series->workers[i]);
    double squares = sum_of_squares(series);
    if (!improves(series, squares, *least))
        return;
    *least = squares;
    found->lambda_rps = exp(log_lambda);
    found->knee_workers = knee;
}

/* The knee at this place exactly: one parameter is left. */
static void knee_at(const struct series *series, double place, struct scalability_knee *found,
                    double *least)
{
    double log_lambda = 0;
    for (size_t i = 0; i < series->count; i++)
        log_lambda +=
            (series->logs[i] - knee_log(0, place, series->workers[i])) / (double)series->count;
    knee_keep_better(series, log_lambda, place, found, least);
}

/* The knee between two neighbouring places, if the means of both parts put it there. */
static void knee_between(const struct series *series, double place, double next,
                         struct scalability_knee *found, double *least)
{
    double rising = 0;
    double flat = 0;
    size_t rising_count = 0;
    for (size_t i = 0; i < series->count; i++) {
        if (series->workers[i] <= place) {
            rising += series->logs[i] - log(series->workers[i]);
            rising_count++;
        } else {
            flat += series->logs[i];
        }
    }
    rising /= (double)rising_count;
    flat /= (double)(series->count - rising_count);
    double knee = exp(flat - rising);
    if (knee > place && knee < next)
        knee_keep_better(series, rising, knee, found, least);
}

static void knee_search(const struct series *series, struct scalability_knee *found)
{
    double least = INFINITY;
    for (size_t i = 0; i < series->place_count; i++)
        knee_at(series, series->places[i], found, &least);
    for (size_t i = 0; i + 1 < series->place_count; i++)
        knee_between(series, series->places[i], series->places[i + 1], found, &least);
    found->limit_rps = found->lambda_rps * found->knee_workers;
    found->knee_beyond = found->knee_workers >= series->places[series->place_count - 1];
}

double scalability_knee_rate(const struct scalability_knee *knee, double workers)
{
    return knee->lambda_rps * (workers < knee->knee_workers ? workers : knee->knee_workers);
}

bool scalability_fit_knee(const struct scalability_point *points, size_t count,
                          struct scalability_knee *knee)
{
    struct series series;
    bool enough = take_series(&series, points, count);
    *knee = (struct scalability_knee){0};
    if (!enough)
        knee->not_fitted = "out of memory";
    else if (series.place_count < KNEE_LEAST_PLACES)
        knee->not_fitted = "it takes 3 different worker counts";
    if (knee->not_fitted == NULL) {
        knee_search(&series, knee);
        for (size_t i = 0; i < series.count; i++)
            series.residuals[i] =
                series.logs[i] - log(scalability_knee_rate(knee, series.workers[i]));
        knee->lack = lack_of(&series, KNEE_PARAMETERS);
    }
    free(series.workers);
    return enough;
}
