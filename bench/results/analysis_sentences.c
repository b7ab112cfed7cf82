/* SPDX-License-Identifier: MIT */
/* Each model beside the measurement, and why they differ. */
#include "bench/results/analysis_parts.h"

#include "bench/base/bench_number.h"

#include <math.h>
#include <stdio.h>

static const double agreement = 0.25;    /* a wait this far off is as predicted */
static const double little_error = 0.05; /* so far two counts of the same thing may differ */
static const double usual_share = 0.8;   /* of the best rate: queues matter, and do not explode */
static const double notable_share = 0.1; /* of a time: worth naming as a cause */

enum { PART_SIZE = 192 };

/* A time, which a model may have as infinite, and a file as negative. */
static const char *time_text(char text[BENCH_NUMBER_SIZE], double us)
{
    if (!isinf(us))
        return bench_number_us(text, us < 0 ? 0 : us);
    snprintf(text, BENCH_NUMBER_SIZE, "∞");
    return text;
}

/* ---- curves ------------------------------------------------------------------------------------
 */

static const char *lack_text(char text[PART_SIZE], const struct lack_of_fit *lack)
{
    char f[32] = "∞";
    char p[32] = "p < 0.0001";
    if (!isinf(lack->f))
        snprintf(f, sizeof(f), lack->f < 9.95 ? "%.1f" : "%.0f", lack->f);
    if (lack->p_value >= 0.0001)
        snprintf(p, sizeof(p), "p = %.2g", lack->p_value);
    if (lack->tested)
        snprintf(text, PART_SIZE, "lack of fit F = %s, %s", f, p);
    else
        snprintf(text, PART_SIZE, "lack of fit not tested, which takes repeats of more counts");
    return text;
}

static unsigned largest_count(const struct analysis *analysis)
{
    return analysis->capacity[analysis->capacity_count - 1].workers;
}

/* "a straight line that turns flat at 8.0 workers" */
static const char *knee_text(char text[PART_SIZE], const struct analysis *analysis)
{
    const struct scalability_knee *knee = &analysis->knee;
    if (knee->knee_beyond)
        snprintf(text, PART_SIZE, "a straight line up to %u workers", largest_count(analysis));
    else
        snprintf(text, PART_SIZE, "a straight line that turns flat at %.1f workers",
                 knee->knee_workers);
    return text;
}

static void say_rejected(struct analysis *analysis)
{
    const struct scalability_knee *knee = &analysis->knee;
    char usl_lack[PART_SIZE];
    char knee_lack[PART_SIZE];
    char line[PART_SIZE];
    lack_text(usl_lack, &analysis->usl.lack);
    lack_text(knee_lack, &knee->lack);
    knee_text(line, analysis);
    if (knee->not_fitted == NULL && !knee->lack.rejected)
        analysis_say(analysis,
                     "The Universal Scalability Law is rejected (%s): a hard limit bends the curve "
                     "more sharply than it can; %s is not (%s).",
                     usl_lack, line, knee_lack);
    else if (knee->not_fitted == NULL)
        analysis_say(analysis,
                     "The Universal Scalability Law is rejected (%s), and so is %s (%s): trust "
                     "what was measured, not a curve.",
                     usl_lack, line, knee_lack);
    else
        analysis_say(analysis,
                     "The Universal Scalability Law is rejected (%s): trust what was measured, "
                     "not a curve.",
                     usl_lack);
}

static void say_fitted(struct analysis *analysis)
{
    const struct scalability_usl *usl = &analysis->usl;
    char lack[PART_SIZE];
    char peak[PART_SIZE];
    if (usl->peak_beyond)
        snprintf(peak, sizeof(peak), "it has no peak up to %u workers, the most that were tried",
                 largest_count(analysis));
    else
        snprintf(peak, sizeof(peak), "its peak, N* = %.1f, lies within the counts tried",
                 usl->peak_workers);
    analysis_say(analysis,
                 "The Universal Scalability Law fits with contention σ = %.2g and coherency "
                 "κ = %.2g (%s): %s.",
                 usl->sigma, usl->kappa, lack_text(lack, &usl->lack), peak);
}

static void say_curves(struct analysis *analysis)
{
    const struct scalability_knee *knee = &analysis->knee;
    char line[PART_SIZE];
    char lack[PART_SIZE];
    if (analysis->capacity_count < 2)
        return;
    if (analysis->usl.not_fitted == NULL && analysis->usl.lack.rejected)
        say_rejected(analysis);
    else if (analysis->usl.not_fitted == NULL)
        say_fitted(analysis);
    else if (knee->not_fitted == NULL)
        analysis_say(analysis, "The Universal Scalability Law was not fitted: %s; %s is %s (%s).",
                     analysis->usl.not_fitted, knee_text(line, analysis),
                     knee->lack.rejected ? "rejected" : "not rejected",
                     lack_text(lack, &knee->lack));
    else
        analysis_say(analysis,
                     "No curve was fitted. Universal Scalability Law: %s; a line with a "
                     "knee: %s.",
                     analysis->usl.not_fitted, knee->not_fitted);
}

/* ---- Goetz -------------------------------------------------------------------------------------
 */

/* Whether so many workers are between the counts that were tried next to the chosen one. */
static bool near_chosen(const struct analysis *analysis, double workers)
{
    size_t chosen = analysis->choice.chosen;
    const struct capacity_line *lines = analysis->capacity;
    double below = chosen > 0 ? lines[chosen - 1].workers : 0;
    double above = lines[chosen + 1 < analysis->capacity_count ? chosen + 1 : chosen].workers;
    return workers >= below && (workers < above || workers <= lines[chosen].workers);
}

/* Why more workers than were chosen would be of no use, or could not be tried. */
static void explain_more(const struct analysis_work *work, char part[PART_SIZE])
{
    const struct analysis *analysis = work->analysis;
    const struct capacity_line *last = &analysis->capacity[analysis->capacity_count - 1];
    double lock_us = last->server.lock_wait_us;
    char wait[BENCH_NUMBER_SIZE];
    size_t outstanding = work->results->settings.connections;
    if (lock_us > notable_share * last->server.service_mean_us)
        snprintf(part, PART_SIZE,
                 ", which does not know that workers wait for a lock: %s per request with %u",
                 time_text(wait, lock_us), last->workers);
    else if (analysis->goetz_workers > (double)outstanding)
        snprintf(part, PART_SIZE, ": more than the %zu requests that were outstanding could use",
                 outstanding);
    else if (analysis->goetz_workers > last->workers)
        snprintf(part, PART_SIZE, ": more than the %u that were tried", last->workers);
    else
        snprintf(part, PART_SIZE,
                 ": more than %u, so something other than the cores sets the limit",
                 analysis->capacity[analysis_focus(analysis)].workers);
}

static void explain_goetz(const struct analysis_work *work, char part[PART_SIZE])
{
    const struct analysis *analysis = work->analysis;
    bool chosen = analysis->choice.verdict != CHOICE_UNDETERMINED;
    unsigned workers = analysis->capacity[analysis_focus(analysis)].workers;
    if (chosen && near_chosen(analysis, analysis->goetz_workers))
        snprintf(part, PART_SIZE, ", in line with %u", workers);
    else if (analysis->goetz_workers > workers)
        explain_more(work, part);
    else if (chosen)
        snprintf(part, PART_SIZE,
                 ": fewer than %u, so workers wait for something that the formula does not know",
                 workers);
    else
        part[0] = '\0';
}

static void say_goetz(const struct analysis_work *work)
{
    struct analysis *analysis = work->analysis;
    char wait[BENCH_NUMBER_SIZE];
    char cpu[BENCH_NUMBER_SIZE];
    char workers[BENCH_NUMBER_SIZE];
    char why[PART_SIZE];
    if (!isfinite(analysis->goetz_workers))
        return;
    explain_goetz(work, why);
    analysis_say(analysis,
                 "Goetz's formula, cores × (1 + wait/CPU) = %g × (1 + %s/%s), gives %s workers%s.",
                 work->results->host.cpus, time_text(wait, analysis->capacity[0].server.blocked_us),
                 time_text(cpu, analysis->capacity[0].server.worker_cpu_us),
                 bench_number_rate(workers, analysis->goetz_workers), why);
}

/* ---- M/M/c -------------------------------------------------------------------------------------
 */

/* The point that a queueing model is best compared at; NULL if there is none. */
static const struct latency_line *usual_point(const struct analysis *analysis, unsigned workers,
                                              const struct latency_line **lowest)
{
    const struct latency_line *found = NULL;
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        if (line->workers != workers || line->usable == 0)
            continue;
        if (*lowest == NULL)
            *lowest = line;
        if (analysis_unstable(line) || isnan(line->model_queue_wait_us) ||
            isnan(line->queue_wait_us))
            continue;
        if (found == NULL || fabs(line->share - usual_share) < fabs(found->share - usual_share))
            found = line;
    }
    return found;
}

static double service_us(const struct analysis_work *work, const struct latency_line *line)
{
    struct trial_group group = {work->results, work->workload, EXPERIMENT_LATENCY, line->workers,
                                line->offered_rps};
    return trial_group_median(&group, offsetof(struct trial, server.service_mean_us),
                              work->scratch);
}

static void explain_wait(const struct latency_line *line, double service_us, double lowest_us,
                         char part[PART_SIZE])
{
    double model_us = line->model_queue_wait_us;
    char there[BENCH_NUMBER_SIZE];
    char before[BENCH_NUMBER_SIZE];
    if (fabs(line->queue_wait_us - model_us) <= agreement * model_us && isfinite(model_us))
        snprintf(part, PART_SIZE, "as predicted");
    else if (fabs(service_us - lowest_us) > notable_share * lowest_us)
        snprintf(part, PART_SIZE,
                 "a request takes a worker %s there, but %s at the lowest rate, which the model "
                 "goes by",
                 time_text(there, service_us), time_text(before, lowest_us));
    else if (line->queue_wait_us > model_us)
        snprintf(part, PART_SIZE,
                 "the model knows neither what waking a worker takes nor other load on the cores");
    else
        snprintf(part, PART_SIZE, "requests came, or were served, more regularly than it assumes");
}

static void say_queueing(const struct analysis_work *work)
{
    struct analysis *analysis = work->analysis;
    unsigned workers = analysis->capacity[analysis_focus(analysis)].workers;
    const struct latency_line *lowest = NULL;
    const struct latency_line *line = usual_point(analysis, workers, &lowest);
    if (line == NULL)
        return;
    char predicted[BENCH_NUMBER_SIZE];
    char measured[BENCH_NUMBER_SIZE];
    char why[PART_SIZE];
    explain_wait(line, service_us(work, line), service_us(work, lowest), why);
    analysis_say(analysis,
                 "M/M/c with the factor of Allen and Cunneen predicts a mean queue wait of %s with "
                 "%u worker%s at %.2g of the best rate; measured %s: %s.",
                 time_text(predicted, line->model_queue_wait_us), workers, analysis_plural(workers),
                 line->share, time_text(measured, line->queue_wait_us), why);
}

/* ---- Little ------------------------------------------------------------------------------------
 */

static void say_little(struct analysis *analysis)
{
    const struct capacity_line *line = &analysis->capacity[analysis_focus(analysis)];
    double counted = line->server.utilization * line->workers;
    char by_law[BENCH_NUMBER_SIZE];
    char by_server[BENCH_NUMBER_SIZE];
    if (isnan(line->little_busy) || isnan(counted))
        return;
    analysis_say(analysis,
                 "Little's law: throughput × service time = %s busy workers of %u; the server "
                 "counted %s%s.",
                 bench_number_rate(by_law, line->little_busy), line->workers,
                 bench_number_rate(by_server, counted),
                 fabs(line->little_busy - counted) > little_error * counted
                     ? ", so one of the two is wrong"
                     : "");
}

void analysis_say_models(struct analysis_work *work)
{
    if (work->analysis->capacity_count == 0)
        return;
    say_curves(work->analysis);
    say_goetz(work);
    say_queueing(work);
    say_little(work->analysis);
}
