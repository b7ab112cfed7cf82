/* SPDX-License-Identifier: MIT */
#include "bench/statistics/choice.h"

#include "bench/statistics/bootstrap.h"

#include <math.h>
#include <stdlib.h>

static const double tolerance = CHOICE_TOLERANCE_PERCENT / 100.0;
static const double largest_loss = 0.15;   /* that may stay possible */
static const double useless_effect = 0.25; /* not to see less than that is to see nothing */
static const double worse_p99 = 1.1;       /* times the chosen's */
static const size_t resamples = 2000;      /* shares are then good to about ±2 % */

/* Room for what is computed on the way. */
struct work {
    const struct choice_input *input;
    double *rates; /* of one count, by block */
    double *others;
    double *shares;
    bool *measured; /* per count: in enough blocks to be compared */
    bool *eligible; /* per count: that, and it meets the SLO */
};

static bool slo_allows(const struct choice_input *input, size_t index)
{
    enum choice_slo slo = input->slo != NULL ? input->slo[index] : CHOICE_SLO_NONE;
    return slo == CHOICE_SLO_NONE || slo == CHOICE_SLO_MET;
}

static void take_column(const struct choice_input *input, size_t index, double *column)
{
    for (size_t i = 0; i < input->blocks; i++)
        column[i] = input->rates_rps[i * input->counts + index];
}

static struct interval compare(const struct work *work, size_t index, size_t other,
                               size_t comparisons)
{
    const struct choice_input *input = work->input;
    take_column(input, index, work->rates);
    take_column(input, other, work->others);
    return interval_paired(work->rates, work->others, input->blocks, comparisons);
}

static const struct interval unknown = {
    .middle = NAN, .low = NAN, .high = NAN, .detectable = NAN, .count = 0};

static void measure_rates(const struct work *work, struct choice_line *lines, struct choice *choice)
{
    const struct choice_input *input = work->input;
    size_t most = 0;
    choice->blocks = 0;
    for (size_t i = 0; i < input->counts; i++) {
        take_column(input, i, work->rates);
        lines[i] = (struct choice_line){
            .rate = interval_mean(work->rates, input->blocks, input->counts),
            .to_best = unknown,
            .to_reference = unknown,
            .chosen_share = NAN,
        };
        size_t known = lines[i].rate.count;
        most = known > most ? known : most;
    }
    /* Intervals hold for all counts together: one that was hardly measured would spoil them all. */
    size_t least = (most + 1) / 2 > CHOICE_BLOCKS_LEAST ? (most + 1) / 2 : CHOICE_BLOCKS_LEAST;
    for (size_t i = 0; i < input->counts; i++) {
        size_t known = lines[i].rate.count;
        work->measured[i] = known >= least;
        work->eligible[i] = work->measured[i] && slo_allows(input, i);
        if (work->measured[i] && (choice->blocks == 0 || known < choice->blocks))
            choice->blocks = known;
    }
    choice->provisional = choice->blocks < CHOICE_BLOCKS_FIRM;
}

/* False when no count may be the best. */
static bool find_best(const struct work *work, const struct choice_line *lines,
                      struct choice *choice)
{
    bool found = false;
    for (size_t i = 0; i < work->input->counts; i++) {
        if (!work->eligible[i])
            continue;
        if (!found || lines[i].rate.middle > lines[choice->best].rate.middle)
            choice->best = i;
        found = true;
    }
    return found;
}

/* Why there is no best. */
static const char *explain_no_best(const struct choice_input *input, const struct choice *choice)
{
    if (choice->blocks == 0)
        return "fewer than 2 blocks are complete";
    for (size_t i = 0; i < input->counts; i++)
        if (slo_allows(input, i) || input->slo[i] == CHOICE_SLO_UNKNOWN)
            return "no worker count is known to meet the SLO";
    return "no worker count meets the SLO";
}

static void compare_all(const struct work *work, struct choice_line *lines, struct choice *choice)
{
    const struct choice_input *input = work->input;
    for (size_t i = 0; i < input->counts; i++) {
        struct choice_line *line = &lines[i];
        line->to_best = compare(work, i, choice->best, input->counts - 1);
        line->to_reference = compare(work, i, input->reference, input->counts - 1);
        line->in_set = work->eligible[i] && line->to_best.high >= 1 - tolerance;
    }
    choice->noise = unknown;
    if (input->control_rps != NULL) {
        take_column(input, input->reference, work->others);
        choice->noise = interval_paired(input->control_rps, work->others, input->blocks, 1);
        if (choice->noise.count < CHOICE_NOISE_LEAST)
            choice->noise = unknown;
    }
}

/* Whether any other count could be compared with the best at all. */
static bool has_comparison(const struct work *work, const struct choice_line *lines,
                           const struct choice *choice)
{
    for (size_t i = 0; i < work->input->counts; i++)
        if (i != choice->best && work->measured[i] && lines[i].to_best.count >= CHOICE_BLOCKS_LEAST)
            return true;
    return false;
}

/*
 * Whether any two counts differ in their rates, or because only some meet the SLO. The best is not
 * known beforehand but picked from the data, so comparisons with it alone would find a difference
 * among equals more often than in 5 %: the intervals here hold for all pairs together, and so does
 * the smallest effect that they can detect.
 */
static bool has_difference(const struct work *work, struct choice *choice)
{
    size_t counts = work->input->counts;
    bool found = false;
    for (size_t i = 0; i < counts; i++) {
        if (!slo_allows(work->input, i))
            found = true;
        for (size_t j = 0; j < i; j++) {
            if (!work->measured[i] || !work->measured[j])
                continue;
            struct interval ratio = compare(work, i, j, counts * (counts - 1) / 2);
            choice->detectable = fmax(choice->detectable, ratio.detectable);
            found = found || interval_differs(&ratio);
        }
    }
    return found;
}

static size_t find_worse_p99(const struct choice_input *input, size_t chosen)
{
    size_t worse_from = input->counts;
    if (input->p99_us == NULL)
        return worse_from;
    double limit = worse_p99 * input->p99_us[chosen]; /* if unknown, nothing exceeds it */
    for (size_t i = input->counts; i-- > chosen + 1;) {
        if (input->p99_us[i] <= limit)
            break;
        if (input->p99_us[i] > limit)
            worse_from = i;
    }
    return worse_from;
}

/*
 * Shown to be within 2 %. Where the trials scatter too much to show that of anything, not shown to
 * be worse must do, or more workers would be recommended the noisier the host is.
 */
static bool is_enough(const struct choice_line *line)
{
    bool precise = line->to_best.detectable <= tolerance;
    double least = 1 - (precise ? tolerance : largest_loss);
    return line->in_set && line->to_best.low >= least;
}

static void choose(const struct work *work, const struct choice_line *lines, struct choice *choice)
{
    const struct choice_input *input = work->input;
    choice->verdict = has_difference(work, choice) ? CHOICE_USE : CHOICE_NO_DIFFERENCE;
    size_t chosen = 0;
    while (chosen != choice->best &&
           !(choice->verdict == CHOICE_NO_DIFFERENCE ? work->eligible[chosen]
                                                     : is_enough(&lines[chosen])))
        chosen++;
    choice->chosen = chosen;
    choice->possible_loss = fmax(1 - lines[chosen].to_best.low, 0);
    choice->step = chosen > 0 ? compare(work, chosen, chosen - 1, input->counts - 1) : unknown;
    choice->best_is_largest = choice->best == input->counts - 1;
    choice->chosen_is_largest = chosen == input->counts - 1;
    choice->chosen_is_smallest = chosen == 0 && input->workers[0] > 1;
    choice->worse_from = find_worse_p99(input, chosen);
    if (choice->verdict == CHOICE_NO_DIFFERENCE && choice->detectable > useless_effect) {
        choice->verdict = CHOICE_UNDETERMINED;
        choice->reason = "the trials of one count differ as much among themselves as those of "
                         "different counts: more blocks, longer trials or a quieter host tell more";
    }
}

static bool take_shares(const struct work *work, struct choice_line *lines)
{
    const struct choice_input *input = work->input;
    struct bootstrap bootstrap = {
        .rates = input->rates_rps,
        .blocks = input->blocks,
        .counts = input->counts,
        .eligible = work->eligible,
        .tolerance = tolerance,
        .resamples = resamples,
        .seed = input->seed,
    };
    if (!bootstrap_choices(&bootstrap, work->shares))
        return false;
    for (size_t i = 0; i < input->counts; i++)
        lines[i].chosen_share = work->shares[i];
    return true;
}

/* False when memory runs out. */
static bool determine(const struct work *work, struct choice_line *lines, struct choice *choice)
{
    measure_rates(work, lines, choice);
    if (work->input->counts < 2) {
        choice->reason = "fewer than 2 worker counts were tried";
        return true;
    }
    if (!find_best(work, lines, choice)) {
        choice->reason = explain_no_best(work->input, choice);
        return true;
    }
    compare_all(work, lines, choice);
    if (!has_comparison(work, lines, choice)) {
        choice->reason = "no 2 worker counts have 2 complete blocks in common";
        return true;
    }
    choose(work, lines, choice);
    return take_shares(work, lines);
}

bool choice_make(const struct choice_input *input, struct choice_line *lines, struct choice *choice)
{
    *choice = (struct choice){
        .verdict = CHOICE_UNDETERMINED,
        .step = unknown,
        .noise = unknown,
        .detectable = NAN,
        .worse_from = input->counts,
    };
    /* One more than needed: NULL may also stand for no room at all. */
    struct work work = {
        .input = input,
        .rates = malloc((2 * input->blocks + input->counts + 1) * sizeof(double)),
        .measured = calloc(2 * input->counts + 1, sizeof(bool)),
    };
    bool enough = work.rates != NULL && work.measured != NULL;
    if (enough) {
        work.eligible = work.measured + input->counts;
        work.others = work.rates + input->blocks;
        work.shares = work.others + input->blocks;
        enough = determine(&work, lines, choice);
    }
    free(work.rates);
    free(work.measured);
    return enough;
}
