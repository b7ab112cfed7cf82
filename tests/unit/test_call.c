/* SPDX-License-Identifier: MIT */
#include "server/call.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Arguments need not stand in the order of the bytes, nor touch each other. */
static const char request[] = "..GET 12 key\0x -7";
static const struct resp_span spans[] = {{2, 3}, {9, 5}, {6, 2}, {15, 2}, {0, 0}};
static const crew_call call = {
    .request = request, .arguments = spans, .argument_count = COUNT(spans)};

START_TEST(arguments)
{
    ck_assert_uint_eq(crew_argument_count(&call), COUNT(spans));
    ck_assert_ptr_eq(crew_argument(&call, 0).data, request + 2);
    ck_assert_uint_eq(crew_argument(&call, 0).size, 3);
    ck_assert_uint_eq(crew_argument(&call, 1).size, 5);
    ck_assert_mem_eq(crew_argument(&call, 1).data, "key\0x", 5);
    ck_assert_uint_eq(crew_argument(&call, 4).size, 0);
}
END_TEST

static const struct {
    size_t index;
    const char *word;
    bool is;
} words[] = {
    {0, "GET", true},   {0, "get", true}, {0, "gEt", true},  {0, "GE", false},
    {0, "GETS", false}, {0, "", false},   {1, "key", false}, {4, "", true},
};

START_TEST(word)
{
    ck_assert_int_eq(crew_argument_is(&call, words[_i].index, words[_i].word), words[_i].is);
}
END_TEST

static const struct {
    size_t index;
    int64_t minimum;
    int64_t maximum;
    bool valid;
    int64_t value;
} integers[] = {
    {2, 0, 100, true, 12},
    {2, 12, 12, true, 12},
    {2, 13, 100, false, 0},
    {2, 0, 11, false, 0},
    {3, -7, 0, true, -7},
    {3, -6, 0, false, 0},
    {3, INT64_MIN, INT64_MAX, true, -7},
    {0, INT64_MIN, INT64_MAX, false, 0},
    {4, INT64_MIN, INT64_MAX, false, 0},
};

START_TEST(integer)
{
    int64_t value = 4711;
    bool valid = crew_argument_integer(&call, integers[_i].index, integers[_i].minimum,
                                       integers[_i].maximum, &value);
    ck_assert_int_eq(valid, integers[_i].valid);
    ck_assert_int_eq(value, valid ? integers[_i].value : 4711);
}
END_TEST

Suite *call_suite(void)
{
    Suite *suite = suite_create("call");
    TCase *tests = tcase_create("arguments");
    tcase_add_test(tests, arguments);
    tcase_add_loop_test(tests, word, 0, COUNT(words));
    tcase_add_loop_test(tests, integer, 0, COUNT(integers));
    suite_add_tcase(suite, tests);
    return suite;
}
