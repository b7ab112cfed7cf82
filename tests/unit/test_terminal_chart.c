/* SPDX-License-Identifier: MIT */
#include "bench/picture/terminal_chart.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <string.h>

static struct byte_buffer out;

static void begin(void)
{
    out = (struct byte_buffer){0};
}

static void end(void)
{
    byte_buffer_free(&out);
}

static const struct terminal_chart sample = {
    .x_name = "rate",
    .y_name = "time",
    .series = {{"1 worker", {0, 100, 200}, {100, 1000, INFINITY}, 3},
               {"2 workers", {0, 100, 200}, {100, NAN, 10000}, 3}},
    .count = 2,
};

/* Three decades from the bottom to the row below the top one. */
START_TEST(drawing)
{
    terminal_chart_write(&sample, 0, &out);
    ck_assert_str_eq(markup_text(&out), "        time\n"
                                        "        │                             ^\n"
                                        "  10 ms ┤                             b\n"
                                        "   5 ms ┤\n"
                                        "        │\n"
                                        "   2 ms ┤\n"
                                        "        │\n"
                                        "   1 ms ┤             ⢀⠄a\n"
                                        "        │          ⢀⠤⠊⠁\n"
                                        " 500 µs ┤       ⢀⡠⠊⠁\n"
                                        "        │    ⢀⡠⠒⠁\n"
                                        " 200 µs ┤  ⡠⠔⠁\n"
                                        " 100 µs ┤*⠉\n"
                                        "        └───────────────────────────────\n"
                                        "         0            100            200\n"
                                        "         rate\n"
                                        "         a 1 worker  b 2 workers\n"
                                        "         * several  ^ unstable\n");
}
END_TEST

static size_t columns(const char *line)
{
    size_t count = 0;
    for (; *line != '\n' && *line != '\0'; line++)
        count += ((unsigned char)*line & 0xc0) != 0x80;
    return count;
}

START_TEST(every_width)
{
    for (size_t width = 0; width <= 300; width += 7) {
        size_t most = width < TERMINAL_CHART_NARROWEST ? TERMINAL_CHART_NARROWEST : width;
        most = most > TERMINAL_CHART_WIDEST ? TERMINAL_CHART_WIDEST : most;
        size_t widest = 0;
        byte_buffer_truncate(&out, 0);
        terminal_chart_write(&sample, width, &out);
        const char *line = markup_text(&out);
        for (; line != NULL; line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL)
            widest = columns(line) > widest ? columns(line) : widest;
        ck_assert_uint_eq(widest, most);
    }
}
END_TEST

START_TEST(nothing_known)
{
    struct terminal_chart chart = sample;
    chart.series[0].y[0] = chart.series[0].y[1] = NAN;
    chart.series[1].count = 0;
    terminal_chart_write(&chart, 80, &out);
    chart.count = 0;
    terminal_chart_write(&chart, 80, &out);
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

START_TEST(latency)
{
    struct results results;
    results_fixture_make(&results_fixture_queueing, &results);
    struct analysis *analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(analysis);
    terminal_chart_write_latency(&results, analysis, 80, &out);
    const char *text = markup_text(&out);
    ck_assert_ptr_nonnull(strstr(text, "p99 of the response time\n"));
    ck_assert_ptr_nonnull(strstr(text, "offered rate (requests/s)\n"));
    ck_assert_ptr_nonnull(strstr(text, "a 4 workers  b 10 workers  c 20 workers"));
    ck_assert_ptr_nonnull(strstr(text, "^ unstable"));
    byte_buffer_truncate(&out, 0);
    analysis_free(analysis);
    results_free(&results);
    results_fixture_make(&results_fixture_sleeping, &results);
    analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(analysis);
    terminal_chart_write_latency(&results, analysis, 80, &out);
    ck_assert_uint_eq(out.size, 0);
    analysis_free(analysis);
    results_free(&results);
}
END_TEST

Suite *terminal_chart_suite(void)
{
    Suite *suite = suite_create("terminal_chart");
    TCase *tests = tcase_create("terminal_chart");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, drawing);
    tcase_add_test(tests, every_width);
    tcase_add_test(tests, nothing_known);
    tcase_add_test(tests, latency);
    suite_add_tcase(suite, tests);
    return suite;
}
