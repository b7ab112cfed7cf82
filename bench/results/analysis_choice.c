/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis_parts.h"

#include "bench/statistics/choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What choice_make reads and fills; the arrays are owned. */
struct table {
    size_t blocks;
    double *rates_rps;
    double *control_rps;
    unsigned workers[RESULTS_COUNT_LIMIT];
    enum choice_slo slo[RESULTS_COUNT_LIMIT];
    double p99_us[RESULTS_COUNT_LIMIT];
    struct choice_line lines[RESULTS_COUNT_LIMIT];
};

/* capacity_count if it has no usable trials. */
static size_t index_of(const struct analysis *analysis, unsigned workers)
{
    size_t i = 0;
    while (i < analysis->capacity_count && analysis->capacity[i].workers != workers)
        i++;
    return i;
}

/* p99 at the judged rate; in the capacity experiment if nothing else was measured. A backlog that
 * grows is worse than any p99. */
static double p99_us(const struct analysis_work *work, const struct capacity_line *capacity)
{
    const struct analysis *analysis = work->analysis;
    double rate_rps = analysis_judged_rps(work);
    if (isnan(rate_rps))
        return capacity->response.p99_us;
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        if (line->workers == capacity->workers && trial_same_rate(line->offered_rps, rate_rps))
            return analysis_unstable(line) ? INFINITY : line->response.p99_us;
    }
    return NAN;
}

static void fill_rates(const struct analysis_work *work, struct table *table)
{
    const struct results *results = work->results;
    size_t counts = work->analysis->capacity_count;
    for (size_t i = 0; i < table->blocks * counts; i++)
        table->rates_rps[i] = NAN;
    for (size_t i = 0; i < table->blocks; i++)
        table->control_rps[i] = NAN;
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial *trial = &results->trials[i];
        size_t index = index_of(work->analysis, trial->workers);
        if (trial->workload != work->workload || trial->experiment != EXPERIMENT_CAPACITY ||
            !trial_usable(trial) || trial->block == 0 || trial->block > table->blocks)
            continue;
        if (trial->control)
            table->control_rps[trial->block - 1] = trial->measurement.throughput_rps;
        else if (index < counts)
            table->rates_rps[(trial->block - 1) * counts + index] =
                trial->measurement.throughput_rps;
    }
}

/* False when memory runs out; table_free is due in any case. */
static bool table_fill(const struct analysis_work *work, struct table *table)
{
    const struct results *results = work->results;
    const struct analysis *analysis = work->analysis;
    size_t counts = analysis->capacity_count;
    /* No more than one for each trial, whatever a file says. */
    table->blocks = results->settings.blocks < results->trial_count ? results->settings.blocks
                                                                    : results->trial_count;
    table->rates_rps = calloc(table->blocks * counts + 1, sizeof(*table->rates_rps));
    table->control_rps = calloc(table->blocks + 1, sizeof(*table->control_rps));
    if (table->rates_rps == NULL || table->control_rps == NULL)
        return false;
    fill_rates(work, table);
    for (size_t i = 0; i < counts; i++) {
        table->workers[i] = analysis->capacity[i].workers;
        table->slo[i] = analysis_slo(work, table->workers[i]);
        table->p99_us[i] = p99_us(work, &analysis->capacity[i]);
    }
    return true;
}

static void table_free(struct table *table)
{
    free(table->rates_rps);
    free(table->control_rps);
    free(table);
}

/*
 * Trials that were refused may have been the best ones: why they were, or NULL. What they reached
 * all the same is the least that the server can do.
 */
static const char *spoiling_reason(const struct analysis *analysis)
{
    const char *reason = NULL;
    double best_rps = 0;
    for (size_t i = 0; i < analysis->capacity_count; i++)
        if (analysis->capacity[i].usable >= CHOICE_BLOCKS_LEAST)
            best_rps = fmax(best_rps, analysis->capacity[i].rate_rps);
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        const struct capacity_line *line = &analysis->capacity[i];
        if (line->first_reason == NULL || !(line->rate_rps > best_rps))
            continue;
        best_rps = line->rate_rps;
        reason = line->first_reason;
    }
    for (size_t i = 0; i < analysis->left_out_count; i++) {
        const struct left_out_line *line = &analysis->left_out[i];
        if (line->first_reason == NULL || !(line->apparent_rps > best_rps))
            continue;
        best_rps = line->apparent_rps;
        reason = line->first_reason;
    }
    return reason;
}

/* Why there is nothing to compare; NULL when no more was asked for. */
static const char *reason_for_nothing(const struct analysis *analysis)
{
    for (size_t i = 0; i < analysis->left_out_count; i++)
        if (analysis->left_out[i].first_reason != NULL)
            return analysis->left_out[i].first_reason;
    return analysis->capacity_count == 0 ? "no trial was run" : NULL;
}

static void overrule(struct analysis *analysis)
{
    const char *reason = spoiling_reason(analysis);
    if (reason == NULL && analysis->capacity_count < 2)
        reason = reason_for_nothing(analysis);
    if (reason == NULL)
        return;
    analysis->choice.verdict = CHOICE_UNDETERMINED;
    analysis->choice.reason = reason;
}

/* False when memory runs out. */
static bool choose(struct analysis_work *work, struct table *table)
{
    struct analysis *analysis = work->analysis;
    const struct results_settings *settings = &work->results->settings;
    size_t reference = index_of(analysis, settings->reference);
    bool referenced = reference < analysis->capacity_count;
    struct choice_input input = {
        .workers = table->workers,
        .counts = analysis->capacity_count,
        .rates_rps = table->rates_rps,
        .blocks = table->blocks,
        .control_rps = referenced ? table->control_rps : NULL,
        .reference = referenced ? reference : 0,
        .slo = isnan(settings->slo_quantile) ? NULL : table->slo,
        .p99_us = table->p99_us,
        .seed = settings->seed,
    };
    if (!choice_make(&input, table->lines, &analysis->choice))
        return false;
    overrule(analysis);
    choice_explain(&input, table->lines, &analysis->choice, analysis->recommendation);
    /* A reason may go on with a server's log. */
    analysis->recommendation[strcspn(analysis->recommendation, "\n")] = '\0';
    return true;
}

bool analysis_take_choice(struct analysis_work *work)
{
    struct analysis *analysis = work->analysis;
    struct table *table = calloc(1, sizeof(*table));
    if (table == NULL)
        return false;
    bool enough = table_fill(work, table) && choose(work, table);
    for (size_t i = 0; enough && i < analysis->capacity_count; i++) {
        struct capacity_line *line = &analysis->capacity[i];
        line->comparison = table->lines[i];
        line->rate_low_rps = line->comparison.rate.low;
        line->rate_high_rps = line->comparison.rate.high;
    }
    table_free(table);
    return enough;
}
