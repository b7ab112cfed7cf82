/* SPDX-License-Identifier: MIT */
#include "bench/commands/worker_list.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    const char *text;
    const char *counts; /* NULL when it is not allowed */
} lists[] = {
    {"1", "1"},
    {"1,2,4,8", "1 2 4 8"},
    {"8,1,4,2", "1 2 4 8"},
    {"1024,1", "1 1024"},
    {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32",
     "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32"},
    {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33",
     NULL},
    {"", NULL},
    {",", NULL},
    {"1,", NULL},
    {",1", NULL},
    {"1,,2", NULL},
    {"1 2", NULL},
    {"1, 2", NULL},
    {"0", NULL},
    {"-1", NULL},
    {"1025", NULL},
    {"1,2,1", NULL},
    {"2,2", NULL},
    {"two", NULL},
    {"1.5", NULL},
    {"00000000000000000001", NULL},
};

START_TEST(list)
{
    unsigned workers[RESULTS_COUNT_LIMIT];
    size_t count = 99;
    char text[256] = "";
    bool good = worker_list_parse(lists[_i].text, workers, &count);
    ck_assert_int_eq(good, lists[_i].counts != NULL);
    for (size_t i = 0; good && i < count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u", i > 0 ? " " : "",
                 workers[i]);
    if (good)
        ck_assert_str_eq(text, lists[_i].counts);
}
END_TEST

START_TEST(words_of_a_list)
{
    char word[WORKER_LIST_WORD_SIZE];
    const char *at = "a,bc,123456789012345";
    ck_assert(worker_list_word(&at, word));
    ck_assert_str_eq(word, "a");
    ck_assert(worker_list_word(&at, word));
    ck_assert_str_eq(word, "bc");
    ck_assert(worker_list_word(&at, word));
    ck_assert_str_eq(word, "123456789012345");
    ck_assert_str_eq(at, "");
    ck_assert(!worker_list_word(&at, word));
    at = "1234567890123456";
    ck_assert(!worker_list_word(&at, word));
}
END_TEST

Suite *worker_list_suite(void)
{
    Suite *suite = suite_create("worker_list");
    TCase *tests = tcase_create("worker_list");
    tcase_add_loop_test(tests, list, 0, COUNT(lists));
    tcase_add_test(tests, words_of_a_list);
    suite_add_tcase(suite, tests);
    return suite;
}
