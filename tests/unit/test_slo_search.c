/* SPDX-License-Identifier: MIT */
/* The search against servers whose limit is known, and against ones that cannot be measured. */
#include "bench/commands/slo_search.h"
#include "tests/unit/prng.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { MOST_TRIALS = 400 };

/* A server, as its trials show it. */
struct simulation {
    double limit_rps;
    double noise;         /* scale of the logistic curve of being met, on the log scale of rates */
    double refused_share; /* of trials, at random */
    double refused_from_rps; /* from it on each is refused; 0 for never */
    unsigned hiccup;         /* so many of the first trials are missed, whatever the rate is */
    struct prng prng;
    unsigned trials;
};

static double random_share(struct simulation *simulation)
{
    return (double)prng_below(&simulation->prng, 1U << 30) / (1U << 30);
}

static enum slo_outcome try_rate(struct simulation *simulation, double rate_rps)
{
    if (simulation->refused_from_rps > 0 && rate_rps >= simulation->refused_from_rps)
        return SLO_REFUSED;
    if (random_share(simulation) < simulation->refused_share)
        return SLO_REFUSED;
    if (simulation->trials <= simulation->hiccup)
        return SLO_MISSED;
    double over = log(rate_rps / simulation->limit_rps);
    double met = simulation->noise > 0 ? 1 / (1 + exp(over / simulation->noise)) : over < 0;
    return random_share(simulation) < met ? SLO_MET : SLO_MISSED;
}

static struct slo_answer run(struct slo_search *search, struct simulation *simulation)
{
    double rate_rps = NAN;
    while (slo_search_next(search, &rate_rps)) {
        ck_assert(rate_rps >= search->lowest_rps && rate_rps <= search->highest_rps);
        ck_assert_uint_ge(slo_search_trials_left(search), 1);
        ck_assert_uint_lt(++simulation->trials, MOST_TRIALS);
        slo_search_record(search, rate_rps, try_rate(simulation, rate_rps));
    }
    ck_assert_uint_eq(slo_search_trials_left(search), 0);
    for (size_t i = 1; i < search->count; i++)
        ck_assert_double_lt(search->points[i - 1].rate_rps, search->points[i].rate_rps);
    return slo_search_answer(search);
}

/* From 10 to 1000 requests per second; 5 %, three repeats. */
static struct slo_answer find(struct slo_search *search, struct simulation *simulation)
{
    slo_search_begin(search, 10, 1000, 0.05, 3);
    return run(search, simulation);
}

/* ---- without noise ----------------------------------------------------------------------------
 */

static const struct {
    double limit_rps;
    double precision;
    unsigned repeats;
    unsigned trials; /* at most: two for each rate, and two checks */
} sharp[] = {
    {999, 0.05, 3, 16}, {900, 0.05, 3, 12},    {751, 0.05, 3, 14}, {749, 0.05, 3, 14},
    {600, 0.05, 3, 14}, {300, 0.05, 3, 18},    {100, 0.05, 3, 24}, {20, 0.05, 3, 24},
    {11, 0.05, 3, 24},  {10.001, 0.05, 3, 24}, {600, 0.05, 1, 9},  {600, 0.05, 2, 14},
    {600, 0.05, 5, 20}, {600, 0.01, 3, 20},    {600, 0.5, 3, 8},
};

START_TEST(sharp_limit)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = sharp[_i].limit_rps};
    slo_search_begin(&search, 10, 1000, sharp[_i].precision, sharp[_i].repeats);
    struct slo_answer answer = run(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_FOUND);
    ck_assert_double_lt(answer.held->rate_rps, sharp[_i].limit_rps);
    ck_assert_double_ge(answer.above->rate_rps, sharp[_i].limit_rps);
    ck_assert_double_le(answer.above->rate_rps / answer.held->rate_rps,
                        1.0000001 + sharp[_i].precision);
    ck_assert_uint_le(simulation.trials, sharp[_i].trials);
    /* Nothing disagreed, so the ends are the bounds; and both were tried once more. */
    ck_assert_double_eq(answer.surely_held_rps, answer.held->rate_rps);
    ck_assert_double_eq(answer.surely_missed_rps, answer.above->rate_rps);
    ck_assert(answer.held->checked && answer.above->checked);
    ck_assert_uint_eq(answer.held->met, sharp[_i].repeats / 2 + 2);
    ck_assert_uint_eq(answer.above->missed, (sharp[_i].repeats + 1) / 2 + 1);
}
END_TEST

START_TEST(always_met)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 1e9};
    struct slo_answer answer = find(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_AT_HIGHEST);
    ck_assert_double_eq(answer.held->rate_rps, 1000);
    ck_assert_ptr_null(answer.above);
    ck_assert_uint_eq(answer.held->met, 3);
    ck_assert_double_eq(answer.surely_held_rps, 1000);
    ck_assert(isnan(answer.surely_missed_rps));
    ck_assert_uint_eq(simulation.trials, 5);
}
END_TEST

START_TEST(never_met)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 1};
    struct slo_answer answer = find(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_AT_LOWEST);
    ck_assert_ptr_null(answer.held);
    ck_assert_double_eq(answer.above->rate_rps, 10);
    ck_assert_uint_eq(answer.above->missed, 3);
    ck_assert(isnan(answer.surely_held_rps));
    ck_assert_double_eq(answer.surely_missed_rps, 10);
    /* Down in ever longer steps: 750, 500, 222, 19.5, 10. */
    ck_assert_uint_eq(search.count, 5);
    ck_assert_double_eq_tol(search.points[1].rate_rps, 19.5, 0.05);
    ck_assert_double_eq_tol(search.points[2].rate_rps, 222.2, 0.05);
    ck_assert_double_eq(search.points[3].rate_rps, 500);
    ck_assert_uint_eq(simulation.trials, 11);
}
END_TEST

START_TEST(narrow_range)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 1200};
    slo_search_begin(&search, 800, 1000, 0.05, 1);
    struct slo_answer answer = run(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_AT_HIGHEST);
    ck_assert_double_eq(answer.held->rate_rps, 1000);
    ck_assert_uint_eq(simulation.trials, 3);
}
END_TEST

START_TEST(one_rate)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 1000};
    slo_search_begin(&search, 800, 800, 0.05, 1);
    struct slo_answer answer = run(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_AT_HIGHEST);
    ck_assert_uint_eq(simulation.trials, 2);
    simulation = (struct simulation){.limit_rps = 700};
    slo_search_begin(&search, 800, 800, 0.05, 1);
    answer = run(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_AT_LOWEST);
    ck_assert_uint_eq(simulation.trials, 2);
}
END_TEST

/* ---- trials that cannot be trusted -------------------------------------------------------------
 */

START_TEST(always_refused)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 500, .refused_share = 1};
    struct slo_answer answer = find(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_UNDETERMINED);
    ck_assert_ptr_null(answer.held);
    ck_assert_int_eq(slo_point_decision(answer.above), SLO_NOT_JUDGED);
    ck_assert(isnan(answer.surely_held_rps) && isnan(answer.surely_missed_rps));
    ck_assert_uint_eq(simulation.trials, SLO_SEARCH_REFUSALS * SLO_SEARCH_REFUSED_RATES);
}
END_TEST

START_TEST(refused_above_the_limit)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 550, .refused_from_rps = 700};
    struct slo_answer answer = find(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_FOUND);
    ck_assert_double_lt(answer.held->rate_rps, 550);
    ck_assert_double_ge(answer.above->rate_rps, 550);
}
END_TEST

START_TEST(refused_below_the_limit)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 900, .refused_from_rps = 800};
    struct slo_answer answer = find(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_UNDETERMINED);
    ck_assert_double_ge(answer.held->rate_rps, 750);
    ck_assert_double_lt(answer.held->rate_rps, 800);
    ck_assert_int_eq(slo_point_decision(answer.above), SLO_NOT_JUDGED);
    ck_assert_double_eq(answer.surely_held_rps, answer.held->rate_rps);
}
END_TEST

START_TEST(some_refused)
{
    struct slo_search search;
    struct simulation simulation = {
        .limit_rps = 600, .refused_share = 0.15, .prng.state = (uint64_t)_i};
    struct slo_answer answer = find(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_FOUND);
    ck_assert_double_lt(answer.held->rate_rps, 600);
    ck_assert_double_ge(answer.above->rate_rps, 600);
}
END_TEST

/* ---- noise -------------------------------------------------------------------------------------
 */

enum { SEARCHES = 1000 };

START_TEST(noisy_limit)
{
    unsigned found = 0;
    unsigned near = 0;
    unsigned bounded = 0;
    unsigned trials = 0;
    for (uint64_t seed = 0; seed < SEARCHES; seed++) {
        struct slo_search search;
        struct simulation simulation = {.limit_rps = 600, .noise = 0.02, .prng.state = seed};
        struct slo_answer answer = find(&search, &simulation);
        found += answer.verdict == SLO_FOUND;
        near += answer.held != NULL && fabs(answer.held->rate_rps / 600 - 1) < 0.08;
        bounded +=
            !(answer.surely_held_rps > 600 * 1.02) && !(answer.surely_missed_rps < 600 / 1.02);
        trials += simulation.trials;
    }
    ck_assert_uint_ge(found, SEARCHES * 99 / 100);
    ck_assert_uint_ge(near, SEARCHES * 97 / 100);
    ck_assert_uint_ge(bounded, SEARCHES * 95 / 100);
    ck_assert_uint_le(trials, SEARCHES * 20);
}
END_TEST

/* Coin tosses at every rate: it ends, and claims no certainty. */
START_TEST(nothing_but_noise)
{
    for (uint64_t seed = 0; seed < SEARCHES; seed++) {
        struct slo_search search;
        struct simulation simulation = {.limit_rps = 600, .noise = 1e9, .prng.state = seed};
        struct slo_answer answer = find(&search, &simulation);
        ck_assert_int_ne(answer.verdict, SLO_UNFINISHED);
        ck_assert_uint_le(search.count, SLO_SEARCH_POINTS);
    }
}
END_TEST

/* A disturbance at the begin makes the first rate look missed; the check undoes that. */
START_TEST(early_hiccup)
{
    struct slo_search search;
    struct simulation simulation = {.limit_rps = 900, .hiccup = 2};
    struct slo_answer answer = find(&search, &simulation);
    ck_assert_int_eq(answer.verdict, SLO_FOUND);
    ck_assert_double_lt(answer.held->rate_rps, 900);
    ck_assert_double_ge(answer.above->rate_rps, 900);
    /* It disagreed with itself, so nothing is sure above the rate before it. */
    ck_assert_double_lt(answer.surely_held_rps, 750);
    ck_assert_double_eq(answer.surely_missed_rps, answer.above->rate_rps);
}
END_TEST

/* ---- step by step ------------------------------------------------------------------------------
 */

/* Each step is what is tried next, and what comes of it: + met, - missed, ! refused. */
static const struct {
    unsigned repeats;
    const char *steps;
    enum slo_verdict verdict;
} stories[] = {
    {3, "", SLO_UNFINISHED},
    {3, "750+", SLO_UNFINISHED},
    /* Two of three decide; a third is asked for only when they differ. */
    {3, "750+ 750+ 1000+ 1000+ 1000+", SLO_AT_HIGHEST},
    {3, "750+ 750- 750+ 1000+ 1000- 1000+ 1000+", SLO_AT_HIGHEST},
    /* A check that contradicts asks for the best of five. */
    {3, "750+ 750+ 1000+ 1000+ 1000- 1000+", SLO_AT_HIGHEST},
    {3, "750+ 750+ 1000+ 1000+ 1000- 1000- 1000- 866-", SLO_UNFINISHED},
    {3, "750- 750- 500- 500- 222- 222- 20- 20- 10- 10- 10-", SLO_AT_LOWEST},
    {3, "750- 750- 500- 500- 222- 222- 20- 20- 10- 10- 10+ 10+ 10+ 14+", SLO_UNFINISHED},
    /* Refused trials count for nothing, three in a row end a rate, and three rates the search. */
    {3, "750! 750! 750+ 750! 750! 750+ 1000!", SLO_UNFINISHED},
    {3, "750! 750! 750! 500! 500! 500! 222! 222! 222!", SLO_UNDETERMINED},
    {3, "750+ 750+ 1000! 1000! 1000! 866! 866! 866! 806! 806! 806!", SLO_UNDETERMINED},
    /* A draw is missed. */
    {2, "750+ 750- 500+ 500+ 612-", SLO_UNFINISHED},
    {1, "750+ 1000+ 1000+", SLO_AT_HIGHEST},
    {1, "750+ 1000+ 1000- 1000+", SLO_AT_HIGHEST},
    {1, "750+ 1000+ 1000- 1000- 866+", SLO_UNFINISHED},
    {5, "750+ 750+ 750- 750- 750- 500+", SLO_UNFINISHED},
    {5, "750+ 750+ 750+ 1000-", SLO_UNFINISHED},
};

START_TEST(story)
{
    struct slo_search search;
    slo_search_begin(&search, 10, 1000, 0.05, stories[_i].repeats);
    double rate_rps = 0;
    for (const char *at = stories[_i].steps; *at != '\0'; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        char *outcome = NULL;
        double expected = strtod(at, &outcome);
        ck_assert_msg(slo_search_next(&search, &rate_rps), "ended before '%s'", at);
        ck_assert_msg(fabs(rate_rps - expected) <= 0.5, "%g instead of '%s'", rate_rps, at);
        slo_search_record(&search, rate_rps,
                          *outcome == '+'   ? SLO_MET
                          : *outcome == '-' ? SLO_MISSED
                                            : SLO_REFUSED);
    }
    ck_assert_int_eq(slo_search_answer(&search).verdict, stories[_i].verdict);
}
END_TEST

/* Before its end a search says what it knows, and leaves out what is still open. */
START_TEST(unfinished)
{
    struct slo_search search;
    slo_search_begin(&search, 10, 1000, 0.05, 3);
    struct slo_answer answer = slo_search_answer(&search);
    ck_assert(answer.held == NULL && answer.above == NULL);
    /* 2 or 3 trials for each of two ends, three bisections and two checks. */
    ck_assert_uint_eq(slo_search_trials_left(&search), 12);
    slo_search_record(&search, 750, SLO_MET);
    answer = slo_search_answer(&search);
    ck_assert(answer.held == NULL && answer.above == NULL);
    ck_assert_uint_eq(slo_search_trials_left(&search), 11);
    slo_search_record(&search, 750, SLO_MET);
    slo_search_record(&search, 1000, SLO_MISSED);
    answer = slo_search_answer(&search);
    ck_assert_double_eq(answer.held->rate_rps, 750);
    ck_assert_ptr_null(answer.above);
    slo_search_record(&search, 1000, SLO_MISSED);
    answer = slo_search_answer(&search);
    ck_assert_double_eq(answer.above->rate_rps, 1000);
    ck_assert_uint_eq(slo_search_trials_left(&search), 8);
}
END_TEST

Suite *slo_search_suite(void)
{
    Suite *suite = suite_create("slo_search");
    TCase *tests = tcase_create("slo_search");
    tcase_add_loop_test(tests, sharp_limit, 0, COUNT(sharp));
    tcase_add_test(tests, always_met);
    tcase_add_test(tests, never_met);
    tcase_add_test(tests, narrow_range);
    tcase_add_test(tests, one_rate);
    tcase_add_test(tests, always_refused);
    tcase_add_test(tests, refused_above_the_limit);
    tcase_add_test(tests, refused_below_the_limit);
    tcase_add_loop_test(tests, some_refused, 0, 20);
    tcase_add_test(tests, noisy_limit);
    tcase_add_test(tests, nothing_but_noise);
    tcase_add_test(tests, early_hiccup);
    tcase_add_loop_test(tests, story, 0, COUNT(stories));
    tcase_add_test(tests, unfinished);
    suite_add_tcase(suite, tests);
    return suite;
}
