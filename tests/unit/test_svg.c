/* SPDX-License-Identifier: MIT */
#include "bench/picture/svg.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct byte_buffer out;
static struct svg svg;

static void begin(void)
{
    out = (struct byte_buffer){0};
    svg = (struct svg){.out = &out};
}

static void end(void)
{
    byte_buffer_free(&out);
}

START_TEST(document)
{
    svg_open(&svg, &out,
             &(struct svg_head){"w1", "a < b", "say \"no\"", .width = 600, .height = 400});
    svg_close(&svg);
    const char *text = markup_text(&out);
    markup_check(text);
    ck_assert_ptr_nonnull(strstr(text, "viewBox=\"0 0 600 400\" role=\"img\""));
    ck_assert_ptr_nonnull(strstr(text, "aria-labelledby=\"w1-t w1-d\""));
    ck_assert_ptr_nonnull(strstr(text, "<title id=\"w1-t\">a &#60; b</title>"));
    ck_assert_ptr_nonnull(strstr(text, "<desc id=\"w1-d\">say &#34;no&#34;</desc>"));
    ck_assert_ptr_nonnull(strstr(text, "width=\"600.0\" height=\"400.0\" fill=\"#ffffff\"/>"));
}
END_TEST

START_TEST(elements)
{
    const struct svg_pen full = {"#123456", 1.5, "4 2", "#abcdef", 0.25};
    const struct svg_pen bare = {.stroke = "#123456", .width = 2};
    svg_line(&svg, 1, 2, 3, 4, &bare);
    svg_rectangle(&svg, 1, 2, 3, 4, &full);
    svg_marker(&svg, SVG_CIRCLE, 5, 6, 7, &bare);
    svg_text(&svg, 1.25, 2, &(struct svg_font){16, SVG_END, .bold = true}, "a&b");
    svg_text_bytes(&svg, 1, 2, &(struct svg_font){.size = 16, .grey = true}, "abc", 2);
    ck_assert_str_eq(
        markup_text(&out),
        "<line x1=\"1.0\" y1=\"2.0\" x2=\"3.0\" y2=\"4.0\" fill=\"none\" stroke=\"#123456\" "
        "stroke-width=\"2.0\"/>\n"
        "<rect x=\"1.0\" y=\"2.0\" width=\"3.0\" height=\"4.0\" fill=\"#abcdef\" "
        "fill-opacity=\"0.25\" stroke=\"#123456\" stroke-width=\"1.5\" "
        "stroke-dasharray=\"4 2\"/>\n"
        "<circle cx=\"5.0\" cy=\"6.0\" r=\"7.0\" fill=\"none\" stroke=\"#123456\" "
        "stroke-width=\"2.0\"/>\n"
        "<text x=\"1.2\" y=\"2.0\" font-size=\"16\" text-anchor=\"end\" fill=\"#111111\" "
        "font-weight=\"bold\">a&#38;b</text>\n"
        "<text x=\"1.0\" y=\"2.0\" font-size=\"16\" text-anchor=\"start\" "
        "fill=\"#555555\">ab</text>\n");
}
END_TEST

START_TEST(path)
{
    const struct svg_pen pen = {.stroke = "#000000", .width = 1};
    svg_path_begin(&svg);
    svg_path_to(&svg, 0, 1);
    svg_path_to(&svg, 2, 3);
    svg_path_to(&svg, NAN, 3);
    svg_path_gap(&svg);
    svg_path_to(&svg, 4, 5);
    svg_path_end(&svg, true, &pen);
    ck_assert_str_eq(markup_text(&out), "<path d=\"M0.0,1.0L2.0,3.0M4.0,5.0Z\" fill=\"none\" "
                                        "stroke=\"#000000\" stroke-width=\"1.0\"/>\n");
}
END_TEST

/* A marker lies around its centre, about as far out as its radius, whatever its shape. */
START_TEST(shapes)
{
    struct byte_buffer before = {0};
    const struct svg_pen pen = {.stroke = "#000000", .width = 1, .fill = "#ffffff"};
    svg_marker(&svg, (enum svg_shape)_i, 100, 100, 10, &pen);
    const char *text = markup_text(&out);
    markup_check(text);
    for (int i = 0; i < SVG_SHAPES; i++) {
        if (i == _i)
            continue;
        struct svg other = {.out = &before};
        byte_buffer_truncate(&before, 0);
        svg_marker(&other, (enum svg_shape)i, 100, 100, 10, &pen);
        ck_assert_str_ne(markup_text(&before), text);
    }
    byte_buffer_free(&before);
    const char *at = strchr(text, '"');
    for (double number = 0; at != NULL && _i != SVG_CIRCLE && *at != 'Z' && *at != ' ';) {
        char *rest = NULL;
        at += strcspn(at, "0123456789 Z");
        number = strtod(at, &rest);
        if (rest == at)
            break;
        ck_assert_double_ge(number, 87);
        ck_assert_double_le(number, 113);
        at = rest;
    }
}
END_TEST

START_TEST(nothing_that_is_not_finite)
{
    const struct svg_pen pen = {.fill = "#000000"};
    svg_line(&svg, NAN, 2, 3, 4, &pen);
    svg_line(&svg, 1, 2, 3, INFINITY, &pen);
    svg_rectangle(&svg, NAN, 2, 3, 4, &pen);
    svg_rectangle(&svg, 1, 2, NAN, 4, &pen);
    svg_rectangle(&svg, 1, 2, 3, -4, &pen);
    svg_marker(&svg, SVG_CIRCLE, NAN, 2, 3, &pen);
    svg_marker(&svg, SVG_DIAMOND, 1, INFINITY, 3, &pen);
    svg_text(&svg, 1, NAN, &(struct svg_font){.size = 16}, "a");
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

Suite *svg_suite(void)
{
    Suite *suite = suite_create("svg");
    TCase *tests = tcase_create("svg");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, document);
    tcase_add_test(tests, elements);
    tcase_add_test(tests, path);
    tcase_add_loop_test(tests, shapes, 0, SVG_SHAPES);
    tcase_add_test(tests, nothing_that_is_not_finite);
    suite_add_tcase(suite, tests);
    return suite;
}
