/* SPDX-License-Identifier: MIT */
/*
 * Comparisons of things that are the same, drawn with the noise of real measurements and judged by
 * the functions that judge those. Intervals of 95 % may find a difference in 5 of 100: the one
 * comparison in just so many, the simultaneous ones and the choice of a worker count, which guard
 * against finding any, in at most so many.
 */
#include "bench/selftest/checks.h"
#include "bench/selftest/noise.h"
#include "bench/statistics/choice.h"
#include "bench/statistics/interval.h"

#include <math.h>
#include <stdio.h>

enum {
    BLOCKS = 10,
    COUNTS = 6,
    SIMULATIONS = 4000,
    QUICK_SIMULATIONS = 800,
    CHOICES = 10, /* the choice is made in one of so many simulations, for it takes longer */
    LOOK = 50,    /* simulations between two looks at Ctrl-C */
};

static const double rate_rps = 5000;
static const double block_noise = 0.05; /* as shares: blocks differ by more than trials in them */
static const double trial_noise = 0.02;
static const double real_difference = 0.1; /* between neighbours, when broken */
static const double holds = 0.95;
static const double deviations = 3; /* of the number of simulations that is drawn */

struct tally {
    size_t simulations;
    size_t single; /* without a difference */
    size_t simultaneous;
    size_t choices;
    size_t chosen;
};

static void draw(struct bench_random *random, bool broken, double rates[BLOCKS][COUNTS])
{
    for (size_t block = 0; block < BLOCKS; block++) {
        double level = block_noise * noise_normal(random);
        for (size_t i = 0; i < COUNTS; i++) {
            double truth = broken ? (double)i * log1p(real_difference) : 0;
            rates[block][i] = rate_rps * exp(truth + level + trial_noise * noise_normal(random));
        }
    }
}

/* Whether column `index` differs from the first. */
static bool differs(double rates[BLOCKS][COUNTS], size_t index, size_t comparisons)
{
    double first[BLOCKS];
    double other[BLOCKS];
    for (size_t block = 0; block < BLOCKS; block++) {
        first[block] = rates[block][0];
        other[block] = rates[block][index];
    }
    struct interval ratio = interval_paired(other, first, BLOCKS, comparisons);
    return interval_differs(&ratio);
}

static bool any_differs(double rates[BLOCKS][COUNTS])
{
    for (size_t i = 1; i < COUNTS; i++)
        if (differs(rates, i, COUNTS - 1))
            return true;
    return false;
}

/* False when memory runs out. */
static bool choose(double rates[BLOCKS][COUNTS], uint64_t seed, struct tally *tally)
{
    static const unsigned workers[COUNTS] = {1, 2, 4, 8, 16, 32};
    struct choice_input input = {
        .workers = workers,
        .counts = COUNTS,
        .rates_rps = &rates[0][0],
        .blocks = BLOCKS,
        .seed = seed,
    };
    struct choice_line lines[COUNTS];
    struct choice choice;
    if (!choice_make(&input, lines, &choice))
        return false;
    tally->choices++;
    tally->chosen += choice.verdict == CHOICE_NO_DIFFERENCE ? 1 : 0;
    return true;
}

static bool simulate(struct selftest *selftest, struct tally *tally)
{
    size_t count = selftest->quick ? QUICK_SIMULATIONS : SIMULATIONS;
    struct bench_random random = {selftest->seed};
    for (size_t i = 0; i < count; i++) {
        double rates[BLOCKS][COUNTS];
        if (i % LOOK == 0 && !selftest_goes_on(selftest, (double)i / (double)count))
            return false;
        draw(&random, selftest->broken, rates);
        tally->simulations++;
        tally->single += differs(rates, 1, 1) ? 0 : 1;
        tally->simultaneous += any_differs(rates) ? 0 : 1;
        if (i % CHOICES == 0 && !choose(rates, bench_random_next(&random), tally)) {
            selftest_conclude(selftest, SELFTEST_FAILED, "out of memory");
            return false;
        }
    }
    return true;
}

/* What a share that is 95 % in truth may be off, drawn so often. */
static double reach(size_t simulations)
{
    return deviations * sqrt(holds * (1 - holds) / (double)simulations);
}

void check_same(struct selftest *selftest)
{
    struct tally tally = {0};
    snprintf(selftest->expected, sizeof(selftest->expected), "no difference");
    if (!simulate(selftest, &tally))
        return;
    double single = (double)tally.single / (double)tally.simulations;
    double simultaneous = (double)tally.simultaneous / (double)tally.simulations;
    double chosen = (double)tally.chosen / (double)tally.choices;
    bool right = fabs(single - holds) < reach(tally.simulations) &&
                 simultaneous > holds - reach(tally.simulations) &&
                 chosen > holds - reach(tally.choices);
    snprintf(selftest->expected, sizeof(selftest->expected),
             "no difference in 95 of 100 comparisons of the same (%.1f to %.1f, drawn %zu times), "
             "in at least "
             "95 of 100 sets of %d at once (%.1f) and of 100 choices (%.1f)",
             100 * (holds - reach(tally.simulations)), 100 * (holds + reach(tally.simulations)),
             tally.simulations, COUNTS - 1, 100 * (holds - reach(tally.simulations)),
             100 * (holds - reach(tally.choices)));
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "none in %.1f, %.1f at once, %.1f of choices", 100 * single,
                      100 * simultaneous, 100 * chosen);
}
