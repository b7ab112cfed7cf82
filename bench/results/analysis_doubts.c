/* SPDX-License-Identifier: MIT */
/* What is uncertain about the recommendation, and why. */
#include "bench/results/analysis_parts.h"

#include "bench/base/bench_number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double tolerance = 0.02;     /* what counts as equal; see choice.h */
static const double saturated_busy = 0.9; /* from here on trials are refused */
static const double notable_busy = 0.75;  /* from here on it deserves a word */

enum { LIST_SIZE = 160 };

/* Worker counts as people list them: "1", "1 and 2", "1, 2 and 4". */
struct list {
    unsigned counts[RESULTS_COUNT_LIMIT];
    size_t count;
};

static const char *list_text(char text[LIST_SIZE], const struct list *list)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list->count && used < LIST_SIZE; i++) {
        const char *before = i == 0 ? "" : i + 1 == list->count ? " and " : ", ";
        int size = snprintf(text + used, LIST_SIZE - used, "%s%u", before, list->counts[i]);
        used += size > 0 ? (size_t)size : 0;
    }
    return text;
}

/* ---- service level -----------------------------------------------------------------------------
 */

/* "; met with 8 and 16" */
static void add_slo_part(const struct analysis_work *work, enum choice_slo wanted,
                         const char *words, char text[ANALYSIS_SENTENCE_SIZE])
{
    const struct analysis *analysis = work->analysis;
    struct list list = {.count = 0};
    char names[LIST_SIZE];
    size_t used = strlen(text);
    for (size_t i = 0; i < analysis->capacity_count; i++)
        if (analysis_slo(work, analysis->capacity[i].workers) == wanted)
            list.counts[list.count++] = analysis->capacity[i].workers;
    if (list.count > 0)
        snprintf(text + used, ANALYSIS_SENTENCE_SIZE - used, "%s %s with %s", used == 0 ? "" : ",",
                 words, list_text(names, &list));
}

static void say_slo(const struct analysis_work *work)
{
    const struct results_settings *settings = &work->results->settings;
    double rate_rps = analysis_judged_rps(work);
    char parts[ANALYSIS_SENTENCE_SIZE] = "";
    char limit[BENCH_NUMBER_SIZE];
    char rate[BENCH_NUMBER_SIZE];
    if (isnan(settings->slo_quantile) || work->analysis->capacity_count == 0)
        return;
    bench_number_us(limit, settings->slo_limit_us);
    if (isnan(rate_rps)) {
        analysis_say(work->analysis,
                     "p%g below %s: not known, since no rate of the latency experiment was served.",
                     100 * settings->slo_quantile, limit);
        return;
    }
    add_slo_part(work, CHOICE_SLO_MET, "met", parts);
    add_slo_part(work, CHOICE_SLO_MISSED, "missed", parts);
    add_slo_part(work, CHOICE_SLO_UNKNOWN, "not known", parts);
    analysis_say(work->analysis, "p%g below %s at %s requests/s:%s.", 100 * settings->slo_quantile,
                 limit, bench_number_rate(rate, rate_rps), parts);
}

/* ---- trials that do not count ------------------------------------------------------------------
 */

static size_t count_trials(const struct analysis_work *work)
{
    size_t count = 0;
    for (size_t i = 0; i < work->results->trial_count; i++)
        count += work->results->trials[i].workload == work->workload ? 1 : 0;
    return count;
}

static const struct trial *first_unusable(const struct analysis_work *work)
{
    const struct trial *trial = work->results->trials;
    while (trial->workload != work->workload || trial_reason(trial) == NULL)
        trial++;
    return trial;
}

static void say_refused(const struct analysis_work *work)
{
    struct analysis *analysis = work->analysis;
    if (analysis->unusable == 0)
        return;
    const struct trial *first = first_unusable(work);
    const char *reason = trial_reason(first);
    /* A reason may go on with a server's log. */
    int size = (int)strcspn(reason, "\n");
    analysis_say(analysis,
                 "%zu of %zu trials cannot be used; the first one (%u worker%s, %s, block %u): "
                 "%.*s.",
                 analysis->unusable, count_trials(work), first->workers,
                 analysis_plural(first->workers), experiment_name(first->experiment), first->block,
                 size, reason);
}

/* Whether the choice could be another one if these trials had been good. */
static bool could_change(const struct analysis *analysis, const struct left_out_line *line)
{
    const struct capacity_line *chosen = &analysis->capacity[analysis->choice.chosen];
    const struct capacity_line *best = &analysis->capacity[analysis->choice.best];
    return isnan(line->apparent_rps) || line->generator_busy > saturated_busy ||
           (line->workers < chosen->workers &&
            line->apparent_rps >= (1 - tolerance) * best->rate_rps);
}

static void say_left_out(struct analysis *analysis)
{
    struct list list = {.count = 0};
    bool changes = false;
    bool chosen = analysis->choice.verdict != CHOICE_UNDETERMINED;
    double apparent_rps = 0;
    char names[LIST_SIZE];
    char rate[BENCH_NUMBER_SIZE];
    char effect[96] = "";
    if (analysis->left_out_count == 0)
        return;
    for (size_t i = 0; i < analysis->left_out_count; i++) {
        const struct left_out_line *line = &analysis->left_out[i];
        list.counts[list.count++] = line->workers;
        changes = changes || (chosen && could_change(analysis, line));
        apparent_rps = fmax(apparent_rps, line->apparent_rps);
    }
    if (changes)
        snprintf(effect, sizeof(effect), "; with them the choice could be another one");
    else if (chosen)
        snprintf(effect, sizeof(effect),
                 "; the choice stands, since no more than %s requests/s were seen there",
                 bench_number_rate(rate, apparent_rps));
    analysis_say(analysis, "Left out, for want of a trial that can be used: %s worker%s%s.",
                 list_text(names, &list), list.count == 1 && list.counts[0] == 1 ? "" : "s",
                 effect);
}

static void say_blocks(const struct analysis_work *work)
{
    struct analysis *analysis = work->analysis;
    const struct choice *choice = &analysis->choice;
    size_t planned = count_trials(work);
    size_t waiting = 0;
    for (size_t i = 0; i < work->results->trial_count; i++) {
        const struct trial *trial = &work->results->trials[i];
        waiting += trial->workload == work->workload && !trial_usable(trial) &&
                   trial_reason(trial) == NULL;
    }
    bool few = choice->provisional && choice->verdict != CHOICE_UNDETERMINED;
    if (waiting > 0 && few)
        analysis_say(analysis,
                     "%zu of %zu planned trials were not run: the intervals rest on %zu blocks, "
                     "and it takes %d for a firm statement.",
                     waiting, planned, choice->blocks, CHOICE_BLOCKS_FIRM);
    else if (waiting > 0)
        analysis_say(analysis, "%zu of %zu planned trials were not run.", waiting, planned);
    else if (few)
        analysis_say(analysis,
                     "The intervals rest on %zu blocks; it takes %d for a firm statement.",
                     choice->blocks, CHOICE_BLOCKS_FIRM);
}

/* ---- the comparison ----------------------------------------------------------------------------
 */

static void say_noise(const struct analysis_work *work)
{
    const struct interval *noise = &work->analysis->choice.noise;
    unsigned reference = work->results->settings.reference;
    double off = fmax(fabs(noise->low - 1), fabs(noise->high - 1));
    if (interval_differs(noise))
        analysis_say(work->analysis,
                     "Two runs of %u worker%s in the same block differ by %+.1f %% [%+.1f, %+.1f]: "
                     "that is chance in 1 of 20 sweeps; differences as small as that mean nothing.",
                     reference, analysis_plural(reference), 100 * (noise->middle - 1),
                     100 * (noise->low - 1), 100 * (noise->high - 1));
    else if (off > tolerance)
        analysis_say(work->analysis,
                     "Two runs of %u worker%s in the same block may differ by %.1f %%, more than "
                     "the %.0f %% that count as equal: more blocks or a quieter host tell more.",
                     reference, analysis_plural(reference), 100 * off, 100 * tolerance);
}

/* On a plateau the largest count is often the fastest by chance: that is no reason to go on. */
static void say_edge(struct analysis *analysis)
{
    const struct choice *choice = &analysis->choice;
    if (choice->verdict != CHOICE_USE)
        return;
    unsigned largest = analysis->capacity[analysis->capacity_count - 1].workers;
    bool rises = choice->chosen_is_largest ||
                 interval_differs(&analysis->capacity[choice->chosen].comparison.to_best);
    if (choice->best_is_largest && rises)
        analysis_say(analysis,
                     "The fastest count, %u, is the largest that can be compared: try up to %u, "
                     "with at least %u requests outstanding.",
                     largest, 2 * largest, 4 * largest);
    if (choice->chosen_is_smallest)
        analysis_say(analysis, "%u is the smallest count that can be compared: fewer may do.",
                     analysis->capacity[0].workers);
}

static void say_unstable(struct analysis *analysis)
{
    const struct latency_line *first = NULL;
    size_t points = 0;
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        if (!analysis_unstable(line))
            continue;
        points++;
        if (first == NULL || line->offered_rps < first->offered_rps)
            first = line;
    }
    if (first == NULL)
        return;
    char rate[BENCH_NUMBER_SIZE];
    analysis_say(analysis,
                 "At %zu of %zu latency points the backlog grew, so they have no percentiles; the "
                 "lowest rate among them is %s requests/s with %u worker%s.",
                 points, analysis->latency_count, bench_number_rate(rate, first->offered_rps),
                 first->workers, analysis_plural(first->workers));
}

static void say_generator(struct analysis *analysis)
{
    const struct capacity_line *busiest = NULL;
    double most = notable_busy;
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        if (!(analysis->capacity[i].generator_busy > most))
            continue;
        busiest = &analysis->capacity[i];
        most = busiest->generator_busy;
    }
    if (busiest != NULL)
        analysis_say(analysis,
                     "The load generator was up to %.0f %% busy, with %u worker%s: near the %.0f "
                     "%% at which trials are refused.",
                     100 * most, busiest->workers, analysis_plural(busiest->workers),
                     100 * saturated_busy);
}

void analysis_say_doubts(struct analysis_work *work)
{
    say_slo(work);
    say_refused(work);
    say_left_out(work->analysis);
    say_blocks(work);
    say_noise(work);
    say_edge(work->analysis);
    say_unstable(work->analysis);
    say_generator(work->analysis);
}
