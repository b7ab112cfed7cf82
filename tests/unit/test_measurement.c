/* SPDX-License-Identifier: MIT */
#include "bench/engine/measurement.h"
#include "tests/unit/suites.h"

#include <stdlib.h>
#include <string.h>

START_TEST(reasons_are_kept_in_order)
{
    struct measurement measurement = {0};
    ck_assert(measurement_valid(&measurement));
    measurement_refuse(&measurement, "first: %d of %s", 3, "five");
    ck_assert(!measurement_valid(&measurement));
    measurement_refuse(&measurement, "second");
    ck_assert_uint_eq(measurement.reason_count, 2);
    ck_assert_str_eq(measurement.reasons[0], "first: 3 of five");
    ck_assert_str_eq(measurement.reasons[1], "second");
}
END_TEST

START_TEST(too_many_reasons)
{
    struct measurement measurement = {0};
    for (int i = 0; i < MEASUREMENT_REASONS + 3; i++)
        measurement_refuse(&measurement, "%d", i);
    ck_assert_uint_eq(measurement.reason_count, MEASUREMENT_REASONS);
    ck_assert_str_eq(measurement.reasons[MEASUREMENT_REASONS - 1], "7");
}
END_TEST

START_TEST(a_long_reason_is_cut)
{
    struct measurement measurement = {0};
    char text[MEASUREMENT_REASON_SIZE + 20];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    measurement_refuse(&measurement, "%s", text);
    ck_assert_uint_eq(strlen(measurement.reasons[0]), MEASUREMENT_REASON_SIZE - 1);
    ck_assert_str_eq(measurement.reasons[1], "");
}
END_TEST

/* The address sanitizer would tell of what is not freed, or twice. */
START_TEST(freed_and_empty)
{
    struct measurement measurement = {
        .response_histogram = calloc(1, sizeof(struct histogram)),
        .wire_histogram = calloc(1, sizeof(struct histogram)),
        .series = calloc(3, sizeof(struct series_row)),
        .series_count = 3,
        .measured_s = 5,
    };
    static const struct measurement empty;
    measurement_free(&measurement);
    ck_assert_ptr_null(measurement.response_histogram);
    ck_assert_ptr_null(measurement.wire_histogram);
    ck_assert_ptr_null(measurement.series);
    ck_assert_uint_eq(measurement.series_count, empty.series_count);
    ck_assert_double_eq(measurement.measured_s, empty.measured_s);
    measurement_free(&measurement);
}
END_TEST

Suite *measurement_suite(void)
{
    Suite *suite = suite_create("measurement");
    TCase *tests = tcase_create("measurement");
    tcase_add_test(tests, reasons_are_kept_in_order);
    tcase_add_test(tests, too_many_reasons);
    tcase_add_test(tests, a_long_reason_is_cut);
    tcase_add_test(tests, freed_and_empty);
    suite_add_tcase(suite, tests);
    return suite;
}
