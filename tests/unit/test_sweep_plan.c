/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_plan.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORKLOADS = 2, BLOCKS = 12, LATENCY_BLOCKS = 3, COUNTS = 4, PER_BLOCK = COUNTS + 1 };

static const unsigned workers[COUNTS] = {1, 2, 4, 8};

static struct results results;

static void set_up(void)
{
    results = (struct results){
        .settings =
            {
                .workloads = {"ping", "sleep:1ms"},
                .workload_count = WORKLOADS,
                .workers = {1, 2, 4, 8},
                .count = COUNTS,
                .reference = 4,
                .blocks = BLOCKS,
                .latency_blocks = LATENCY_BLOCKS,
                .shares = {0.5, 0.9},
                .share_count = 2,
                .slo_quantile = NAN,
                .slo_limit_us = NAN,
                .slo_rate_rps = NAN,
                .seed = 1,
            },
    };
}

static void tear_down(void)
{
    results_free(&results);
}

/* As if the capacity trials of a workload had run: so many requests per second for each worker. */
static void run_capacity(size_t workload, double rps_per_worker, size_t counts)
{
    for (size_t i = 0; i < results.trial_count; i++) {
        struct trial *trial = &results.trials[i];
        if (trial->workload != workload || trial->experiment != EXPERIMENT_CAPACITY)
            continue;
        trial->complete = true;
        trial->measurement.throughput_rps = rps_per_worker * trial->workers;
        if (trial->workers > workers[counts - 1])
            measurement_refuse(&trial->measurement, "not to be trusted");
    }
}

/* ---- the capacity experiment ---- */

START_TEST(every_block_holds_every_count_and_the_control)
{
    ck_assert(sweep_plan_capacity(&results));
    ck_assert_uint_eq(results.trial_count, WORKLOADS * BLOCKS * PER_BLOCK);
    const struct trial *trial = results.trials;
    for (size_t workload = 0; workload < WORKLOADS; workload++) {
        for (unsigned block = 1; block <= BLOCKS; block++) {
            size_t seen[9] = {0};
            size_t controls = 0;
            for (unsigned place = 1; place <= PER_BLOCK; place++, trial++) {
                ck_assert_uint_eq(trial->workload, workload);
                ck_assert_uint_eq(trial->block, block);
                ck_assert_uint_eq(trial->place, place);
                ck_assert_int_eq(trial->experiment, EXPERIMENT_CAPACITY);
                ck_assert_double_nan(trial->rate_rps);
                ck_assert(!trial->complete);
                ck_assert(!trial->control || trial->workers == 4);
                controls += trial->control ? 1 : 0;
                seen[trial->workers] += trial->control ? 0 : 1;
            }
            ck_assert_uint_eq(controls, 1);
            for (size_t i = 0; i < COUNTS; i++)
                ck_assert_uint_eq(seen[workers[i]], 1);
        }
    }
}
END_TEST

/* A block's order as a number: the control is 0. */
static unsigned long order_of(size_t first)
{
    unsigned long order = 0;
    for (size_t i = first; i < first + PER_BLOCK; i++)
        order = order * 10 + (results.trials[i].control ? 0 : results.trials[i].workers);
    return order;
}

/* 120 orders are possible; of 24 drawn at random, 2 to 3 repeat another. */
START_TEST(orders_are_shuffled)
{
    unsigned long orders[WORKLOADS * BLOCKS];
    size_t repeated = 0;
    ck_assert(sweep_plan_capacity(&results));
    for (size_t i = 0; i < WORKLOADS * BLOCKS; i++) {
        orders[i] = order_of(i * PER_BLOCK);
        for (size_t before = 0; before < i; before++)
            repeated += orders[before] == orders[i] ? 1 : 0;
    }
    ck_assert_uint_le(repeated, 8);
}
END_TEST

/* Over many blocks, each count stands at each place equally often: 400 of 2,000 times +- 18. */
START_TEST(places_are_fair)
{
    size_t at[9][PER_BLOCK + 1] = {{0}};
    for (unsigned seed = 1; seed <= 20; seed++) {
        tear_down();
        set_up();
        results.settings.blocks = 50;
        results.settings.seed = seed;
        ck_assert(sweep_plan_capacity(&results));
        for (size_t i = 0; i < results.trial_count; i++) {
            const struct trial *trial = &results.trials[i];
            at[trial->control ? 0 : trial->workers][trial->place]++;
        }
    }
    static const unsigned kinds[] = {0, 1, 2, 4, 8};
    for (size_t kind = 0; kind < PER_BLOCK; kind++)
        for (size_t place = 1; place <= PER_BLOCK; place++)
            ck_assert_double_eq_tol((double)at[kinds[kind]][place], 400, 80);
}
END_TEST

static bool same_plan(const struct results *a, const struct results *b)
{
    if (a->trial_count != b->trial_count)
        return false;
    for (size_t i = 0; i < a->trial_count; i++) {
        const struct trial *left = &a->trials[i];
        const struct trial *right = &b->trials[i];
        if (left->workload != right->workload || left->workers != right->workers ||
            left->control != right->control || left->block != right->block ||
            left->place != right->place || left->experiment != right->experiment ||
            (left->rate_rps != right->rate_rps && !isnan(left->rate_rps)))
            return false;
    }
    return true;
}

START_TEST(the_seed_decides)
{
    ck_assert(sweep_plan_capacity(&results));
    struct results first = results;
    results.trials = NULL;
    results.trial_count = 0;
    ck_assert(sweep_plan_capacity(&results));
    ck_assert(same_plan(&first, &results));
    results_free(&first);
    first = results;
    results.trials = NULL;
    results.trial_count = 0;
    results.settings.seed = 2;
    ck_assert(sweep_plan_capacity(&results));
    ck_assert(!same_plan(&first, &results));
    results_free(&first);
}
END_TEST

/* ---- the latency experiment ---- */

static size_t capacity_trials(void)
{
    return (size_t)WORKLOADS * results.settings.blocks * PER_BLOCK;
}

/* How many latency trials of this block try these workers at this rate. */
static size_t count_trials(unsigned block, unsigned count, double rate_rps)
{
    size_t found = 0;
    for (size_t i = capacity_trials(); i < results.trial_count; i++) {
        const struct trial *trial = &results.trials[i];
        ck_assert_int_eq(trial->experiment, EXPERIMENT_LATENCY);
        ck_assert_uint_eq(trial->workload, 1);
        ck_assert(!trial->control);
        if (trial->block == block && trial->workers == count &&
            fabs(trial->rate_rps - rate_rps) < 1e-6 * rate_rps)
            found++;
    }
    return found;
}

/* 100 per worker: the best are 800. One worker can do 100, two 200, four 400: 440 is hopeless. */
START_TEST(rates_are_shares_of_the_best)
{
    ck_assert(sweep_plan_capacity(&results));
    run_capacity(1, 100, COUNTS);
    ck_assert(!sweep_plan_has_latency(&results, 1));
    ck_assert(sweep_plan_latency(&results, 1));
    ck_assert(sweep_plan_has_latency(&results, 1));
    ck_assert(!sweep_plan_has_latency(&results, 0));
    for (size_t i = 0; i < COUNTS; i++) {
        for (unsigned block = 1; block <= LATENCY_BLOCKS; block++) {
            double capacity = 100.0 * workers[i];
            ck_assert_uint_eq(count_trials(block, workers[i], 400),
                              block == 1 || 400 <= 1.1 * capacity ? 1 : 0);
            ck_assert_uint_eq(count_trials(block, workers[i], 720),
                              block == 1 || 720 <= 1.1 * capacity ? 1 : 0);
        }
    }
    ck_assert_uint_eq(results.trial_count - capacity_trials(), 2 * COUNTS + 2 * 3);
}
END_TEST

/* At 1.1 times its capacity a count still gets its chance; just above, it does not. */
START_TEST(hopeless)
{
    results.settings.share_count = 1;
    results.settings.shares[0] = 0.549;
    ck_assert(sweep_plan_capacity(&results));
    run_capacity(1, 100, COUNTS);
    ck_assert(sweep_plan_latency(&results, 1));
    ck_assert_uint_eq(count_trials(2, 4, 0.549 * 800), 1);
    results.trial_count = capacity_trials();
    results.settings.shares[0] = 0.551;
    ck_assert(sweep_plan_latency(&results, 1));
    ck_assert_uint_eq(count_trials(1, 4, 0.551 * 800), 1);
    ck_assert_uint_eq(count_trials(2, 4, 0.551 * 800), 0);
    ck_assert_uint_eq(count_trials(2, 8, 0.551 * 800), 1);
}
END_TEST

/* Within a block places are numbered from 1, and the order is shuffled. */
START_TEST(places_of_latency_trials)
{
    results.settings.shares[1] = 0.55;
    ck_assert(sweep_plan_capacity(&results));
    run_capacity(1, 100, COUNTS);
    ck_assert(sweep_plan_latency(&results, 1));
    unsigned block = 1;
    unsigned place = 0;
    size_t rising = 0;
    for (size_t i = capacity_trials(); i < results.trial_count; i++) {
        const struct trial *trial = &results.trials[i];
        place = trial->block == block ? place + 1 : 1;
        block = trial->block;
        ck_assert_uint_eq(trial->place, place);
        rising += place > 1 && trial->workers >= trial[-1].workers ? 1 : 0;
    }
    ck_assert_uint_eq(block, LATENCY_BLOCKS);
    ck_assert_uint_lt(rising, results.trial_count - capacity_trials() - LATENCY_BLOCKS);
}
END_TEST

/* Capacities are rates that could be used; a refused trial is no evidence of one. */
START_TEST(refused_capacities)
{
    ck_assert(sweep_plan_capacity(&results));
    run_capacity(1, 100, 2); /* up to two workers: 200 are the best */
    ck_assert(sweep_plan_latency(&results, 1));
    for (unsigned block = 1; block <= LATENCY_BLOCKS; block++) {
        ck_assert_uint_eq(count_trials(block, 2, 100), 1);
        ck_assert_uint_eq(count_trials(block, 8, 180), 1); /* who knows */
        ck_assert_uint_eq(count_trials(block, 1, 180), block == 1 ? 1 : 0);
    }
}
END_TEST

START_TEST(no_capacity)
{
    ck_assert(sweep_plan_capacity(&results));
    ck_assert(sweep_plan_latency(&results, 1));
    ck_assert_uint_eq(results.trial_count, capacity_trials());
    ck_assert(!sweep_plan_has_latency(&results, 1));
}
END_TEST

/* The plan is made in the middle of a sweep, perhaps of one that goes on later: it is the same. */
START_TEST(resumed)
{
    ck_assert(sweep_plan_capacity(&results));
    run_capacity(1, 100, COUNTS);
    struct results first = results;
    first.trials = malloc(results.trial_count * sizeof(*first.trials));
    ck_assert_ptr_nonnull(first.trials);
    memcpy(first.trials, results.trials, results.trial_count * sizeof(*first.trials));
    ck_assert(sweep_plan_latency(&first, 1));
    ck_assert(sweep_plan_latency(&results, 1));
    ck_assert(same_plan(&first, &results));
    results_free(&first);
}
END_TEST

static const struct {
    double slo_rate_rps;
    double rates[3];
} slo_rates[] = {{200, {200, 400, 720}}, {500, {400, 500, 720}}, {900, {400, 720, 900}}};

START_TEST(slo_rate)
{
    results.settings.slo_rate_rps = slo_rates[_i].slo_rate_rps;
    ck_assert(sweep_plan_capacity(&results));
    run_capacity(1, 100, COUNTS);
    ck_assert(sweep_plan_latency(&results, 1));
    for (size_t i = 0; i < COUNTS; i++)
        for (size_t rate = 0; rate < 3; rate++)
            ck_assert_uint_eq(count_trials(1, workers[i], slo_rates[_i].rates[rate]), 1);
    ck_assert_uint_eq(count_trials(1, 8, slo_rates[_i].slo_rate_rps), 1);
}
END_TEST

/* ---- how much is left ---- */

START_TEST(unplanned)
{
    ck_assert(sweep_plan_capacity(&results));
    ck_assert_uint_eq(sweep_plan_unplanned(&results), WORKLOADS * COUNTS * 2 * LATENCY_BLOCKS);
    results.settings.slo_rate_rps = 100;
    ck_assert_uint_eq(sweep_plan_unplanned(&results), WORKLOADS * COUNTS * 3 * LATENCY_BLOCKS);
    run_capacity(1, 100, COUNTS);
    ck_assert(sweep_plan_latency(&results, 1));
    ck_assert_uint_eq(sweep_plan_unplanned(&results), 1 * COUNTS * 3 * LATENCY_BLOCKS);
}
END_TEST

START_TEST(no_latency_experiment)
{
    results.settings.latency_blocks = 0;
    ck_assert(sweep_plan_capacity(&results));
    ck_assert(sweep_plan_has_latency(&results, 0));
    ck_assert_uint_eq(sweep_plan_unplanned(&results), 0);
}
END_TEST

Suite *sweep_plan_suite(void)
{
    Suite *suite = suite_create("sweep_plan");
    TCase *tests = tcase_create("sweep_plan");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, every_block_holds_every_count_and_the_control);
    tcase_add_test(tests, orders_are_shuffled);
    tcase_add_test(tests, places_are_fair);
    tcase_add_test(tests, the_seed_decides);
    tcase_add_test(tests, rates_are_shares_of_the_best);
    tcase_add_test(tests, hopeless);
    tcase_add_test(tests, places_of_latency_trials);
    tcase_add_test(tests, refused_capacities);
    tcase_add_test(tests, no_capacity);
    tcase_add_test(tests, resumed);
    tcase_add_loop_test(tests, slo_rate, 0, sizeof(slo_rates) / sizeof(slo_rates[0]));
    tcase_add_test(tests, unplanned);
    tcase_add_test(tests, no_latency_experiment);
    suite_add_tcase(suite, tests);
    return suite;
}
