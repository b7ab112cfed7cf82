/* SPDX-License-Identifier: MIT */
/*
 * Curves of throughput X over the number of workers N, fitted by least squares on ln X, so that
 * relative deviations count alike everywhere. Each comes with its lack-of-fit test: a curve that
 * is rejected describes something else. Never asked about more workers than were tried.
 * Observations may repeat an N; those without a positive, finite rate are left out. Pure; any
 * thread.
 */
#ifndef CREW_BENCH_SCALABILITY_H
#define CREW_BENCH_SCALABILITY_H

#include "bench/statistics/lack_of_fit.h"

#include <stdbool.h>
#include <stddef.h>

struct scalability_point {
    double workers; /* at least 1 */
    double rate_rps;
};

/*
 * The Universal Scalability Law (Gunther, "Guerrilla Capacity Planning", 2007):
 *
 *   X(N) = λN / (1 + σ(N - 1) + κN(N - 1)),   peak at N* = √((1 - σ) / κ)
 *
 * with λ > 0, 0 <= σ <= 1 and κ >= 0. Needs GSL and six different N, of which one is 1.
 */
struct scalability_usl {
    const char *not_fitted; /* why there is no curve; NULL when there is one */
    double lambda_rps;      /* of one worker */
    double sigma;           /* contention: the share of the work that is done one at a time */
    double kappa;           /* coherency: the cost of each pair of workers to each other */
    double peak_workers;    /* at most the largest N that was tried; not rounded */
    bool peak_beyond;       /* the curve still rises there: its peak, if any, was not seen */
    struct lack_of_fit lack;
};

/* False when memory runs out. */
bool scalability_fit_usl(const struct scalability_point *points, size_t count,
                         struct scalability_usl *usl);

/* X(N) of a fitted curve. */
double scalability_usl_rate(const struct scalability_usl *usl, double workers);

/* N*; INFINITY when κ is 0 (and σ below 1). At least 1. */
double scalability_usl_peak(double sigma, double kappa);

/*
 * A hard knee: X(N) = min(λN, Xmax). The exact least squares, found by trying every place of the
 * knee: between two neighbouring N, where both parts are plain means, or at one of them. Needs
 * three different N.
 */
struct scalability_knee {
    const char *not_fitted; /* as above */
    double lambda_rps;      /* of one worker; at least this when the knee is at the smallest N */
    double limit_rps;       /* Xmax; at least this when the knee was not seen */
    double knee_workers;    /* Xmax / λ; at most the largest N that was tried; not rounded */
    bool knee_beyond;       /* the rate still rises by λ there: the knee was not seen */
    struct lack_of_fit lack;
};

/* False when memory runs out. */
bool scalability_fit_knee(const struct scalability_point *points, size_t count,
                          struct scalability_knee *knee);

double scalability_knee_rate(const struct scalability_knee *knee, double workers);

#endif
