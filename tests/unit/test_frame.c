/* SPDX-License-Identifier: MIT */
/* Axes, legends and what stands around a plot: that nothing overlaps, and nothing is outside. */
#include "bench/picture/axis.h"
#include "bench/picture/frame.h"
#include "bench/picture/markup.h"
#include "bench/picture/series.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct byte_buffer out;
static struct svg svg;
static const struct plot_area area = {.left = 80, .top = 50, .right = 480, .bottom = 250};

static void begin(void)
{
    out = (struct byte_buffer){0};
    svg = (struct svg){.out = &out};
}

static void end(void)
{
    byte_buffer_free(&out);
}

static double attribute(const char *element, const char *name)
{
    const char *at = strstr(element, name);
    ck_assert_ptr_nonnull(at);
    return strtod(at + strlen(name), NULL);
}

START_TEST(ticks_that_would_overlap)
{
    struct ticks ticks = {.count = 0};
    const struct scale scale = {.high = 32, .begin = area.left, .end = area.right};
    for (int i = 0; i <= 32; i++)
        ticks_add(&ticks, i, i == 0 || i == 32 ? 0 : i == 31 ? 1 : 2, tick_format_plain);
    axis_draw_x(&svg, &area, &scale, &ticks, "workers");
    const char *text = markup_text(&out);
    /* Each has a line of the grid, but 31 would touch 32, which is more important. */
    ck_assert_uint_eq(markup_count(text, "stroke=\"#dddddd\""), 33);
    ck_assert_ptr_nonnull(strstr(text, ">32</text>"));
    ck_assert_ptr_null(strstr(text, ">31</text>"));
    ck_assert_ptr_nonnull(strstr(text, ">workers</text>"));
    double ends[40];
    double begins[40];
    size_t count = 0;
    for (const char *at = strstr(text, "<text"); at != NULL; at = strstr(at + 1, "<text")) {
        char label[8] = "";
        ck_assert_int_eq(sscanf(strchr(at, '>'), ">%7[^<]", label), 1);
        if (attribute(at, "y=\"") != area.bottom + 21)
            continue;
        double half = markup_width(label, AXIS_FONT) / 2;
        double x = attribute(at, "x=\"");
        for (size_t i = 0; i < count; i++)
            ck_assert(x - half >= ends[i] || x + half <= begins[i]);
        begins[count] = x - half;
        ends[count++] = x + half;
    }
    ck_assert_uint_gt(count, 8);
}
END_TEST

START_TEST(ticks_outside_are_left_out)
{
    struct ticks ticks = {.count = 0};
    const struct scale scale = {.high = 10, .begin = area.bottom, .end = area.top};
    ticks_add(&ticks, -1, 0, tick_format_plain);
    ticks_add(&ticks, 5, 0, tick_format_plain);
    ticks_add(&ticks, 11, 0, tick_format_plain);
    axis_draw_y(&svg, &area, &scale, &ticks, NULL);
    const char *text = markup_text(&out);
    ck_assert_uint_eq(markup_count(text, "<text"), 1);
    ck_assert_ptr_nonnull(strstr(text, "y1=\"150.0\""));
}
END_TEST

START_TEST(last_label_stays_within)
{
    struct ticks ticks = {.count = 0};
    const struct scale scale = {.high = 1e9, .begin = area.left, .end = area.right};
    ticks_add(&ticks, 1e9, 0, tick_format_plain);
    snprintf(ticks.items[0].label, TICK_LABEL_SIZE, "99.9999 %%");
    axis_draw_x(&svg, &area, &scale, &ticks, NULL);
    double x = attribute(strstr(markup_text(&out), "<text"), "x=\"");
    ck_assert_double_lt(x + markup_width("99.9999 %", AXIS_FONT) / 2, area.right + 20);
}
END_TEST

/* A curve that leaves at the top and comes back, with a gap. */
START_TEST(curve_is_cut_at_the_edges)
{
    const double x[] = {100, 200, 300, 400, 410, 420};
    const double y[] = {150, 0, 100, 200, NAN, 200};
    axis_draw_curve(&svg, &area, x, y, 6, &(struct svg_pen){.stroke = "#000000", .width = 1});
    ck_assert_ptr_nonnull(strstr(markup_text(&out), "d=\"M100.0,150.0L166.7,50.0M250.0,50.0"
                                                    "L300.0,100.0L400.0,200.0M420.0,200.0\""));
}
END_TEST

START_TEST(styles_differ_in_every_respect)
{
    for (size_t i = 0; i < SERIES_LIMIT; i++) {
        for (size_t j = 0; j < i; j++) {
            const char *a = series_style(i)->dash;
            const char *b = series_style(j)->dash;
            ck_assert_str_ne(series_style(i)->colour, series_style(j)->colour);
            ck_assert_int_ne(series_style(i)->shape, series_style(j)->shape);
            ck_assert_str_ne(a != NULL ? a : "", b != NULL ? b : "");
        }
        struct svg_pen hollow = series_marker(series_style(i), true);
        ck_assert_str_eq(hollow.fill, "#ffffff");
        ck_assert_str_eq(series_marker(series_style(i), false).fill, series_style(i)->colour);
    }
}
END_TEST

START_TEST(legend_wraps)
{
    struct legend legend = {.count = 0};
    ck_assert_double_eq(legend_draw(NULL, &legend, 0, 0, 500), 0);
    for (size_t i = 0; i < 9; i++)
        legend_add_series(&legend, series_style(i % SERIES_LIMIT), "16 workers");
    double width = 300 + 20 * _i;
    double height = legend_draw(&svg, &legend, 16, 40, width);
    ck_assert_double_eq(height, legend_draw(NULL, &legend, 16, 40, width));
    if (_i == 10) /* 500 wide: three beside each other */
        ck_assert_double_eq(height, 3 * 24);
    const char *text = markup_text(&out);
    ck_assert_uint_eq(markup_count(text, ">16 workers</text>"), 9);
    for (const char *at = strstr(text, "<text"); at != NULL; at = strstr(at + 1, "<text")) {
        ck_assert_double_le(attribute(at, "x=\"") + markup_width("16 workers", 16), 16 + width);
        ck_assert_double_le(attribute(at, "y=\""), 40 + height);
    }
}
END_TEST

START_TEST(legend_is_full)
{
    struct legend legend = {.count = 0};
    for (int i = 0; i < LEGEND_LIMIT + 3; i++)
        ck_assert_ptr_nonnull(legend_add(&legend, LEGEND_LINE, "%d", i));
    ck_assert_uint_eq(legend.count, LEGEND_LIMIT);
}
END_TEST

/* Everything of a frame lies in its picture, in this order: title, subject, legend, plot, caption.
 */
START_TEST(frame_holds_all)
{
    char subject[600];
    memset(subject, 'w', sizeof(subject));
    subject[sizeof(subject) - 1] = '\0';
    const struct frame_head head = {
        .id = "p",
        .title = "A title that is so long that it takes two lines or perhaps even more than that",
        .subject = subject,
        .caption = "How to read this, in more words than would ever fit into a single line of it",
        .above = 30,
        .height = 200,
        .below = 50,
    };
    struct legend legend = {.count = 0};
    legend_add(&legend, LEGEND_LINE, "entry");
    struct plot_area plot = frame_begin(&svg, &out, &head, &legend);
    frame_end(&svg);
    const char *text = markup_text(&out);
    markup_check(text);
    const char *cut = strstr(text, ">www");
    ck_assert_ptr_nonnull(cut);
    snprintf(subject, sizeof(subject), "%.*s", (int)strcspn(cut + 1, "<"), cut + 1);
    ck_assert_str_eq(subject + strlen(subject) - strlen("…"), "…");
    ck_assert_double_le(markup_width(subject, 16), FRAME_WIDTH - 2 * FRAME_MARGIN);
    ck_assert_double_gt(markup_width(subject, 16), FRAME_WIDTH - 2 * FRAME_MARGIN - 32);
    ck_assert_double_eq(plot.bottom - plot.top, 200);
    ck_assert_double_eq(plot.left, FRAME_LEFT);
    double height = attribute(text, "height=\"");
    double above = 0;
    for (const char *at = strstr(text, "<text"); at != NULL; at = strstr(at + 1, "<text")) {
        double y = attribute(at, "y=\"");
        ck_assert_double_gt(y, above);
        ck_assert(y < plot.top || y > plot.bottom + 50);
        ck_assert_double_lt(y, height);
        above = y;
    }
    ck_assert_uint_eq(markup_count(text, "font-size=\"20\""), 2);
    ck_assert_uint_eq(markup_count(text, "fill=\"#555555\""), 2);
}
END_TEST

START_TEST(absent)
{
    const struct frame_head head = {.id = "p", .title = "Title", .subject = "ping"};
    frame_absent(&out, &head, "it was <refused>");
    const char *text = markup_text(&out);
    markup_check(text);
    ck_assert_ptr_nonnull(strstr(text, "<desc id=\"p-d\">n/a: it was &#60;refused&#62;</desc>"));
    ck_assert_ptr_nonnull(strstr(text, ">n/a: it was &#60;refused&#62;</text>"));
    ck_assert_ptr_nonnull(strstr(text, "<title id=\"p-t\">Title: ping</title>"));
}
END_TEST

Suite *frame_suite(void)
{
    Suite *suite = suite_create("frame");
    TCase *tests = tcase_create("frame");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, ticks_that_would_overlap);
    tcase_add_test(tests, ticks_outside_are_left_out);
    tcase_add_test(tests, last_label_stays_within);
    tcase_add_test(tests, curve_is_cut_at_the_edges);
    tcase_add_test(tests, styles_differ_in_every_respect);
    tcase_add_loop_test(tests, legend_wraps, 0, 16);
    tcase_add_test(tests, legend_is_full);
    tcase_add_test(tests, frame_holds_all);
    tcase_add_test(tests, absent);
    suite_add_tcase(suite, tests);
    return suite;
}
