/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis_parts.h"

#include "bench/statistics/queueing.h"
#include "bench/statistics/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the figures lie that a median stands for; all are doubles. */
static const size_t figures[] = {
    offsetof(struct server_figures, utilization),
    offsetof(struct server_figures, requests),
    offsetof(struct server_figures, queue_wait_mean_us),
    offsetof(struct server_figures, queue_wait_p50_us),
    offsetof(struct server_figures, queue_wait_p99_us),
    offsetof(struct server_figures, service_mean_us),
    offsetof(struct server_figures, service_p50_us),
    offsetof(struct server_figures, service_p99_us),
    offsetof(struct server_figures, service_scv),
    offsetof(struct server_figures, cpu_us),
    offsetof(struct server_figures, worker_cpu_us),
    offsetof(struct server_figures, run_queue_us),
    offsetof(struct server_figures, lock_wait_us),
    offsetof(struct server_figures, blocked_us),
    offsetof(struct server_figures, switches),
};

static void take_server(const struct analysis_work *work, const struct trial_group *group,
                        struct server_figures *server)
{
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        double median =
            trial_group_median(group, offsetof(struct trial, server) + figures[i], work->scratch);
        memcpy((char *)server + figures[i], &median, sizeof(median));
    }
}

static void take_response(const struct analysis_work *work, const struct trial_group *group,
                          struct bench_response *response)
{
    histogram_reset(work->histogram);
    for (const struct trial *trial = trial_group_next(group, NULL); trial != NULL;
         trial = trial_group_next(group, trial))
        if (trial_usable(trial) && trial->measurement.response_histogram != NULL)
            histogram_merge(work->histogram, trial->measurement.response_histogram);
    bench_response_take(response, work->histogram);
}

static double largest(const double *values, size_t count)
{
    double found = NAN;
    for (size_t i = 0; i < count; i++)
        found = fmax(found, values[i]);
    return found;
}

static void take_line(const struct analysis_work *work, const struct trial_group *group,
                      const struct trial_tally *tally)
{
    struct analysis *analysis = work->analysis;
    struct capacity_line *line = &analysis->capacity[analysis->capacity_count++];
    line->workers = group->workers;
    line->planned = tally->planned;
    line->usable = tally->usable;
    line->first_reason = tally->first_reason;
    size_t count = trial_group_values(group, offsetof(struct trial, measurement.throughput_rps),
                                      work->scratch);
    line->rate_rps = sample_geometric_mean(work->scratch, count);
    count = trial_group_values(group, offsetof(struct trial, measurement.generator_busy),
                               work->scratch);
    line->generator_busy = largest(work->scratch, count);
    take_response(work, group, &line->response);
    take_server(work, group, &line->server);
    line->little_busy = queueing_little(line->rate_rps, line->server.service_mean_us);
    line->little_queue = queueing_little(line->rate_rps, line->server.queue_wait_mean_us);
}

/* What its trials reached all the same: at least so much can the server do. */
static void leave_out(const struct analysis_work *work, const struct trial_group *group,
                      const struct trial_tally *tally)
{
    struct analysis *analysis = work->analysis;
    struct left_out_line *line = &analysis->left_out[analysis->left_out_count++];
    *line = (struct left_out_line){
        .workers = group->workers,
        .planned = tally->planned,
        .refused = tally->refused,
        .first_reason = tally->first_reason,
        .generator_busy = NAN,
    };
    size_t count = 0;
    for (const struct trial *trial = trial_group_next(group, NULL); trial != NULL;
         trial = trial_group_next(group, trial)) {
        if (!trial->complete)
            continue;
        work->scratch[count++] = trial->measurement.throughput_rps;
        line->generator_busy = fmax(line->generator_busy, trial->measurement.generator_busy);
    }
    line->apparent_rps = sample_geometric_mean(work->scratch, count);
}

void analysis_take_capacity(struct analysis_work *work)
{
    const struct results_settings *settings = &work->results->settings;
    for (size_t i = 0; i < settings->count; i++) {
        struct trial_group group = {work->results, work->workload, EXPERIMENT_CAPACITY,
                                    settings->workers[i], NAN};
        struct trial_tally tally = trial_group_tally(&group);
        if (tally.usable > 0)
            take_line(work, &group, &tally);
        else if (tally.planned > 0)
            leave_out(work, &group, &tally);
    }
}

/* ---- models ------------------------------------------------------------------------------------
 */

static bool fit_curves(struct analysis_work *work)
{
    struct analysis *analysis = work->analysis;
    const struct results *results = work->results;
    /* One more than needed: malloc(0) may return NULL. */
    struct scalability_point *points = malloc((results->trial_count + 1) * sizeof(*points));
    if (points == NULL)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        struct trial_group group = {results, work->workload, EXPERIMENT_CAPACITY,
                                    analysis->capacity[i].workers, NAN};
        size_t known = trial_group_values(
            &group, offsetof(struct trial, measurement.throughput_rps), work->scratch);
        for (size_t j = 0; j < known; j++)
            points[count++] = (struct scalability_point){group.workers, work->scratch[j]};
    }
    bool enough = scalability_fit_usl(points, count, &analysis->usl) &&
                  scalability_fit_knee(points, count, &analysis->knee);
    free(points);
    return enough;
}

/* How long a request waits (sleep, I/O): the rest of its time, which errors of the other figures
 * may have made negative. */
static double wait_us(const struct capacity_line *line)
{
    return line->server.blocked_us < 0 ? 0 : line->server.blocked_us;
}

bool analysis_take_models(struct analysis_work *work)
{
    struct analysis *analysis = work->analysis;
    if (!fit_curves(work))
        return false;
    const struct capacity_line *first = &analysis->capacity[0];
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        struct capacity_line *line = &analysis->capacity[i];
        line->ideal_rps = first->rate_rps / first->workers * line->workers;
        line->usl_rps = analysis->usl.not_fitted == NULL
                            ? scalability_usl_rate(&analysis->usl, line->workers)
                            : NAN;
        line->knee_rps = analysis->knee.not_fitted == NULL
                             ? scalability_knee_rate(&analysis->knee, line->workers)
                             : NAN;
    }
    analysis->goetz_workers = NAN;
    if (analysis->capacity_count > 0)
        analysis->goetz_workers = queueing_goetz(work->results->host.cpus, 1, wait_us(first),
                                                 first->server.worker_cpu_us);
    return true;
}
