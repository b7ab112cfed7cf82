/* SPDX-License-Identifier: MIT */
#include "bench/base/chart.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Every byte but the second and third of a block starts a column. */
static size_t columns(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static const struct {
    double share;
    size_t width;
    const char *bar;
} bars[] = {
    {0, 4, "    "},  {1, 4, "████"},  {0.5, 4, "██  "}, {0.25, 4, "█   "}, {0.125, 1, "▏"},
    {0.25, 1, "▎"},  {0.375, 1, "▍"}, {0.5, 1, "▌"},    {0.625, 1, "▋"},   {0.75, 1, "▊"},
    {0.875, 1, "▉"}, {1, 1, "█"},     {0.05, 1, " "},   {0.07, 1, "▏"},    {0.97, 1, "█"},
    {0.6, 2, "█▎"},  {-1, 3, "   "},  {7, 3, "███"},    {0.5, 0, ""},
};

START_TEST(bar)
{
    char text[CHART_BAR_SIZE];
    ck_assert_str_eq(chart_bar(text, bars[_i].share, bars[_i].width), bars[_i].bar);
}
END_TEST

START_TEST(every_bar_has_its_width)
{
    char text[CHART_BAR_SIZE];
    for (size_t width = 0; width <= CHART_WIDEST + 1; width++) {
        for (int share = 0; share <= 100; share++) {
            size_t expected = width < CHART_WIDEST ? width : CHART_WIDEST;
            ck_assert_uint_eq(columns(chart_bar(text, share / 100.0, width)), expected);
        }
    }
}
END_TEST

static const struct chart_row rows[] = {
    {.label = "1", .value = 50, .text = "50"},
    {.label = "16", .value = 100, .text = "1,000", .marked = true},
    {.label = "2", .value = 0, .text = "0"},
};

static const struct {
    size_t count;
    size_t width;
    bool colour;
    const char *chart;
} charts[] = {
    {3, 33, false,
     "   1 ██████████              50\n"
     "  16 ████████████████████ 1,000 ←\n"
     "   2                          0\n"},
    {3, 0, false, /* too narrow: the shortest bar */
     "   1 █████         50\n"
     "  16 ██████████ 1,000 ←\n"
     "   2                0\n"},
    {2, 0, true,
     "   1 \033[36m█████     \033[0m    50\n"
     "  16 \033[32m██████████\033[0m 1,000 ←\n"},
    {0, 80, false, ""},
};

START_TEST(chart)
{
    char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stdout);
    chart_print(stdout, rows, charts[_i].count, charts[_i].width, charts[_i].colour);
    ck_assert_str_eq(captured_text(&captured, text), charts[_i].chart);
}
END_TEST

START_TEST(all_zero)
{
    char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stdout);
    chart_print(stdout, &rows[2], 1, 0, false);
    ck_assert_str_eq(captured_text(&captured, text), "  2            0\n");
}
END_TEST

static const struct {
    double values[8];
    size_t count;
    double top;
    const char *line;
} sparklines[] = {
    {{1, 2, 3, 4, 5, 6, 7, 8}, 8, 8, "▂▃▄▅▆▇██"},
    {{0, 100}, 2, 100, "▁█"},
    {{12.4, 12.6, 100}, 3, 100, "▁▂█"}, /* an eighth is 12.5 */
    {{5, NAN, 5}, 3, 5, "█ █"},
    {{NAN, NAN}, 2, 0, "  "},
    {{0, 0}, 2, 0, "▁▁"},
    {{3}, 1, 3, "█"},
    {{3}, 0, 0, ""},
};

START_TEST(sparkline)
{
    char text[CHART_BAR_SIZE];
    double top = -1;
    ck_assert_str_eq(chart_sparkline(text, sparklines[_i].values, sparklines[_i].count, &top),
                     sparklines[_i].line);
    ck_assert_double_eq(top, sparklines[_i].top);
}
END_TEST

START_TEST(longest_sparkline)
{
    char text[CHART_BAR_SIZE];
    double values[CHART_WIDEST];
    double top = 0;
    for (size_t i = 0; i < CHART_WIDEST; i++)
        values[i] = (double)i;
    ck_assert_uint_eq(columns(chart_sparkline(text, values, CHART_WIDEST, &top)), CHART_WIDEST);
    ck_assert_double_eq(top, CHART_WIDEST - 1);
}
END_TEST

Suite *chart_suite(void)
{
    Suite *suite = suite_create("chart");
    TCase *tests = tcase_create("chart");
    tcase_add_loop_test(tests, bar, 0, COUNT(bars));
    tcase_add_test(tests, every_bar_has_its_width);
    tcase_add_loop_test(tests, chart, 0, COUNT(charts));
    tcase_add_test(tests, all_zero);
    tcase_add_loop_test(tests, sparkline, 0, COUNT(sparklines));
    tcase_add_test(tests, longest_sparkline);
    suite_add_tcase(suite, tests);
    return suite;
}
