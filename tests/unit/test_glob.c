/* SPDX-License-Identifier: MIT */
#include "server/glob.h"
#include "tests/unit/guard_page.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    crew_slice pattern;
    crew_slice text;
    bool matches;
} samples[] = {
    {SAMPLE(""), SAMPLE(""), true},
    {SAMPLE(""), SAMPLE("a"), false},
    {SAMPLE("a"), SAMPLE(""), false},
    {SAMPLE("workers"), SAMPLE("workers"), true},
    {SAMPLE("workers"), SAMPLE("worker"), false},
    {SAMPLE("worker"), SAMPLE("workers"), false},
    {SAMPLE("WORKERS"), SAMPLE("workers"), true},
    {SAMPLE("workers"), SAMPLE("WorkerS"), true},
    {SAMPLE("["), SAMPLE("{"), false},
    {SAMPLE("@"), SAMPLE("`"), false},
    {SAMPLE("\xc3"), SAMPLE("\xe3"), false},
    {SAMPLE("[a-z]"), SAMPLE("[a-z]"), true},
    {SAMPLE("[a-z]"), SAMPLE("b"), false},

    {SAMPLE("?"), SAMPLE("a"), true},
    {SAMPLE("?"), SAMPLE("\0"), true},
    {SAMPLE("?"), SAMPLE(""), false},
    {SAMPLE("?"), SAMPLE("ab"), false},
    {SAMPLE("a?c"), SAMPLE("abc"), true},
    {SAMPLE("a?c"), SAMPLE("ac"), false},
    {SAMPLE("??"), SAMPLE("ab"), true},

    {SAMPLE("*"), SAMPLE(""), true},
    {SAMPLE("*"), SAMPLE("anything"), true},
    {SAMPLE("***"), SAMPLE(""), true},
    {SAMPLE("max-*"), SAMPLE("max-connections"), true},
    {SAMPLE("max-*"), SAMPLE("max-"), true},
    {SAMPLE("max-*"), SAMPLE("max"), false},
    {SAMPLE("*-bytes"), SAMPLE("max-request-bytes"), true},
    {SAMPLE("*-bytes"), SAMPLE("max-request-bytes-"), false},
    {SAMPLE("m*-*s"), SAMPLE("max-connections"), true},
    {SAMPLE("*ab"), SAMPLE("aab"), true},
    {SAMPLE("*ab*ab"), SAMPLE("ab"), false},
    {SAMPLE("*ab*ab"), SAMPLE("abab"), true},
    {SAMPLE("*aab"), SAMPLE("aaaab"), true},
    {SAMPLE("*a?b"), SAMPLE("aaaacb"), true},
    {SAMPLE("*?"), SAMPLE(""), false},
    {SAMPLE("*?"), SAMPLE("a"), true},
    {SAMPLE("?*?"), SAMPLE("a"), false},
    {SAMPLE("?*?"), SAMPLE("ab"), true},
    {SAMPLE("a*"), SAMPLE("ba"), false},
    {SAMPLE("*b*"), SAMPLE("abc"), true},
    {SAMPLE("*b*"), SAMPLE("adc"), false},

    {SAMPLE("\\*"), SAMPLE("*"), true},
    {SAMPLE("\\*"), SAMPLE("a"), false},
    {SAMPLE("\\?"), SAMPLE("?"), true},
    {SAMPLE("\\?"), SAMPLE("a"), false},
    {SAMPLE("\\a"), SAMPLE("A"), true},
    {SAMPLE("\\\\"), SAMPLE("\\"), true},
    {SAMPLE("\\\\"), SAMPLE("\\\\"), false},
    {SAMPLE("\\"), SAMPLE("\\"), true},
    {SAMPLE("a\\"), SAMPLE("a\\"), true},
    {SAMPLE("a\\"), SAMPLE("a"), false},
    {SAMPLE("*\\**"), SAMPLE("a*b"), true},
    {SAMPLE("*\\**"), SAMPLE("ab"), false},
    {SAMPLE("*\\?"), SAMPLE("a?"), true},
    {SAMPLE("*\\?"), SAMPLE("ab"), false},

    {SAMPLE("a\0b"), SAMPLE("a\0b"), true},
    {SAMPLE("a\0b"), SAMPLE("a\0c"), false},
    {SAMPLE("a*"), SAMPLE("a\0b"), true},
};

START_TEST(sample)
{
    /* One thing at a time lies against the guard page. */
    crew_slice pattern = samples[_i].pattern;
    crew_slice text = samples[_i].text;
    const char *guarded = guard_page_place(pattern.data, pattern.size);
    bool first = glob_matches(guarded, pattern.size, text.data, text.size);
    guarded = guard_page_place(text.data, text.size);
    bool second = glob_matches(pattern.data, pattern.size, guarded, text.size);
    ck_assert_msg(first == samples[_i].matches && second == samples[_i].matches, "'%s' and '%s'",
                  pattern.data, text.data);
}
END_TEST

/* Trying every way to share the text out among the stars would not end before the universe. */
START_TEST(worst_case_ends)
{
    enum { TEXT = 100000 };
    static char text[TEXT + 1];
    static const char pattern[] = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
    memset(text, 'a', TEXT);
    ck_assert(!glob_matches(pattern, sizeof(pattern) - 1, text, TEXT));
    text[TEXT] = 'b';
    ck_assert(glob_matches(pattern, sizeof(pattern) - 1, text, TEXT + 1));
}
END_TEST

/* The plainest matcher there is, for comparison. */
static bool matches_plainly(const char *pattern, const char *text)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '*')
        return matches_plainly(pattern + 1, text) ||
               (*text != '\0' && matches_plainly(pattern, text + 1));
    if (*pattern == '\\' && pattern[1] != '\0')
        return *text == pattern[1] && matches_plainly(pattern + 2, text + 1);
    return *text != '\0' && (*pattern == '?' || *pattern == *text) &&
           matches_plainly(pattern + 1, text + 1);
}

START_TEST(random_patterns)
{
    struct prng prng = {.state = 0x910b};
    for (int round = 0; round < 200000; round++) {
        char pattern[9] = "";
        char text[9] = "";
        size_t pattern_size = (size_t)prng_below(&prng, sizeof(pattern));
        size_t text_size = (size_t)prng_below(&prng, sizeof(text));
        for (size_t i = 0; i < pattern_size; i++)
            pattern[i] = "ab*?\\*"[prng_below(&prng, 6)];
        for (size_t i = 0; i < text_size; i++)
            text[i] = "ab*?\\"[prng_below(&prng, 5)];
        ck_assert_msg(glob_matches(pattern, pattern_size, text, text_size) ==
                          matches_plainly(pattern, text),
                      "'%s' and '%s'", pattern, text);
    }
}
END_TEST

Suite *glob_suite(void)
{
    Suite *suite = suite_create("glob");
    TCase *tests = tcase_create("glob");
    tcase_add_loop_test(tests, sample, 0, COUNT(samples));
    tcase_add_test(tests, worst_case_ends);
    tcase_add_test(tests, random_patterns);
    suite_add_tcase(suite, tests);
    return suite;
}
