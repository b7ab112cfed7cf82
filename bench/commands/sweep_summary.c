/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double saturated_share = 0.9; /* of one core; above, the generator is the limit */

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts `values`; NAN when there is none. */
static double median(double *values, size_t count)
{
    if (count == 0)
        return NAN;
    qsort(values, count, sizeof(*values), compare);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* The complete trials of one workload and worker count. */
struct cell {
    const struct sweep_trial *all;
    size_t *chosen; /* which of them */
    size_t count;
    double *values; /* room for one figure of each */
};

/* The median of one double field of struct sweep_trial, given by its offset. */
static double median_of(const struct cell *cell, size_t field)
{
    size_t known = 0;
    for (size_t i = 0; i < cell->count; i++) {
        double value = NAN;
        memcpy(&value, (const char *)&cell->all[cell->chosen[i]] + field, sizeof(value));
        if (!isnan(value))
            cell->values[known++] = value;
    }
    return median(cell->values, known);
}

static void add_failures(struct sweep_line *line, const struct sweep_trial *trial)
{
    for (size_t kind = 0; kind < BENCH_FAILURES; kind++)
        line->failures[kind] += trial->failures[kind];
    line->failures_total += trial->failures_total;
    if (line->first_failure[0] == '\0')
        memcpy(line->first_failure, trial->first_failure, sizeof(line->first_failure));
}

static void take_line(struct sweep_line *line, unsigned workers, const struct cell *cell,
                      const struct histogram *response)
{
    *line = (struct sweep_line){.rounds = cell->count, .throughput.workers = workers};
    double cpu_us = 0;
    for (size_t i = 0; i < cell->count; i++) {
        const struct sweep_trial *trial = &cell->all[cell->chosen[i]];
        add_failures(line, trial);
        cpu_us += trial->server_cpu_us;
        if (trial->generator_share > line->generator_share)
            line->generator_share = trial->generator_share;
    }
    bench_response_take(&line->response, response);
    line->cpu_us_per_request =
        line->response.count > 0 ? cpu_us / (double)line->response.count : NAN;
    line->utilization = median_of(cell, offsetof(struct sweep_trial, utilization));
    line->queue_wait_p50_us = median_of(cell, offsetof(struct sweep_trial, queue_wait_p50_us));
    line->queue_wait_p99_us = median_of(cell, offsetof(struct sweep_trial, queue_wait_p99_us));
    line->service_p50_us = median_of(cell, offsetof(struct sweep_trial, service_p50_us));
    line->throughput.median_rps = median_of(cell, offsetof(struct sweep_trial, throughput_rps));
    /* median_of left them sorted. */
    line->throughput.lowest_rps = cell->values[0];
    line->throughput.highest_rps = cell->values[cell->count - 1];
}

/* Why nothing can be recommended; NULL when something can. */
static const char *obstacle(const struct sweep_summary *summary, size_t worker_counts)
{
    if (summary->failures_total > 0)
        return "there were errors";
    if (summary->count < worker_counts)
        return "not every worker count was measured";
    return NULL;
}

static void recommend(struct sweep_summary *summary, size_t worker_counts)
{
    struct recommend_point points[SWEEP_COUNT_LIMIT];
    for (size_t i = 0; i < summary->count; i++)
        points[i] = summary->lines[i].throughput;
    const char *reason = obstacle(summary, worker_counts);
    if (reason == NULL && !recommend_choose(points, summary->count, &summary->recommendation))
        reason = "no reply came within the measured time, or the rounds differ by more than half";
    summary->recommended = reason == NULL;
    if (reason != NULL) {
        snprintf(summary->sentence, sizeof(summary->sentence), "%.200s: not determined: %s.",
                 summary->workload, reason);
        return;
    }
    recommend_explain(summary->workload, points, summary->count, &summary->recommendation,
                      summary->sentence);
    if (summary->generator_share > saturated_share) {
        size_t used = strlen(summary->sentence);
        snprintf(summary->sentence + used, sizeof(summary->sentence) - used,
                 " But the load generator was saturated (%.0f %% of a core), so the server may be "
                 "able to do more.",
                 100 * summary->generator_share);
    }
}

bool sweep_summary_take(struct sweep_summary *summary, const struct sweep_settings *settings,
                        size_t index, const struct sweep_trial *trials, size_t trial_count,
                        const struct histogram *responses)
{
    *summary = (struct sweep_summary){.workload = settings->workloads.items[index]};
    struct cell cell = {.all = trials};
    cell.chosen = calloc(trial_count, sizeof(*cell.chosen));
    cell.values = calloc(trial_count, sizeof(*cell.values));
    bool good = cell.chosen != NULL && cell.values != NULL;
    for (size_t at = 0; good && at < settings->worker_counts; at++) {
        cell.count = 0;
        for (size_t i = 0; i < trial_count; i++)
            if (trials[i].complete && trials[i].workload == index && trials[i].count == at)
                cell.chosen[cell.count++] = i;
        if (cell.count == 0)
            continue;
        struct sweep_line *line = &summary->lines[summary->count++];
        take_line(line, settings->workers[at], &cell, &responses[at]);
        summary->failures_total += line->failures_total;
        if (line->rounds > summary->rounds)
            summary->rounds = line->rounds;
        if (line->generator_share > summary->generator_share)
            summary->generator_share = line->generator_share;
    }
    recommend(summary, settings->worker_counts);
    free(cell.chosen);
    free(cell.values);
    return good;
}
