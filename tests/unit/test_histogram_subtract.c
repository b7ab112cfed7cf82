/* SPDX-License-Identifier: MIT */
/* What was recorded between two readings of a histogram. */
#include "common/histogram.h"
#include "tests/unit/prng.h"
#include "tests/unit/suites.h"

#include <string.h>

enum { SAMPLES = 20000 };

/* Too large for the stack of a test under sanitizers. */
static struct histogram one;
static struct histogram two;
static struct histogram both;

enum { EARLIER_MAX = 3000000, LATER_MAX = 5000000 };

/* Values up to the limits: first those of `two`, then those of `both`; `one` has seen all. */
static void record_in_two_parts(uint64_t earlier_limit, uint64_t later_limit)
{
    struct prng prng = {.state = 17};
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t value = prng_below(&prng, earlier_limit);
        histogram_record(&one, value);
        histogram_record(&two, value);
    }
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t value = prng_below(&prng, later_limit);
        histogram_record(&one, value);
        histogram_record(&both, value);
    }
}

static void check_what_is_left(void)
{
    ck_assert_uint_eq(histogram_count(&one), histogram_count(&both));
    ck_assert_uint_eq(histogram_sum_ns(&one), histogram_sum_ns(&both));
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        ck_assert_uint_eq(histogram_bucket_count(&one, i), histogram_bucket_count(&both, i));
}

START_TEST(with_a_later_maximum)
{
    record_in_two_parts(EARLIER_MAX, LATER_MAX);
    histogram_subtract(&one, &two);
    check_what_is_left();
    ck_assert_mem_eq(&one, &both, sizeof(one)); /* its maximum too */
}
END_TEST

/* How large the largest of the later values was is lost, but not its bucket. */
START_TEST(with_an_earlier_maximum)
{
    record_in_two_parts(LATER_MAX, EARLIER_MAX);
    uint64_t max_ns = histogram_max_ns(&both);
    histogram_subtract(&one, &two);
    check_what_is_left();
    ck_assert_uint_ge(histogram_max_ns(&one), max_ns);
    ck_assert_uint_le(histogram_max_ns(&one), max_ns + max_ns / 128);
}
END_TEST

/* The same largest value before and after: there is no better guess than that. */
START_TEST(with_the_same_maximum)
{
    histogram_record(&one, 1000001);
    histogram_record(&two, 1000001);
    histogram_record(&one, 1000001);
    histogram_subtract(&one, &two);
    ck_assert_uint_eq(histogram_count(&one), 1);
    ck_assert_uint_eq(histogram_max_ns(&one), 1000001);
}
END_TEST

START_TEST(everything)
{
    static struct histogram fresh;
    record_in_two_parts(EARLIER_MAX, LATER_MAX);
    histogram_merge(&two, &both);
    histogram_subtract(&one, &two);
    ck_assert_mem_eq(&one, &fresh, sizeof(one));
    histogram_subtract(&one, &fresh);
    ck_assert_mem_eq(&one, &fresh, sizeof(one));
}
END_TEST

START_TEST(nothing)
{
    static struct histogram fresh;
    record_in_two_parts(EARLIER_MAX, LATER_MAX);
    memcpy(&two, &one, sizeof(two));
    histogram_subtract(&one, &fresh);
    ck_assert_mem_eq(&one, &two, sizeof(one));
}
END_TEST

Suite *histogram_subtract_suite(void)
{
    Suite *suite = suite_create("histogram_subtract");
    TCase *tests = tcase_create("histogram_subtract");
    tcase_add_test(tests, with_a_later_maximum);
    tcase_add_test(tests, with_an_earlier_maximum);
    tcase_add_test(tests, with_the_same_maximum);
    tcase_add_test(tests, everything);
    tcase_add_test(tests, nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
