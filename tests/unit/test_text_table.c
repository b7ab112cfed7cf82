/* SPDX-License-Identifier: MIT */
#include "bench/base/text_table.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct text_column columns[] = {{"count", 5}, {"±", 4}, {"time", 6}};

static const struct {
    size_t width;
    size_t shown;
} fits[] = {{0, 1}, {6, 1}, {7, 1}, {12, 1}, {13, 2}, {20, 2}, {21, 3}, {1000, 3}};

START_TEST(fit)
{
    ck_assert_uint_eq(text_table_fit(columns, 3, fits[_i].width), fits[_i].shown);
}
END_TEST

static const struct {
    size_t shown;
    const char *cells[3];
    const char *line;
} rows[] = {
    {3, {"1", "2", "3"}, "      1     2       3\n"},
    {2, {"1", "2", "3"}, "      1     2\n"},
    {3, {"1", "∞", "3us"}, "      1     ∞     3us\n"}, /* a character of three bytes */
    {3, {"", "", "3us"}, "                  3us\n"},
    {3, {"1", "", ""}, "      1\n"},
    {3, {"", "", ""}, "\n"},
    {3, {"12345678", "2", "3"}, "  12345678     2       3\n"},
};

START_TEST(row)
{
    char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stdout);
    text_table_row(stdout, columns, rows[_i].shown, rows[_i].cells);
    ck_assert_str_eq(captured_text(&captured, text), rows[_i].line);
}
END_TEST

START_TEST(headings)
{
    char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stdout);
    text_table_row(stdout, columns, 3, NULL);
    ck_assert_str_eq(captured_text(&captured, text), "  count     ±    time\n");
}
END_TEST

static const struct {
    const char *first;
    const char *text;
    size_t width;
    const char *printed;
} paragraphs[] = {
    {"", "one two three", 80, "one two three\n"},
    {"", "one two three", 7, "one two\nthree\n"},
    {"", "one two three", 6, "one\ntwo\nthree\n"},
    {"- ", "one two three", 9, "- one two\n  three\n"},
    {"- ", "one two three", 8, "- one\n  two\n  three\n"},
    {"• ", "one two three", 9, "• one two\n  three\n"},
    {"", "σσσ σσσ σσσ", 7, "σσσ σσσ\nσσσ\n"},
    {"- ", "immeasurable is it", 5, "- immeasurable\n  is\n  it\n"},
    {"", "  one   two  ", 80, "one two\n"},
    {"- ", "", 80, "- \n"},
    {"", "about 12 % of it", 8, "about\n12 % of\nit\n"},
    {"", "12 %, or 3 %", 7, "12 %,\nor 3 %\n"},
};

START_TEST(paragraph)
{
    char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stdout);
    text_paragraph(stdout, paragraphs[_i].first, paragraphs[_i].text, paragraphs[_i].width);
    ck_assert_str_eq(captured_text(&captured, text), paragraphs[_i].printed);
}
END_TEST

Suite *text_table_suite(void)
{
    Suite *suite = suite_create("text_table");
    TCase *tests = tcase_create("text_table");
    tcase_add_loop_test(tests, fit, 0, COUNT(fits));
    tcase_add_loop_test(tests, row, 0, COUNT(rows));
    tcase_add_test(tests, headings);
    tcase_add_loop_test(tests, paragraph, 0, COUNT(paragraphs));
    suite_add_tcase(suite, tests);
    return suite;
}
