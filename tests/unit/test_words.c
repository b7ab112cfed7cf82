/* SPDX-License-Identifier: MIT */
#include "common/words.h"
#include "tests/unit/guard_page.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

/* The words of each line, or those before a quote that is not balanced. */
static const struct {
    crew_slice line;
    const char *words;
} samples[] = {
    {SAMPLE(""), ""},
    {SAMPLE("   "), ""},
    {SAMPLE("\t\r\v\f "), ""},
    {SAMPLE("a"), "[a]"},
    {SAMPLE(" a  bc\td "), "[a][bc][d]"},
    {SAMPLE("\"\""), "[]"},
    {SAMPLE("'' \"\" ''"), "[][][]"},
    {SAMPLE("\"a b\" c"), "[a b][c]"},
    {SAMPLE("'a b' c"), "[a b][c]"},
    {SAMPLE("\"it's\""), "[it's]"},
    {SAMPLE("'say \"x\"'"), "[say \"x\"]"},
    {SAMPLE("a\"b c\""), "[ab c]"},
    {SAMPLE("a'b c'"), "[ab c]"},
    {SAMPLE("\"\\n\\r\\t\\b\\a\\\"\\\\\""), "[\\x0a\\x0d\\x09\\x08\\x07\"\\]"},
    {SAMPLE("\"\\x00\\x7f\\xFf\\xfA\""), "[\\x00\\x7f\\xff\\xfa]"},
    {SAMPLE("\"\\x\" \"\\x4\" \"\\xg0\" \"\\x0g\" \"\\z\""), "[x][x4][xg0][x0g][z]"},
    {SAMPLE("'\\n\\x41\\\\ \\''"), "[\\n\\x41\\\\ ']"},
    {SAMPLE("\\n \\x41 \\"), "[\\n][\\x41][\\]"},
    {SAMPLE("\"a\"\tb"), "[a][b]"},
    {SAMPLE("\"\xc3\xa9\""), "[\\xc3\\xa9]"},
    {SAMPLE("a \""), "[a]unbalanced"},
    {SAMPLE("a '"), "[a]unbalanced"},
    {SAMPLE("\"a"), "unbalanced"},
    {SAMPLE("\"a\\"), "unbalanced"},
    {SAMPLE("\"a\\\""), "unbalanced"},
    {SAMPLE("\"a\\x"), "unbalanced"},
    {SAMPLE("\"a\\x4"), "unbalanced"},
    {SAMPLE("'a\\'"), "unbalanced"},
    {SAMPLE("\"a\"b"), "unbalanced"},
    {SAMPLE("\"a\"\"b\""), "unbalanced"},
    {SAMPLE("'a'\"b\""), "unbalanced"},
    {SAMPLE("b \"'a\"'"), "[b]unbalanced"},
};

START_TEST(line)
{
    size_t size = samples[_i].line.size;
    char *bytes = guard_page_place(samples[_i].line.data, size);
    struct byte_buffer found = {0};
    size_t position = 0;
    crew_slice word;
    enum words_result result = words_next(bytes, size, &position, &word);
    while (result == WORDS_FOUND) {
        ck_assert(word.data >= bytes);
        ck_assert_uint_le((size_t)(word.data - bytes) + word.size, position);
        ck_assert_uint_le(position, size);
        transcript_add_text(&found, word);
        result = words_next(bytes, size, &position, &word);
    }
    if (result == WORDS_UNBALANCED)
        byte_buffer_append_text(&found, "unbalanced");
    else
        ck_assert_uint_eq(position, size);
    byte_buffer_append(&found, "", 1);
    ck_assert_str_eq(found.bytes, samples[_i].words);
    byte_buffer_free(&found);
}
END_TEST

Suite *words_suite(void)
{
    Suite *suite = suite_create("words");
    TCase *tests = tcase_create("lines");
    tcase_add_loop_test(tests, line, 0, (int)(sizeof(samples) / sizeof(samples[0])));
    suite_add_tcase(suite, tests);
    return suite;
}
