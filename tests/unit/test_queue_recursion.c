/* SPDX-License-Identifier: MIT */
#include "bench/selftest/queue_recursion.h"

#include "bench/base/bench_random.h"
#include "bench/statistics/queueing.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Worked out by hand: when each came, how long it was served, how long it waited. */
static const struct {
    double came;
    double service;
    double waits_for_one; /* with one worker */
    double waits_for_two;
} by_hand[] = {
    {1, 4, 0, 0}, {2, 10, 3, 0}, {3, 1, 12, 2}, {3, 1, 13, 3}, {20, 5, 0, 0}, {21, 1, 4, 0},
};

START_TEST(waits_are_those_worked_out_by_hand)
{
    struct queue_recursion one = {.workers = 1};
    struct queue_recursion two = {.workers = 2};
    for (int i = 0; i < COUNT(by_hand); i++) {
        ck_assert_double_eq(queue_recursion_add(&one, by_hand[i].came, by_hand[i].service),
                            by_hand[i].waits_for_one);
        ck_assert_double_eq(queue_recursion_add(&two, by_hand[i].came, by_hand[i].service),
                            by_hand[i].waits_for_two);
    }
    ck_assert_double_eq(one.waits, 32);
    ck_assert_double_eq(two.waits, 5);
    ck_assert_uint_eq(one.count, COUNT(by_hand));
}
END_TEST

static const struct queueing laws[] = {{0.5, 1e6, 1}, {2.8, 1e6, 4}, {13.6, 1e6, 16}};

/* By the formula, for exponential times between arrivals and of service. */
START_TEST(the_mean_is_erlang_c)
{
    struct queueing law = laws[_i];
    struct queue_recursion queue = {.workers = law.workers};
    struct bench_random random = {7};
    double at = 0;
    for (int i = 0; i < 1000000; i++) {
        at -= log(bench_random_unit(&random)) / law.arrivals_rps;
        queue_recursion_add(&queue, at, -log(bench_random_unit(&random)) * law.service_us / 1e6);
    }
    double mean_us = queue.waits / (double)queue.count * 1e6;
    ck_assert_double_eq_tol(mean_us / queueing_mean_wait_us(&law), 1, 0.04);
}
END_TEST

Suite *queue_recursion_suite(void)
{
    Suite *suite = suite_create("queue_recursion");
    TCase *tests = tcase_create("queue_recursion");
    tcase_add_test(tests, waits_are_those_worked_out_by_hand);
    tcase_add_loop_test(tests, the_mean_is_erlang_c, 0, COUNT(laws));
    suite_add_tcase(suite, tests);
    return suite;
}
