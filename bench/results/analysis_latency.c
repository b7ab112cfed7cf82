/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis_parts.h"

#include "bench/statistics/percentile_floor.h"
#include "bench/statistics/queueing.h"

#include <math.h>
#include <stdlib.h>

/* The rates that the plan holds, rising; returns how many. */
static size_t find_rates(const struct analysis_work *work, double rates[RESULTS_RATE_LIMIT])
{
    const struct results *results = work->results;
    size_t count = 0;
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial *trial = &results->trials[i];
        if (trial->workload != work->workload || trial->experiment != EXPERIMENT_LATENCY)
            continue;
        size_t at = 0;
        while (at < count && rates[at] < trial->rate_rps &&
               !trial_same_rate(rates[at], trial->rate_rps))
            at++;
        if (count == RESULTS_RATE_LIMIT ||
            (at < count && trial_same_rate(rates[at], trial->rate_rps)))
            continue;
        for (size_t j = count++; j > at; j--)
            rates[j] = rates[j - 1];
        rates[at] = trial->rate_rps;
    }
    return count;
}

static struct trial_group group_of(const struct analysis_work *work,
                                   const struct latency_line *line)
{
    return (struct trial_group){work->results, work->workload, EXPERIMENT_LATENCY, line->workers,
                                line->offered_rps};
}

/* False when memory runs out. */
static bool merge(const struct trial_group *group, struct latency_line *line)
{
    line->response_histogram = histogram_new();
    line->wire_histogram = histogram_new();
    if (line->response_histogram == NULL || line->wire_histogram == NULL)
        return false;
    for (const struct trial *trial = trial_group_next(group, NULL); trial != NULL;
         trial = trial_group_next(group, trial)) {
        const struct measurement *measurement = &trial->measurement;
        if (!trial_usable(trial))
            continue;
        if (measurement->response_histogram != NULL)
            histogram_merge(line->response_histogram, measurement->response_histogram);
        if (measurement->wire_histogram != NULL)
            histogram_merge(line->wire_histogram, measurement->wire_histogram);
    }
    return true;
}

/* While the backlog grows, response times are as long as the trial: their percentiles say nothing
 * of the server. */
static void take_percentiles(const struct latency_line *line, const struct histogram *histogram,
                             struct bench_response *response)
{
    *response = (struct bench_response){0, NAN, NAN, NAN, NAN, NAN, NAN};
    if (histogram == NULL)
        return;
    if (analysis_unstable(line))
        response->count = histogram_count(histogram);
    else
        bench_response_take(response, histogram);
}

/* ---- service level -----------------------------------------------------------------------------
 */

/*
 * The share of requests that were answered within the limit, as a quantile of those that were
 * answered at all: failed requests and those that were held back took too long. Trials with
 * failures count here, and only here.
 */
struct slo_count {
    size_t trials;
    size_t unstable;
    double answered;
    double missing;
};

static struct slo_count count_slo(const struct analysis_work *work, const struct trial_group *group)
{
    struct slo_count count = {.trials = 0};
    histogram_reset(work->histogram);
    for (const struct trial *trial = trial_group_next(group, NULL); trial != NULL;
         trial = trial_group_next(group, trial)) {
        const struct measurement *measurement = &trial->measurement;
        if (!trial->complete || !measurement_valid(measurement) ||
            measurement->response_histogram == NULL)
            continue;
        histogram_merge(work->histogram, measurement->response_histogram);
        count.trials++;
        count.unstable += measurement->unstable ? 1 : 0;
        count.missing += (double)(measurement->failures_total + measurement->held_back);
    }
    count.answered = (double)histogram_count(work->histogram);
    return count;
}

/* The quantile of all requests is that quantile of the answered ones which leaves out as many. */
static bool within_limit(const struct histogram *histogram, const struct slo_count *count,
                         const struct results_settings *settings)
{
    double wanted = settings->slo_quantile * (count->answered + count->missing) / count->answered;
    return wanted <= 1 &&
           (double)histogram_quantile_ns(histogram, wanted) / 1000 < settings->slo_limit_us;
}

static void judge_slo(const struct analysis_work *work, const struct trial_group *group,
                      struct latency_line *line)
{
    const struct results_settings *settings = &work->results->settings;
    double confidence = settings->slo_quantile > 0.99 ? 0.95 : 0.99; /* as for percentiles */
    if (isnan(settings->slo_quantile))
        return;
    struct slo_count count = count_slo(work, group);
    bool unstable = count.unstable * 2 > count.trials;
    double floor = (double)percentile_floor(settings->slo_quantile, confidence, 0);
    line->slo_known = count.trials > 0 && (unstable || count.answered + count.missing >= floor);
    line->slo_met = line->slo_known && !unstable && count.answered > 0 &&
                    within_limit(work->histogram, &count, settings);
}

enum choice_slo analysis_slo(const struct analysis_work *work, unsigned workers)
{
    const struct analysis *analysis = work->analysis;
    double rate_rps = analysis_judged_rps(work);
    enum choice_slo slo = CHOICE_SLO_UNKNOWN;
    if (isnan(work->results->settings.slo_quantile))
        return CHOICE_SLO_NONE;
    /* What is met at a higher rate is met at this one, and what is missed at a lower one is not. */
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        bool same = trial_same_rate(line->offered_rps, rate_rps);
        if (line->workers != workers || !line->slo_known)
            continue;
        if (!line->slo_met && (same || line->offered_rps < rate_rps))
            return CHOICE_SLO_MISSED;
        if (line->slo_met && (same || line->offered_rps > rate_rps))
            slo = CHOICE_SLO_MET;
    }
    return slo;
}

double analysis_judged_rps(const struct analysis_work *work)
{
    const struct analysis *analysis = work->analysis;
    double rate_rps = work->results->settings.slo_rate_rps;
    if (!isnan(rate_rps) || analysis->capacity_count == 0)
        return rate_rps;
    unsigned fastest = analysis->capacity[analysis_fastest(analysis)].workers;
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        if (line->workers == fastest && line->usable > 0 && !analysis_unstable(line))
            rate_rps = fmax(rate_rps, line->offered_rps);
    }
    return rate_rps;
}

/* ---- lines -------------------------------------------------------------------------------------
 */

/* False when memory runs out. */
static bool take_line(const struct analysis_work *work, const struct trial_group *group,
                      const struct trial_tally *tally)
{
    struct analysis *analysis = work->analysis;
    struct latency_line *line = &analysis->latency[analysis->latency_count++];
    *line = (struct latency_line){
        .workers = group->workers,
        .offered_rps = group->rate_rps,
        .share = NAN,
        .planned = tally->planned,
        .usable = tally->usable,
        .unstable = tally->unstable,
        .first_reason = tally->first_reason,
    };
    if (analysis->capacity_count > 0)
        line->share = line->offered_rps / analysis->capacity[analysis_fastest(analysis)].rate_rps;
    if (tally->usable > 0 && !merge(group, line))
        return false;
    take_percentiles(line, line->response_histogram, &line->response);
    take_percentiles(line, line->wire_histogram, &line->wire);
    line->throughput_rps = trial_group_median(
        group, offsetof(struct trial, measurement.throughput_rps), work->scratch);
    line->queue_wait_us =
        trial_group_median(group, offsetof(struct trial, server.queue_wait_mean_us), work->scratch);
    judge_slo(work, group, line);
    return true;
}

/*
 * Predicts the queue waits of one count from its service time at the lowest rate, where workers
 * hinder each other least. The factor of Allen and Cunneen is for the mean; it is applied to the
 * whole distribution, whose tail it stretches alike.
 */
static void predict_waits(const struct analysis_work *work, struct latency_line *lines,
                          size_t count)
{
    size_t lowest = 0;
    while (lowest < count && lines[lowest].usable == 0)
        lowest++;
    double service_us = NAN;
    double variation = NAN;
    if (lowest < count) {
        struct trial_group group = group_of(work, &lines[lowest]);
        service_us = trial_group_median(&group, offsetof(struct trial, server.service_mean_us),
                                        work->scratch);
        variation = sqrt(
            trial_group_median(&group, offsetof(struct trial, server.service_scv), work->scratch));
    }
    double factor = queueing_variability(1, variation);
    for (size_t i = 0; i < count; i++) {
        struct queueing queue = {lines[i].offered_rps, service_us, lines[i].workers};
        bool known = service_us > 0 && !isnan(factor);
        lines[i].model_queue_wait_us = known ? factor * queueing_mean_wait_us(&queue) : NAN;
        lines[i].model_queue_wait_p99_us =
            known ? factor * queueing_wait_quantile_us(&queue, 0.99) : NAN;
    }
}

bool analysis_take_latency(struct analysis_work *work)
{
    const struct results_settings *settings = &work->results->settings;
    struct analysis *analysis = work->analysis;
    double rates[RESULTS_RATE_LIMIT];
    size_t rate_count = find_rates(work, rates);
    for (size_t i = 0; i < settings->count; i++) {
        size_t first = analysis->latency_count;
        for (size_t j = 0; j < rate_count; j++) {
            struct trial_group group = {work->results, work->workload, EXPERIMENT_LATENCY,
                                        settings->workers[i], rates[j]};
            struct trial_tally tally = trial_group_tally(&group);
            if (tally.planned > 0 && !take_line(work, &group, &tally))
                return false;
        }
        predict_waits(work, &analysis->latency[first], analysis->latency_count - first);
    }
    return true;
}
