/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_plan.h"

#include "bench/base/bench_random.h"
#include "bench/results/trial_group.h"
#include "bench/statistics/sample.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Above this share of its own capacity, a count is tried only once. */
static const double hopeless_share = 1.1;

/* Room for `count` more trials, zeroed; NULL when memory runs out. */
static struct trial *add_trials(struct results *results, size_t count)
{
    struct trial *trials =
        realloc(results->trials, (results->trial_count + count) * sizeof(*trials));
    if (trials == NULL)
        return NULL;
    results->trials = trials;
    struct trial *added = &trials[results->trial_count];
    memset(added, 0, count * sizeof(*added));
    results->trial_count += count;
    return added;
}

/* A stream of its own for each block: a sweep that goes on later draws the same orders. */
static struct bench_random block_random(const struct results *results, size_t workload,
                                        enum experiment experiment, unsigned block)
{
    struct bench_random random = {results->settings.seed};
    random.state = bench_random_next(&random) + workload;
    random.state = bench_random_next(&random) + (uint64_t)experiment;
    random.state = bench_random_next(&random) + block;
    return random;
}

static bool plan_capacity_block(struct results *results, size_t workload, unsigned block)
{
    const struct results_settings *settings = &results->settings;
    size_t order[RESULTS_COUNT_LIMIT + 1];
    struct bench_random random = block_random(results, workload, EXPERIMENT_CAPACITY, block);
    bench_random_order(&random, order, settings->count + 1);
    struct trial *trial = add_trials(results, settings->count + 1);
    if (trial == NULL)
        return false;
    for (unsigned place = 0; place <= settings->count; place++, trial++) {
        bool control = order[place] == settings->count;
        *trial = (struct trial){
            .workload = workload,
            .workers = control ? settings->reference : settings->workers[order[place]],
            .experiment = EXPERIMENT_CAPACITY,
            .rate_rps = NAN,
            .block = block,
            .place = place + 1,
            .control = control,
        };
    }
    return true;
}

bool sweep_plan_capacity(struct results *results)
{
    for (size_t workload = 0; workload < results->settings.workload_count; workload++)
        for (unsigned block = 1; block <= results->settings.blocks; block++)
            if (!plan_capacity_block(results, workload, block))
                return false;
    return true;
}

/* Geometric mean of a count's usable rates; NAN without any. */
static double capacity_rps(const struct results *results, size_t workload, unsigned workers,
                           double *scratch)
{
    struct trial_group group = {.results = results,
                                .workload = workload,
                                .experiment = EXPERIMENT_CAPACITY,
                                .workers = workers};
    size_t count =
        trial_group_values(&group, offsetof(struct trial, measurement.throughput_rps), scratch);
    return sample_geometric_mean(scratch, count);
}

/* The rates to try, rising; how many. */
static size_t choose_rates(const struct results_settings *settings, double best_rps,
                           double rates[RESULTS_RATE_LIMIT])
{
    size_t count = 0;
    bool slo_pending = !isnan(settings->slo_rate_rps);
    for (size_t i = 0; i < settings->share_count; i++) {
        double rate = settings->shares[i] * best_rps;
        if (slo_pending && settings->slo_rate_rps <= rate) {
            rates[count++] = settings->slo_rate_rps;
            slo_pending = false;
        }
        rates[count++] = rate;
    }
    if (slo_pending)
        rates[count++] = settings->slo_rate_rps;
    return count;
}

struct latency_place {
    unsigned workers;
    double rate_rps;
    bool hopeless;
};

static bool plan_latency_block(struct results *results, size_t workload, unsigned block,
                               const struct latency_place *places, size_t count)
{
    size_t order[RESULTS_COUNT_LIMIT * RESULTS_RATE_LIMIT];
    struct bench_random random = block_random(results, workload, EXPERIMENT_LATENCY, block);
    bench_random_order(&random, order, count);
    size_t planned = 0;
    for (size_t i = 0; i < count; i++)
        planned += block == 1 || !places[i].hopeless ? 1 : 0;
    struct trial *trial = planned > 0 ? add_trials(results, planned) : NULL;
    unsigned place = 1;
    for (size_t i = 0; i < count && trial != NULL; i++) {
        const struct latency_place *at = &places[order[i]];
        if (block > 1 && at->hopeless)
            continue;
        *trial++ = (struct trial){
            .workload = workload,
            .workers = at->workers,
            .experiment = EXPERIMENT_LATENCY,
            .rate_rps = at->rate_rps,
            .block = block,
            .place = place,
        };
        place++;
    }
    return planned == 0 || trial != NULL;
}

bool sweep_plan_latency(struct results *results, size_t workload)
{
    const struct results_settings *settings = &results->settings;
    double capacities[RESULTS_COUNT_LIMIT];
    double best_rps = NAN;
    double *scratch = malloc((results->trial_count + 1) * sizeof(*scratch));
    if (scratch == NULL)
        return false;
    for (size_t i = 0; i < settings->count; i++) {
        capacities[i] = capacity_rps(results, workload, settings->workers[i], scratch);
        best_rps = fmax(best_rps, capacities[i]); /* which leaves NANs out */
    }
    free(scratch);
    if (isnan(best_rps))
        return true;
    double rates[RESULTS_RATE_LIMIT];
    size_t rate_count = choose_rates(settings, best_rps, rates);
    struct latency_place places[RESULTS_COUNT_LIMIT * RESULTS_RATE_LIMIT];
    size_t count = 0;
    for (size_t i = 0; i < settings->count; i++)
        for (size_t rate = 0; rate < rate_count; rate++)
            places[count++] = (struct latency_place){
                .workers = settings->workers[i],
                .rate_rps = rates[rate],
                .hopeless = rates[rate] > hopeless_share * capacities[i],
            };
    for (unsigned block = 1; block <= settings->latency_blocks; block++)
        if (!plan_latency_block(results, workload, block, places, count))
            return false;
    return true;
}

bool sweep_plan_has_latency(const struct results *results, size_t workload)
{
    if (results->settings.latency_blocks == 0)
        return true;
    for (size_t i = 0; i < results->trial_count; i++)
        if (results->trials[i].workload == workload &&
            results->trials[i].experiment == EXPERIMENT_LATENCY)
            return true;
    return false;
}

size_t sweep_plan_unplanned(const struct results *results)
{
    const struct results_settings *settings = &results->settings;
    size_t rates = settings->share_count + (isnan(settings->slo_rate_rps) ? 0 : 1);
    size_t unplanned = 0;
    for (size_t workload = 0; workload < settings->workload_count; workload++)
        if (!sweep_plan_has_latency(results, workload))
            unplanned += settings->count * rates * settings->latency_blocks;
    return unplanned;
}
