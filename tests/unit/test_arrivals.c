/* SPDX-License-Identifier: MIT */
#include "bench/engine/arrivals.h"
#include "tests/unit/suites.h"

#include <math.h>

enum { DRAWS = 200000 };

/* 1,000,000 / 8 us is exact in binary, so there is nothing to round. */
START_TEST(constant_spacing)
{
    struct arrivals arrivals;
    arrivals_init(&arrivals, ARRIVAL_CONSTANT, 125000, 1, 0, 1);
    for (int i = 0; i < 1000; i++) {
        ck_assert_double_eq(arrivals.due_ns, 8000.0 * i);
        arrivals_advance(&arrivals);
    }
}
END_TEST

/* What four threads send together is as evenly spaced as what one sends. */
START_TEST(constant_spacing_interleaved)
{
    enum { THREADS = 4 };
    struct arrivals threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        arrivals_init(&threads[i], ARRIVAL_CONSTANT, 125000, 1, i, THREADS);
    for (int i = 0; i < 1000; i++) {
        struct arrivals *next = &threads[i % THREADS];
        ck_assert_double_eq(next->due_ns, 8000.0 * i);
        arrivals_advance(next);
    }
}
END_TEST

/* A day in requests of 3 per second: the times do not drift away. */
START_TEST(constant_spacing_for_long)
{
    struct arrivals arrivals;
    arrivals_init(&arrivals, ARRIVAL_CONSTANT, 3, 1, 0, 1);
    for (int i = 0; i < 3 * 86400; i++)
        arrivals_advance(&arrivals);
    ck_assert_double_eq_tol(arrivals.due_ns, 86400e9, 1e4); /* 10 us */
}
END_TEST

/*
 * The distances of a Poisson process are exponential: mean 1 / rate, and a variance of its square.
 * The limits are over four standard errors of 200,000 draws: 0.9 % of the mean, 1.8 % of the
 * variance. Distances have no memory: neighbours are not correlated.
 */
START_TEST(poisson_distances)
{
    struct arrivals arrivals;
    double sum = 0;
    double squares = 0;
    double products = 0;
    double before = 1e6;
    size_t longer = 0;
    arrivals_init(&arrivals, ARRIVAL_POISSON, 1000, 5, 0, 1);
    double last = 0;
    for (int i = 0; i < DRAWS; i++) {
        double gap = arrivals.due_ns - last;
        ck_assert_double_ge(gap, 0);
        last = arrivals.due_ns;
        sum += gap;
        squares += gap * gap;
        products += (gap - 1e6) * (before - 1e6);
        before = gap;
        longer += gap > 1e6 ? 1 : 0;
        arrivals_advance(&arrivals);
    }
    double mean = sum / DRAWS;
    ck_assert_double_eq_tol(mean, 1e6, 0.01e6);
    ck_assert_double_eq_tol(squares / DRAWS - mean * mean, 1e12, 0.02e12);
    ck_assert_double_eq_tol(products / DRAWS, 0, 0.01e12);
    ck_assert_double_eq_tol((double)longer / DRAWS, exp(-1), 0.005);
}
END_TEST

/* Not every schedule begins with a request at 0: the first distance is drawn like the others. */
START_TEST(poisson_begins_at_random)
{
    double sum = 0;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct arrivals arrivals;
        arrivals_init(&arrivals, ARRIVAL_POISSON, 1000, seed, 0, 1);
        sum += arrivals.due_ns;
    }
    ck_assert_double_eq_tol(sum / 20000, 1e6, 0.03e6);
}
END_TEST

START_TEST(same_seed_same_times)
{
    struct arrivals first;
    struct arrivals second;
    struct arrivals other_seed;
    struct arrivals other_thread;
    arrivals_init(&first, ARRIVAL_POISSON, 1000, 7, 1, 4);
    arrivals_init(&second, ARRIVAL_POISSON, 1000, 7, 1, 4);
    arrivals_init(&other_seed, ARRIVAL_POISSON, 1000, 8, 1, 4);
    arrivals_init(&other_thread, ARRIVAL_POISSON, 1000, 7, 2, 4);
    for (int i = 0; i < 1000; i++) {
        ck_assert_double_eq(first.due_ns, second.due_ns);
        ck_assert_double_ne(first.due_ns, other_seed.due_ns);
        ck_assert_double_ne(first.due_ns, other_thread.due_ns);
        arrivals_advance(&first);
        arrivals_advance(&second);
        arrivals_advance(&other_seed);
        arrivals_advance(&other_thread);
    }
}
END_TEST

/* Requests of all threads until `end_ns`. */
static size_t count_until(struct arrivals *threads, size_t count, double end_ns)
{
    size_t requests = 0;
    for (size_t i = 0; i < count; i++) {
        for (; threads[i].due_ns < end_ns; requests++)
            arrivals_advance(&threads[i]);
    }
    return requests;
}

/* 100,000 requests are due in 100 s, give or take 316 (their square root). */
START_TEST(threads_add_up_to_the_rate)
{
    enum { THREADS = 8 };
    struct arrivals threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        arrivals_init(&threads[i], ARRIVAL_POISSON, 1000, 11, i, THREADS);
    size_t requests = count_until(threads, THREADS, 100e9);
    ck_assert_double_eq_tol((double)requests, 100000, 4 * 316);
}
END_TEST

/*
 * Independent processes add up to a Poisson process: requests per 10 ms then vary by their mean,
 * which is 10. Were the threads in step with each other, the variance would be 8 times that.
 */
START_TEST(threads_are_independent)
{
    enum { THREADS = 8, WINDOWS = 10000 };
    struct arrivals threads[THREADS];
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < THREADS; i++)
        arrivals_init(&threads[i], ARRIVAL_POISSON, 1000, 13, i, THREADS);
    for (int i = 1; i <= WINDOWS; i++) {
        double requests = (double)count_until(threads, THREADS, i * 10e6);
        sum += requests;
        squares += requests * requests;
    }
    double mean = sum / WINDOWS;
    ck_assert_double_eq_tol(mean, 10, 0.15);
    ck_assert_double_eq_tol((squares / WINDOWS - mean * mean) / mean, 1, 0.06);
}
END_TEST

Suite *arrivals_suite(void)
{
    Suite *suite = suite_create("arrivals");
    TCase *tests = tcase_create("arrivals");
    tcase_add_test(tests, constant_spacing);
    tcase_add_test(tests, constant_spacing_interleaved);
    tcase_add_test(tests, constant_spacing_for_long);
    tcase_add_test(tests, poisson_distances);
    tcase_add_test(tests, poisson_begins_at_random);
    tcase_add_test(tests, same_seed_same_times);
    tcase_add_test(tests, threads_add_up_to_the_rate);
    tcase_add_test(tests, threads_are_independent);
    suite_add_tcase(suite, tests);
    return suite;
}
