/* SPDX-License-Identifier: MIT */
#include "bench/trial/bench_info.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const char info[] = "# Server\r\n"
                           "crew_version:0.1.0\r\n"
                           "workers:4\r\n"
                           "utilization:0.25\r\n"
                           "slow_workers:2\r\n"
                           "empty:\r\n"
                           "\r\n"
                           "# Commands\r\n"
                           "cmdstat_ping:calls=7,usec=3\r\n"
                           "workers:9\r\n"
                           "negative:-5\r\n"
                           "p50_us:12\r\n"
                           "large:18446744073709551615\r\n"
                           "last:1";

static const struct {
    const char *field;
    double value;
} fields[] = {
    {"workers", 4},      {"utilization", 0.25},
    {"slow_workers", 2}, {"negative", -5},
    {"last", 1},         {"large", 18446744073709551615.0},
    {"worker", NAN},     {"orkers", NAN},
    {"workers:", NAN},   {"WORKERS", NAN},
    {"empty", NAN},      {"cmdstat_ping", NAN},
    {"# Server", NAN},   {"missing", NAN},
    {"p50_us", 12},      {"p", NAN},
    {"", NAN},
};

START_TEST(field)
{
    double value = bench_info_number(info, fields[_i].field);
    if (isnan(fields[_i].value))
        ck_assert_double_nan(value);
    else
        ck_assert_double_eq(value, fields[_i].value);
}
END_TEST

START_TEST(no_info)
{
    ck_assert_double_nan(bench_info_number("", "workers"));
    ck_assert_double_nan(bench_info_number("\n\n", "workers"));
    ck_assert_double_eq(bench_info_number("\nworkers:3\n", "workers"), 3);
}
END_TEST

Suite *bench_info_suite(void)
{
    Suite *suite = suite_create("bench_info");
    TCase *tests = tcase_create("fields");
    tcase_add_loop_test(tests, field, 0, COUNT(fields));
    tcase_add_test(tests, no_info);
    suite_add_tcase(suite, tests);
    return suite;
}
