/* SPDX-License-Identifier: MIT */
#include "bench/results/comparison.h"

#include "bench/statistics/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The trials of one workload and worker count in one file, in room that all lines share. */
struct gathered {
    double *rates_rps;
    size_t count;
    struct histogram *merged;
};

static bool belongs(const struct results *results, const struct trial *trial, const char *workload,
                    unsigned workers)
{
    return trial->experiment == EXPERIMENT_CAPACITY && !trial->control &&
           trial->workers == workers &&
           strcmp(results->settings.workloads[trial->workload], workload) == 0;
}

/* NULL when the trial does not say: it was not tried. */
static const char *reason_of(const struct trial *trial)
{
    if (trial->problem[0] != '\0')
        return trial->problem;
    if (trial->measurement.reason_count > 0)
        return trial->measurement.reasons[0];
    return trial->measurement.failures_total > 0 ? "requests failed" : NULL;
}

static void gather(const struct results *results, const char *workload, unsigned workers,
                   struct gathered *gathered, struct comparison_side *side)
{
    gathered->count = 0;
    histogram_reset(gathered->merged);
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial *trial = &results->trials[i];
        if (!belongs(results, trial, workload, workers))
            continue;
        side->planned++;
        if (!trial_usable(trial) || trial->measurement.throughput_rps <= 0) {
            if (side->first_reason == NULL)
                side->first_reason = reason_of(trial);
            continue;
        }
        gathered->rates_rps[gathered->count++] = trial->measurement.throughput_rps;
        if (trial->measurement.response_histogram != NULL)
            histogram_merge(gathered->merged, trial->measurement.response_histogram);
    }
    side->usable = gathered->count;
    side->rate_rps = sample_geometric_mean(gathered->rates_rps, gathered->count);
    bench_response_take(&side->response, gathered->merged);
}

static bool has_workload(const struct results_settings *settings, const char *name, size_t limit)
{
    for (size_t i = 0; i < limit; i++)
        if (strcmp(settings->workloads[i], name) == 0)
            return true;
    return false;
}

static bool has_count(const struct results_settings *settings, unsigned workers)
{
    for (size_t i = 0; i < settings->count; i++)
        if (settings->workers[i] == workers)
            return true;
    return false;
}

static size_t common_counts(const struct results_settings *a, const struct results_settings *b)
{
    size_t common = 0;
    for (size_t i = 0; i < a->count; i++)
        common += has_count(b, a->workers[i]);
    return common;
}

/* `together` intervals are to hold at once. */
static void take_line(const struct comparison *comparison, const char *workload, size_t together,
                      struct gathered gathered[COMPARISON_SIDES], struct comparison_line *line)
{
    line->compared = true;
    for (size_t side = 0; side < COMPARISON_SIDES; side++) {
        gather(comparison->results[side], workload, line->workers, &gathered[side],
               &line->sides[side]);
        line->compared = line->compared && line->sides[side].usable >= COMPARISON_TRIALS_LEAST;
    }
    line->ratio =
        interval_unpaired(gathered[COMPARISON_B].rates_rps, gathered[COMPARISON_B].count,
                          gathered[COMPARISON_A].rates_rps, gathered[COMPARISON_A].count, together);
}

static void take_lines(const struct comparison *comparison, struct comparison_workload *workload,
                       struct gathered gathered[COMPARISON_SIDES])
{
    const struct results_settings *a = &comparison->results[COMPARISON_A]->settings;
    const struct results_settings *b = &comparison->results[COMPARISON_B]->settings;
    workload->detectable = NAN;
    for (size_t i = 0; i < a->count; i++) {
        if (!has_count(b, a->workers[i]))
            continue;
        struct comparison_line *line = &workload->lines[workload->count++];
        line->workers = a->workers[i];
        take_line(comparison, workload->name, common_counts(a, b), gathered, line);
        workload->compared += line->compared;
        workload->different += interval_differs(&line->ratio);
        workload->detectable = fmax(workload->detectable, line->ratio.detectable);
    }
}

static void take_workloads(struct comparison *comparison,
                           struct gathered gathered[COMPARISON_SIDES])
{
    const struct results_settings *a = &comparison->results[COMPARISON_A]->settings;
    const struct results_settings *b = &comparison->results[COMPARISON_B]->settings;
    for (size_t i = 0; i < a->workload_count; i++) {
        const char *name = a->workloads[i];
        if (has_workload(a, name, i) || !has_workload(b, name, b->workload_count))
            continue; /* named twice, or in one file only */
        struct comparison_workload *workload = &comparison->workloads[comparison->count++];
        workload->name = name;
        take_lines(comparison, workload, gathered);
        comparison->compared += workload->compared;
    }
}

static bool take(struct comparison *comparison)
{
    struct gathered gathered[COMPARISON_SIDES] = {0};
    bool enough = true;
    for (size_t side = 0; side < COMPARISON_SIDES; side++) {
        size_t most = comparison->results[side]->trial_count + 1;
        gathered[side].rates_rps = calloc(most, sizeof(double));
        gathered[side].merged = malloc(sizeof(struct histogram));
        enough = enough && gathered[side].rates_rps != NULL && gathered[side].merged != NULL;
    }
    size_t most = comparison->results[COMPARISON_A]->settings.workload_count + 1;
    comparison->workloads = calloc(most, sizeof(*comparison->workloads));
    enough = enough && comparison->workloads != NULL;
    if (enough)
        take_workloads(comparison, gathered);
    for (size_t side = 0; side < COMPARISON_SIDES; side++) {
        free(gathered[side].rates_rps);
        free(gathered[side].merged);
    }
    return enough;
}

struct comparison *comparison_take(const struct results *a, const struct results *b)
{
    struct comparison *comparison = calloc(1, sizeof(*comparison));
    if (comparison == NULL)
        return NULL;
    comparison->results[COMPARISON_A] = a;
    comparison->results[COMPARISON_B] = b;
    if (!take(comparison)) {
        comparison_free(comparison);
        return NULL;
    }
    comparison_take_notes(comparison);
    return comparison;
}

void comparison_free(struct comparison *comparison)
{
    if (comparison != NULL)
        free(comparison->workloads);
    free(comparison);
}
