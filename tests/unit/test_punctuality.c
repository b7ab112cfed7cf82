/* SPDX-License-Identifier: MIT */
#include "bench/selftest/punctuality.h"

#include "common/clock.h"
#include "tests/unit/suites.h"

enum { REQUESTS = 4000, BEGIN_NS = 123456789 };

static const double rate_rps = 1970;

static struct arrivals schedule;
static uint64_t arrival_ns[REQUESTS];

/* Arrivals at the times of the schedule. */
static void arrive_on_time(enum arrival_law law)
{
    arrivals_init(&schedule, law, rate_rps, 3, 0, 1);
    struct arrivals at = schedule;
    for (size_t i = 0; i < REQUESTS; i++) {
        arrival_ns[i] = BEGIN_NS + (uint64_t)at.due_ns;
        arrivals_advance(&at);
    }
}

static struct punctuality take(void)
{
    struct punctuality found;
    ck_assert(punctuality_take(arrival_ns, REQUESTS, schedule, &found));
    return found;
}

START_TEST(on_time)
{
    arrive_on_time(_i == 0 ? ARRIVAL_CONSTANT : ARRIVAL_POISSON);
    struct punctuality found = take();
    ck_assert_double_lt(found.late_us, 0.01);
    ck_assert(found.even);
    ck_assert_double_eq_tol(found.slot_low, 0.1, 0.03);
    ck_assert_double_eq_tol(found.slot_high, 0.1, 0.03);
    ck_assert_double_le(found.slot_low, found.slot_high);
}
END_TEST

/* A third is on time, so the median is one of those that are late. */
START_TEST(two_thirds_late)
{
    arrive_on_time(ARRIVAL_POISSON);
    for (size_t i = 0; i < REQUESTS; i++)
        arrival_ns[i] += i % 3 == 0 ? 0 : 300 * NS_PER_US;
    ck_assert_double_eq_tol(take().late_us, 300, 0.01);
}
END_TEST

START_TEST(what_comes_ever_later_is_late)
{
    arrive_on_time(ARRIVAL_CONSTANT);
    for (size_t i = 0; i < REQUESTS; i++)
        arrival_ns[i] += i * NS_PER_US;
    ck_assert_double_eq_tol(take().late_us, 0.5 * REQUESTS, 1);
}
END_TEST

/* A timer of a millisecond, and one of half that. */
START_TEST(a_grid_is_not_even)
{
    static const uint64_t grids_ns[] = {NS_PER_MS, NS_PER_MS / 2};
    static const double shares[] = {1, 0.5};
    arrive_on_time(ARRIVAL_POISSON);
    for (size_t i = 0; i < REQUESTS; i++)
        arrival_ns[i] -= arrival_ns[i] % grids_ns[_i];
    struct punctuality found = take();
    ck_assert(!found.even);
    ck_assert_double_eq(found.slot_low, 0);
    ck_assert_double_eq_tol(found.slot_high, shares[_i], 0.03);
}
END_TEST

/* One tenth of the millisecond without requests, and all the others alike. */
START_TEST(a_gap_is_not_even)
{
    arrive_on_time(ARRIVAL_POISSON);
    uint64_t slot = 0;
    for (size_t i = 0; i < REQUESTS; i++, slot = slot < 8 ? slot + 1 : 0)
        arrival_ns[i] += slot * 100 * NS_PER_US + NS_PER_MS - arrival_ns[i] % NS_PER_MS;
    struct punctuality found = take();
    ck_assert(!found.even);
    ck_assert_double_eq(found.slot_low, 0);
    ck_assert_double_eq_tol(found.slot_high, 1.0 / 9, 0.001);
}
END_TEST

/* A tenth of all requests moved into one tenth of the millisecond, and none are missing elsewhere.
 */
START_TEST(a_crowd_is_not_even)
{
    arrive_on_time(ARRIVAL_POISSON);
    for (size_t i = 0; i < REQUESTS; i += 10)
        arrival_ns[i] += NS_PER_MS - arrival_ns[i] % NS_PER_MS;
    struct punctuality found = take();
    ck_assert(!found.even);
    ck_assert_double_eq_tol(found.slot_low, 0.08, 0.015);
    ck_assert_double_eq_tol(found.slot_high, 0.19, 0.02);
}
END_TEST

Suite *punctuality_suite(void)
{
    Suite *suite = suite_create("punctuality");
    TCase *tests = tcase_create("punctuality");
    tcase_add_loop_test(tests, on_time, 0, 2);
    tcase_add_test(tests, two_thirds_late);
    tcase_add_test(tests, what_comes_ever_later_is_late);
    tcase_add_loop_test(tests, a_grid_is_not_even, 0, 2);
    tcase_add_test(tests, a_gap_is_not_even);
    tcase_add_test(tests, a_crowd_is_not_even);
    suite_add_tcase(suite, tests);
    return suite;
}
