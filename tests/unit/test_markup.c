/* SPDX-License-Identifier: MIT */
#include "bench/picture/markup.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define REPLACED     "\xef\xbf\xbd"

static const struct {
    const char *text;
    const char *escaped;
} texts[] = {
    {"", ""},
    {"plain, text.", "plain, text."},
    {"<b>&\"'", "&#60;b&#62;&#38;&#34;&#39;"},
    {"&amp;", "&#38;amp;"},
    {"a\tb\nc", "a\tb\nc"},
    {"\x01\x1f\x7f", REPLACED REPLACED "\x7f"},
    {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
    {"\x80", REPLACED},
    {"\xc3", REPLACED},                                        /* cut short at the end */
    {"\xe2\x82", REPLACED REPLACED},                           /* likewise */
    {"\xc3(", REPLACED "("},                                   /* cut short within */
    {"\xc0\xaf", REPLACED REPLACED},                           /* longer than need be */
    {"\xe0\x80\xaf", REPLACED REPLACED REPLACED},              /* likewise */
    {"\xed\xa0\x80", REPLACED REPLACED REPLACED},              /* half of a surrogate pair */
    {"\xf4\x90\x80\x80", REPLACED REPLACED REPLACED REPLACED}, /* beyond Unicode */
    {"\xef\xbf\xbf", REPLACED},                                /* no character, says XML 1.0 */
    {"\xef\xbf\xbe", REPLACED},
    {"\xef\xbf\xbc", "\xef\xbf\xbc"},
    {"\xe2\x88\xbc", "\xe2\x88\xbc"}, /* U+223C: ends like '<', 0x3c */
};

START_TEST(escape)
{
    struct byte_buffer out = {0};
    markup_append(&out, texts[_i].text);
    ck_assert_str_eq(markup_text(&out), texts[_i].escaped);
    byte_buffer_free(&out);
}
END_TEST

START_TEST(formatted)
{
    struct byte_buffer out = {0};
    char text[2 * MARKUP_TEXT_SIZE];
    markup_printf(&out, "%d < %s", 1, "2");
    ck_assert_str_eq(markup_text(&out), "1 &#60; 2");
    byte_buffer_truncate(&out, 0);
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    markup_printf(&out, "%s", text);
    ck_assert_uint_eq(out.size, MARKUP_TEXT_SIZE - 1);
    byte_buffer_free(&out);
}
END_TEST

START_TEST(width)
{
    /* Advances of DejaVu Sans in em: i 0.278, m 0.974, 0 0.636. */
    ck_assert_double_eq(markup_width("", 16), 0);
    ck_assert_double_eq_tol(markup_width("i", 100), 28, 0.5);
    ck_assert_double_eq_tol(markup_width("m", 100), 98, 0.5);
    ck_assert_double_eq_tol(markup_width("0", 100), 64, 0.5);
    ck_assert_double_eq_tol(markup_width("im0", 50), 95, 1);
    ck_assert_double_ge(markup_width("µ", 100), 63);
    ck_assert_double_ge(markup_width("…", 100), 100);
    ck_assert_uint_eq(markup_fit("000", 10, 13), 2);
    ck_assert_uint_eq(markup_fit("000", 10, 5), 0);
    ck_assert_uint_eq(markup_fit("000", 10, 100), 3);
    ck_assert_uint_eq(markup_fit("µµ", 10, 9), 2); /* a character of two bytes */
}
END_TEST

static const struct {
    const char *text;
    double width;
    size_t size;
} lines[] = {
    {"", 100, 0},      {"one two", 100, 7}, {"one two", 39, 3},     {"one two", 26, 3},
    {"onetwo", 26, 4}, {"onetwo", 1, 1},    {"\xe2\x82\xac", 1, 3}, {"a b c d", 30, 5},
};

START_TEST(line)
{
    ck_assert_uint_eq(markup_line(lines[_i].text, 10, lines[_i].width), lines[_i].size);
}
END_TEST

Suite *markup_suite(void)
{
    Suite *suite = suite_create("markup");
    TCase *tests = tcase_create("markup");
    tcase_add_loop_test(tests, escape, 0, COUNT(texts));
    tcase_add_test(tests, formatted);
    tcase_add_test(tests, width);
    tcase_add_loop_test(tests, line, 0, COUNT(lines));
    suite_add_tcase(suite, tests);
    return suite;
}
