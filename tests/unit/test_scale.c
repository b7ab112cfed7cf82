/* SPDX-License-Identifier: MIT */
#include "bench/picture/scale.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    struct scale scale;
    double value;
    double place;
} places[] = {
    {{SCALE_LINEAR, 0, 10, 100, 200, 0}, 0, 100},
    {{SCALE_LINEAR, 0, 10, 100, 200, 0}, 2.5, 125},
    {{SCALE_LINEAR, 0, 10, 100, 200, 0}, 20, 300},
    {{SCALE_LINEAR, 0, 10, 200, 100, 0}, 2.5, 175}, /* upwards */
    {{SCALE_LOG, 1, 16, 0, 400, 0}, 1, 0},
    {{SCALE_LOG, 1, 16, 0, 400, 0}, 2, 100},
    {{SCALE_LOG, 1, 16, 0, 400, 0}, 4, 200},
    {{SCALE_LOG, 1, 16, 0, 400, 0}, 0.5, -100},
    {{SCALE_STRETCHED, -1, 1, 0, 100, 0.03}, 0, 50},
    {{SCALE_STRETCHED, -1, 1, 0, 100, 0.03}, -1, 0},
    /* sinh⁻¹(1) / sinh⁻¹(1 / 0.03) = 0.881374 / 4.199930 */
    {{SCALE_STRETCHED, -1, 1, 0, 100, 0.03}, 0.03, 60.4927},
};

START_TEST(place)
{
    ck_assert_double_eq_tol(scale_place(&places[_i].scale, places[_i].value), places[_i].place,
                            1e-3);
}
END_TEST

static const struct {
    tick_format *format;
    double value;
    const char *label;
} labels[] = {
    {tick_format_rate, 0, "0"},           {tick_format_rate, 0.01, "0.01"},
    {tick_format_rate, 250, "250"},       {tick_format_rate, 999.4, "999"},
    {tick_format_rate, 999.6, "1k"},      {tick_format_rate, 1500, "1.5k"},
    {tick_format_rate, 999400, "999k"},   {tick_format_rate, 999600, "1M"},
    {tick_format_rate, 1e7, "10M"},       {tick_format_rate, 2.5e9, "2.5G"},
    {tick_format_us, 0, "0 µs"},          {tick_format_us, 0.5, "500 ns"},
    {tick_format_us, 0.9996, "1 µs"},     {tick_format_us, 20, "20 µs"},
    {tick_format_us, 999.6, "1 ms"},      {tick_format_us, 2500, "2.5 ms"},
    {tick_format_us, 999600, "1 s"},      {tick_format_us, 1.5e6, "1.5 s"},
    {tick_format_us, 12600e6, "12600 s"}, {tick_format_plain, 32, "32"},
};

START_TEST(label)
{
    char text[TICK_LABEL_SIZE];
    labels[_i].format(text, labels[_i].value);
    ck_assert_str_eq(text, labels[_i].label);
}
END_TEST

static const char *join(const struct ticks *ticks, char text[512])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < ticks->count; i++)
        used += (size_t)snprintf(text + used, 512 - used, "%s%s%s", i > 0 ? " " : "",
                                 ticks->items[i].rank > 0 ? "~" : "", ticks->items[i].label);
    return text;
}

static const struct {
    double low;
    double high;
    double wanted;
    const char *labels;
} linear[] = {
    {0, 10, 5, "0 2 4 6 8 10"},
    {0, 1, 5, "0 0.2 0.4 0.6 0.8 1"},
    {0, 21600, 6, "0 5k 10k 15k 20k"},
    {0, 0.011, 5, "0 0.005 0.01"},
    {0, 1.08e7, 6, "0 2M 4M 6M 8M 10M"},
    {0.3, 1.1, 8, "0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 1.1"},
    {-2, 2, 4, "-2 -1 0 1 2"},
    {0, 0, 5, ""},
    {0, NAN, 5, ""},
};

START_TEST(linear_ticks)
{
    struct ticks ticks = {.count = 0};
    char text[512];
    ticks_linear(&ticks, linear[_i].low, linear[_i].high, linear[_i].wanted, tick_format_rate);
    ck_assert_str_eq(join(&ticks, text), linear[_i].labels);
}
END_TEST

static const struct {
    double low;
    double high;
    const char *labels;
} logarithmic[] = {
    {90, 1200, "100 µs ~200 µs ~500 µs 1 ms"},
    {1, 1000, "1 µs 10 µs 100 µs 1 ms"},
    {1, 999, "1 µs ~2 µs ~5 µs 10 µs ~20 µs ~50 µs 100 µs ~200 µs ~500 µs"},
    {0.4, 2, "~500 ns 1 µs ~2 µs"},
    {1e6, 2e8, "1 s ~2 s ~5 s 10 s ~20 s ~50 s 100 s ~200 s"},
    {0, 10, ""},
    {5, 5, ""},
};

START_TEST(log_ticks)
{
    struct ticks ticks = {.count = 0};
    char text[512];
    ticks_log(&ticks, logarithmic[_i].low, logarithmic[_i].high, tick_format_us);
    ck_assert_str_eq(join(&ticks, text), logarithmic[_i].labels);
}
END_TEST

/* Wherever a range lies, two ticks or more fall into it. */
START_TEST(widen)
{
    for (int i = 0; i < 80; i++) {
        double low = 0.013 * pow(1.37, i);
        double from = low;
        double to = low;
        struct ticks ticks = {.count = 0};
        scale_widen_log(&from, &to);
        ck_assert_double_eq_tol(to / from, 5, 1e-9);
        ck_assert_double_eq_tol(sqrt(from * to) / low, 1, 1e-9);
        ticks_log(&ticks, from, to, tick_format_us);
        ck_assert_uint_ge(ticks.count, 2);
    }
    double from = 10;
    double to = 1000;
    scale_widen_log(&from, &to);
    ck_assert(from < 10 && from > 5 && to > 1000 && to < 2000);
}
END_TEST

START_TEST(full)
{
    struct ticks ticks = {.count = 0};
    for (int i = 0; i < TICK_LIMIT + 5; i++)
        ticks_add(&ticks, i, 0, tick_format_plain);
    ck_assert_uint_eq(ticks.count, TICK_LIMIT);
    ck_assert_str_eq(ticks.items[TICK_LIMIT - 1].label, "63");
}
END_TEST

Suite *scale_suite(void)
{
    Suite *suite = suite_create("scale");
    TCase *tests = tcase_create("scale");
    tcase_add_loop_test(tests, place, 0, COUNT(places));
    tcase_add_loop_test(tests, label, 0, COUNT(labels));
    tcase_add_loop_test(tests, linear_ticks, 0, COUNT(linear));
    tcase_add_loop_test(tests, log_ticks, 0, COUNT(logarithmic));
    tcase_add_test(tests, widen);
    tcase_add_test(tests, full);
    suite_add_tcase(suite, tests);
    return suite;
}
