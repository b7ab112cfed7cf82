/* SPDX-License-Identifier: MIT */
#include "bench/base/slo.h"
#include "tests/unit/suites.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    const char *text;
    double quantile;
    double limit_us;
    const char *formatted;
} good[] = {
    {"p99<10ms", 0.99, 10000, "p99<10.0ms"}, {"p99.9<50ms", 0.999, 50000, "p99.9<50.0ms"},
    {"P50<300us", 0.5, 300, "p50<300us"},    {"p99.99<1.5s", 0.9999, 1.5e6, "p99.99<1.50s"},
    {"p0.1<1m", 0.001, 60e6, "p0.1<60.0s"},  {"p90<500ns", 0.9, 0.5, "p90<500ns"},
    {"p99.0<1ms", 0.99, 1000, "p99<1.00ms"},
};

START_TEST(objective)
{
    double quantile = 0;
    double limit_us = 0;
    char text[SLO_TEXT_SIZE];
    ck_assert(slo_parse(good[_i].text, &quantile, &limit_us));
    ck_assert_double_eq_tol(quantile, good[_i].quantile, 1e-12);
    ck_assert_double_eq_tol(limit_us, good[_i].limit_us, 1e-9);
    ck_assert_ptr_eq(slo_format(text, quantile, limit_us), text);
    ck_assert_str_eq(text, good[_i].formatted);
}
END_TEST

static const char *const bad[] = {
    "",         "p",          "p99",       "p99<",      "p99<10",     "99<10ms",  "q99<10ms",
    "p<10ms",   "p0<10ms",    "p100<10ms", "p101<10ms", "p-1<10ms",   "p99>10ms", "p99<=10ms",
    "p99 <1ms", "p99< 10ms",  " p99<10ms", "p99<10ms ", "p99<10msx",  "p99<0ms",  "p99<0",
    "p99<-1ms", "p0x5p0<1ms", "pnan<10ms", "pinf<10ms", "p9.9.9<1ms", "p1e1<1ms", "p99<1e3ms",
};

START_TEST(no_objective)
{
    double quantile = 7;
    double limit_us = 8;
    ck_assert_msg(!slo_parse(bad[_i], &quantile, &limit_us), "'%s' was taken", bad[_i]);
    ck_assert_double_eq(quantile, 7);
    ck_assert_double_eq(limit_us, 8);
}
END_TEST

Suite *slo_suite(void)
{
    Suite *suite = suite_create("slo");
    TCase *tests = tcase_create("slo");
    tcase_add_loop_test(tests, objective, 0, COUNT(good));
    tcase_add_loop_test(tests, no_objective, 0, COUNT(bad));
    suite_add_tcase(suite, tests);
    return suite;
}
