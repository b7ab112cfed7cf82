/* SPDX-License-Identifier: MIT */
#include "bench/results/histogram_text.h"
#include "tests/unit/prng.h"
#include "tests/unit/suites.h"

#include <stdio.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Too large for the stack of a test under sanitizers. */
static struct histogram written;
static struct histogram found;

static const struct {
    uint64_t values[4];
    size_t count;
    const char *text;
} samples[] = {
    {{0}, 0, "log-linear/7/42 sum=0 max=0"},
    {{0}, 1, "log-linear/7/42 sum=0 max=0 1"},
    {{0, 0, 1}, 3, "log-linear/7/42 sum=1 max=1 2 1"},
    {{3, 7}, 2, "log-linear/7/42 sum=10 max=7 +3 1 +3 1"},
    {{256, 257, 259}, 3, "log-linear/7/42 sum=772 max=259 +256 2 1"},
    {{UINT64_C(1) << 50}, 1, "log-linear/7/42 sum=1125899906842624 max=1125899906842624 +4607 1"},
};

static void append(const struct histogram *histogram, struct byte_buffer *text)
{
    histogram_text_append(histogram, text);
    byte_buffer_append(text, "", 1);
    ck_assert(!text->failed);
}

START_TEST(sample)
{
    char error[HISTOGRAM_TEXT_ERROR_SIZE] = "";
    for (size_t i = 0; i < samples[_i].count; i++)
        histogram_record(&written, samples[_i].values[i]);
    struct byte_buffer text = {0};
    append(&written, &text);
    ck_assert_str_eq(text.bytes, samples[_i].text);
    histogram_record(&found, 99); /* what was in it before goes away */
    ck_assert_msg(histogram_text_parse(text.bytes, &found, error), "%s", error);
    ck_assert_mem_eq(&found, &written, sizeof(found));
    byte_buffer_free(&text);
}
END_TEST

START_TEST(round_trips)
{
    char error[HISTOGRAM_TEXT_ERROR_SIZE] = "";
    struct prng prng = {.state = (uint64_t)_i + 1};
    for (int i = 0; i < 5000; i++)
        histogram_record(&written, prng_next(&prng) >> (20 + prng_below(&prng, 44)));
    struct byte_buffer text = {0};
    append(&written, &text);
    ck_assert_msg(histogram_text_parse(text.bytes, &found, error), "%s", error);
    ck_assert_mem_eq(&found, &written, sizeof(found));
    byte_buffer_free(&text);
}
END_TEST

#define SHAPE         "log-linear/7/42"
#define CONTRADICTION "sum or maximum contradict the buckets, which end at character "

static const struct {
    const char *text;
    const char *reason;
} refused[] = {
    {"", "its shape is not known at character 1"},
    {"log-linear/6/42 sum=0 max=0", "its shape is not known at character 1"},
    {"log-linear/7/420 sum=0 max=0", "its shape is not known at character 16"},
    {SHAPE, "its shape is not known at character 16"},
    {SHAPE " sum=", "a number is expected at character 21"},
    {SHAPE " sum=x max=0", "a number is expected at character 21"},
    {SHAPE " sum=-1 max=0", "a number is expected at character 21"},
    {SHAPE " sum=01 max=1 +1 1", "a number is expected at character 21"},
    {SHAPE " sum=0", "the maximum is missing at character 22"},
    {SHAPE " sum=0 max=", "a number is expected at character 27"},
    {SHAPE " sum=0 max=0 ", "a number is expected at character 29"},
    {SHAPE " sum=0 max=0x", "a number is expected at character 27"},
    {SHAPE " sum=0 max=0 1x", "a number is expected at character 29"},
    {SHAPE " sum=0 max=0 1 ", "a number is expected at character 31"},
    {SHAPE " sum=0 max=0  1", "a number is expected at character 29"},
    {SHAPE " sum=0 max=0 -1", "a number is expected at character 29"},
    {SHAPE " sum=0 max=0 0", "a count is zero or too large at character 30"},
    {SHAPE " sum=0 max=0 +0 1", "there is no such bucket at character 31"},
    {SHAPE " sum=1 max=1 +1", "a space is expected at character 31"},
    {SHAPE " sum=1 max=1 +1 +1 1", "a number is expected at character 32"},
    {SHAPE " sum=0 max=0 +4608 1", "there is no such bucket at character 34"},
    {SHAPE " sum=0 max=0 +4607 1 1", "there is no such bucket at character 38"},
    {SHAPE " sum=0 max=0 +4607 1 +1 1", "there is no such bucket at character 39"},
    {SHAPE " sum=0 max=0 +18446744073709551615 1", "there is no such bucket at character 50"},
    {SHAPE " sum=0 max=0 18446744073709551616", "a number is too large at character 29"},
    {SHAPE " sum=0 max=0 99999999999999999999", "a number is too large at character 29"},
    {SHAPE " sum=5 max=1 18446744073709551615 1", "a count is zero or too large at character 51"},
    {SHAPE " sum=1 max=0", CONTRADICTION "28"},
    {SHAPE " sum=0 max=1", CONTRADICTION "28"},
    {SHAPE " sum=0 max=1 1", CONTRADICTION "30"},
    {SHAPE " sum=4 max=4 +5 1", CONTRADICTION "33"},
    {SHAPE " sum=5 max=4 +5 1", CONTRADICTION "33"},
    {SHAPE " sum=6 max=5 +5 1", CONTRADICTION "33"},
    {SHAPE " sum=5 max=6 +5 1", CONTRADICTION "33"},
    {SHAPE " sum=515 max=257 +256 2", CONTRADICTION "39"},
    {SHAPE " sum=511 max=257 +256 2", CONTRADICTION "39"},
    {SHAPE " sum=514 max=258 +256 2", CONTRADICTION "39"},
    {SHAPE " sum=514 max=255 +256 2", CONTRADICTION "39"},
    {SHAPE " sum=5 max=5 +4607 1", CONTRADICTION "36"},
};

START_TEST(refuses)
{
    char error[HISTOGRAM_TEXT_ERROR_SIZE] = "";
    char expected[HISTOGRAM_TEXT_ERROR_SIZE];
    ck_assert(!histogram_text_parse(refused[_i].text, &found, error));
    snprintf(expected, sizeof(expected), "not a histogram: %s", refused[_i].reason);
    ck_assert_str_eq(error, expected);
}
END_TEST

START_TEST(limits_are_allowed)
{
    static const char *const texts[] = {
        SHAPE " sum=512 max=256 +256 2",
        SHAPE " sum=514 max=257 +256 2",
        SHAPE " sum=0 max=0 18446744073709551615",
    };
    char error[HISTOGRAM_TEXT_ERROR_SIZE] = "";
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(histogram_text_parse(texts[i], &found, error), "%s", error);
    ck_assert_uint_eq(histogram_count(&found), UINT64_MAX);
}
END_TEST

Suite *histogram_text_suite(void)
{
    Suite *suite = suite_create("histogram_text");
    TCase *tests = tcase_create("histogram_text");
    tcase_add_loop_test(tests, sample, 0, COUNT(samples));
    tcase_add_loop_test(tests, round_trips, 0, 20);
    tcase_add_loop_test(tests, refuses, 0, COUNT(refused));
    tcase_add_test(tests, limits_are_allowed);
    suite_add_tcase(suite, tests);
    return suite;
}
