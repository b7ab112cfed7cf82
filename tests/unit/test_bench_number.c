/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_number.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    uint64_t count;
    const char *text;
} counts[] = {
    {0, "0"},
    {999, "999"},
    {1000, "1,000"},
    {12345, "12,345"},
    {123456, "123,456"},
    {1234567, "1,234,567"},
    {UINT64_MAX, "18,446,744,073,709,551,615"},
};

START_TEST(count)
{
    char text[BENCH_NUMBER_SIZE];
    ck_assert_str_eq(bench_number_count(text, counts[_i].count), counts[_i].text);
}
END_TEST

typedef const char *format_number(char text[BENCH_NUMBER_SIZE], double value);

static const struct {
    format_number *format;
    double value;
    const char *text;
} numbers[] = {
    {bench_number_exact, 0, "0"},
    {bench_number_exact, -3, "-3"},
    {bench_number_exact, 0.1, "0.1"},
    {bench_number_exact, 0.1 + 0.2, "0.30000000000000004"},
    {bench_number_exact, 1.0 / 3, "0.3333333333333333"},
    {bench_number_exact, 123456789012345678.0, "1.2345678901234568e+17"},
    {bench_number_exact, 5e-324, "4.94065645841247e-324"},
    {bench_number_exact, 1.7976931348623157e308, "1.7976931348623157e+308"},
    {bench_number_rate, 0, "0.00"},
    {bench_number_rate, 1.234, "1.23"},
    {bench_number_rate, 9.994, "9.99"},
    {bench_number_rate, 9.996, "10.0"},
    {bench_number_rate, 48.21, "48.2"},
    {bench_number_rate, 99.94, "99.9"},
    {bench_number_rate, 99.96, "100"},
    {bench_number_rate, 1234.5, "1,235"},
    {bench_number_rate, 1234567.4, "1,234,567"},
    {bench_number_us, 0.5, "500ns"},
    {bench_number_us, 1250, "1.25ms"},
    {bench_number_us, 2500000, "2.50s"},
    {bench_number_us, NAN, "n/a"},
    {bench_number_share, 0, "0%"},
    {bench_number_share, 0.926, "93%"},
    {bench_number_share, 1.5, "150%"},
    {bench_number_share, NAN, "n/a"},
};

START_TEST(number)
{
    char text[BENCH_NUMBER_SIZE];
    ck_assert_str_eq(numbers[_i].format(text, numbers[_i].value), numbers[_i].text);
}
END_TEST

static const struct {
    const char *text;
    double rate_rps; /* 0: not allowed */
} rates[] = {
    {"500", 500}, {"2.5k", 2500},    {"2.5K", 2500}, {"1m", 1e6}, {"1M", 1e6},  {"0.01", 0.01},
    {"10m", 1e7}, {"10000000", 1e7}, {".5", 0.5},    {"7.", 7},   {"0.009", 0}, {"10000001", 0},
    {"10.1m", 0}, {"0", 0},          {"", 0},        {"k", 0},    {"-5", 0},    {"+5", 0},
    {" 5", 0},    {"5 ", 0},         {"5kk", 0},     {"5km", 0},  {"5g", 0},    {"5/s", 0},
    {"inf", 0},   {"nan", 0},        {"0x10", 0},    {"1e3", 0},  {".", 0},     {"1..5", 0},
    {"1e3x", 0},
};

START_TEST(rate)
{
    double rate_rps = 0;
    bool good = bench_rate_parse(rates[_i].text, &rate_rps);
    ck_assert_msg(good == (rates[_i].rate_rps > 0), "'%s': %d", rates[_i].text, good);
    if (good)
        ck_assert_double_eq(rate_rps, rates[_i].rate_rps);
}
END_TEST

Suite *bench_number_suite(void)
{
    Suite *suite = suite_create("bench_number");
    TCase *tests = tcase_create("numbers");
    tcase_add_loop_test(tests, count, 0, COUNT(counts));
    tcase_add_loop_test(tests, number, 0, COUNT(numbers));
    tcase_add_loop_test(tests, rate, 0, COUNT(rates));
    suite_add_tcase(suite, tests);
    return suite;
}
