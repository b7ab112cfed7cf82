/* SPDX-License-Identifier: MIT */
#include "bench/results/results.h"
#include "tests/unit/random_results.h"
#include "tests/unit/suites.h"

#include <string.h>

static struct trial usable_trial(void)
{
    return (struct trial){.complete = true, .stopped_cleanly = true};
}

START_TEST(usable)
{
    struct trial trial = usable_trial();
    ck_assert(trial_usable(&trial));
    trial.complete = false;
    ck_assert(!trial_usable(&trial));
    trial = usable_trial();
    trial.measurement.reason_count = 1;
    ck_assert(!trial_usable(&trial));
    trial = usable_trial();
    trial.measurement.failures_total = 1;
    ck_assert(!trial_usable(&trial));
    /* A backlog that grows is a result. */
    trial = usable_trial();
    trial.measurement.unstable = true;
    ck_assert(trial_usable(&trial));
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(experiment_name(EXPERIMENT_CAPACITY), "capacity");
    ck_assert_str_eq(experiment_name(EXPERIMENT_LATENCY), "latency");
}
END_TEST

/* Leaks show under AddressSanitizer. */
START_TEST(freeing_empties)
{
    struct results results;
    random_results_make(&results, 1);
    results_free(&results);
    ck_assert_ptr_null(results.trials);
    ck_assert_uint_eq(results.trial_count, 0);
    results_free(&results);
}
END_TEST

Suite *results_suite(void)
{
    Suite *suite = suite_create("results");
    TCase *tests = tcase_create("results");
    tcase_add_test(tests, usable);
    tcase_add_test(tests, names);
    tcase_add_test(tests, freeing_empties);
    suite_add_tcase(suite, tests);
    return suite;
}
