/* SPDX-License-Identifier: MIT */
/*
 * What an objective such as p99<10ms asks of a trial, and whether a trial met it. Pure.
 *
 * Requests that failed, that were held back by the in-flight limit, or that were still unanswered
 * after the limit when the window ended took too long: the quantile q of all n requests, of which
 * m are such, is the quantile q · n / (n - m) of those that were answered.
 */
#ifndef CREW_BENCH_SLO_OBJECTIVE_H
#define CREW_BENCH_SLO_OBJECTIVE_H

#include "bench/commands/slo_search.h"
#include "bench/engine/measurement.h"

#include <stdint.h>

struct slo_objective {
    double quantile; /* 0.99 for p99 */
    double limit_us;
};

/* How long windows may be. */
struct slo_window {
    double shortest_s;
    double longest_s;
};

/* Fewest requests of a window for the percentile to say anything (percentile_floor), and for the
 * trial to be valid. */
double slo_requests_needed(const struct slo_objective *objective);

/* What a window has to have room for: up to half of it may be dropped as warm-up, and the half that
 * is left should then still hold as many as are needed. */
double slo_requests_planned(const struct slo_objective *objective);

/*
 * The window at this rate: long enough for the requests that are planned, and for a backlog that
 * grows by `precision` of the rate to take the percentile over the limit before the window ends.
 * At most window->longest_s.
 */
double slo_window_s(const struct slo_objective *objective, const struct slo_window *window,
                    double precision, double rate_rps);

struct slo_finding {
    enum slo_outcome outcome;
    double percentile_us; /* as defined above; INFINITY when too many were not answered, NAN when
                           * the backlog grew or the trial cannot be trusted */
    char reason[MEASUREMENT_REASON_SIZE]; /* why it cannot; else empty */
};

/* Judges an open-loop trial that ran to its end. */
struct slo_finding slo_judge(const struct slo_objective *objective,
                             const struct measurement *measurement);

/* How many of a trial's requests took too long without an answer: m above. */
double slo_missing(const struct slo_objective *objective, const struct measurement *measurement);

/* The quantile of all requests, in microseconds; INFINITY when too many are missing. */
double slo_percentile_us(double quantile, const struct histogram *answered, double missing);

#endif
