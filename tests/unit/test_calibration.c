/* SPDX-License-Identifier: MIT */
#include "common/clock.h"
#include "server/calibration.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

enum { THREADS = 4 };

START_TEST(measured_when_first_used)
{
    ck_assert_uint_eq(calibration_iterations_per_us(), 0);
    calibration_burn(0);
    uint64_t measured = calibration_iterations_per_us();
    ck_assert_uint_gt(measured, 0);
    calibration_burn(1);
    ck_assert_uint_eq(calibration_iterations_per_us(), measured);
}
END_TEST

START_TEST(what_is_set_is_kept)
{
    calibration_set(7);
    ck_assert_uint_eq(calibration_iterations_per_us(), 7);
    calibration_burn(10);
    ck_assert_uint_eq(calibration_iterations_per_us(), 7);
}
END_TEST

/* By CPU time: a busy machine makes no difference. Far less than asked for means that the work was
 * optimized away or that microseconds were taken for something smaller. */
START_TEST(burns_about_as_long_as_asked)
{
    enum { ASKED_US = 20000, LEAST_US = ASKED_US / 4 };
    calibration_burn(0);
    uint64_t started_ns = thread_cpu_ns();
    calibration_burn(ASKED_US);
    ck_assert_uint_ge((thread_cpu_ns() - started_ns) / NS_PER_US, LEAST_US);
}
END_TEST

static void *burn_and_read(void *iterations)
{
    calibration_burn(1);
    *(uint64_t *)iterations = calibration_iterations_per_us();
    return NULL;
}

START_TEST(all_threads_see_one_measurement)
{
    pthread_t threads[THREADS];
    uint64_t iterations[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(burn_and_read, &iterations[i]);
    for (int i = 0; i < THREADS; i++) {
        thread_join(threads[i]);
        ck_assert_uint_gt(iterations[i], 0);
        ck_assert_uint_eq(iterations[i], iterations[0]);
    }
}
END_TEST

Suite *calibration_suite(void)
{
    Suite *suite = suite_create("calibration");
    TCase *tests = tcase_create("calibration");
    tcase_add_test(tests, measured_when_first_used);
    tcase_add_test(tests, what_is_set_is_kept);
    tcase_add_test(tests, burns_about_as_long_as_asked);
    tcase_add_test(tests, all_threads_see_one_measurement);
    suite_add_tcase(suite, tests);
    return suite;
}
