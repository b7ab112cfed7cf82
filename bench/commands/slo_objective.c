/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_objective.h"

#include "bench/engine/validity.h"
#include "bench/statistics/percentile_floor.h"
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const double us_per_s = 1e6;

double slo_requests_needed(const struct slo_objective *objective)
{
    double confidence = objective->quantile > 0.99 ? 0.95 : 0.99; /* as for other percentiles */
    return fmax(VALIDITY_REPLIES, (double)percentile_floor(objective->quantile, confidence, 0));
}

/* Poisson arrivals vary by the square root of their number: three times that is in reserve. */
double slo_requests_planned(const struct slo_objective *objective)
{
    double needed = slo_requests_needed(objective);
    return 2 * (needed + 3 * sqrt(needed));
}

double slo_window_s(const struct slo_objective *objective, const struct slo_window *window,
                    double precision, double rate_rps)
{
    double samples_s = slo_requests_planned(objective) / rate_rps;
    /* After t seconds the wait is precision · t; the quantile q is reached at t = q · window. */
    double growth_s = objective->limit_us / us_per_s / (precision * objective->quantile);
    return fmin(window->longest_s, fmax(window->shortest_s, fmax(samples_s, growth_s)));
}

double slo_missing(const struct slo_objective *objective, const struct measurement *measurement)
{
    double missing = (double)(measurement->failures_total + measurement->held_back);
    if (measurement->oldest_unanswered_us <= objective->limit_us)
        return missing;
    /* About so many of those that are outstanding came within the limit before the end. */
    double recent = measurement->sent_rps * objective->limit_us / us_per_s;
    return missing + fmax(1, (double)measurement->outstanding_end - recent);
}

double slo_percentile_us(double quantile, const struct histogram *answered, double missing)
{
    double count = (double)histogram_count(answered);
    double wanted = quantile * (count + missing) / count;
    return count > 0 && wanted <= 1 ? (double)histogram_quantile_ns(answered, wanted) / NS_PER_US
                                    : INFINITY;
}

static struct slo_finding refused(const char *reason)
{
    struct slo_finding finding = {.outcome = SLO_REFUSED, .percentile_us = NAN};
    snprintf(finding.reason, sizeof(finding.reason), "%s", reason);
    return finding;
}

struct slo_finding slo_judge(const struct slo_objective *objective,
                             const struct measurement *measurement)
{
    if (!measurement_valid(measurement))
        return refused(measurement->reasons[0]);
    if (measurement->unstable)
        return (struct slo_finding){.outcome = SLO_MISSED, .percentile_us = NAN};
    double missing = slo_missing(objective, measurement);
    double needed = slo_requests_needed(objective);
    if ((double)measurement->response.count + missing < needed) {
        char reason[MEASUREMENT_REASON_SIZE];
        snprintf(reason, sizeof(reason),
                 "only %" PRIu64 " requests were measured, and the percentile needs %.0f",
                 measurement->response.count, needed);
        return refused(reason);
    }
    double us = slo_percentile_us(objective->quantile, measurement->response_histogram, missing);
    return (struct slo_finding){
        .outcome = us < objective->limit_us ? SLO_MET : SLO_MISSED,
        .percentile_us = us,
    };
}
