/* SPDX-License-Identifier: MIT */
/* Programs that take words beside options; test_option.c has the options themselves. */
#include "common/option.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { MOST_ARGUMENTS = 6, WANTED = 2 };

struct settings {
    bool verbose;
    int64_t workers;
    const char *name;
};

static const struct option options[] = {
    {"verbose", 'v', OPTION_FLAG, offsetof(struct settings, verbose), .help = "Say more."},
    {"workers", 'w', OPTION_INTEGER, offsetof(struct settings, workers), 1, 64, .unit = "threads",
     .help = "Threads."},
    {"name", 'n', OPTION_TEXT, offsetof(struct settings, name), .unit = "text", .help = "A name."},
};

static const struct option_table table = {
    .program = "tool",
    .synopsis = "A B [options]",
    .description = "Does things.",
    .options = options,
    .count = COUNT(options),
};

static const struct {
    char *arguments[MOST_ARGUMENTS];
    const char *words[WANTED];
    bool verbose;
    int64_t workers;
} accepted[] = {
    {{"a", "b"}, {"a", "b"}, false, 0},
    {{"-v", "a", "b"}, {"a", "b"}, true, 0},
    {{"a", "--workers", "3", "b"}, {"a", "b"}, false, 3},
    {{"a", "b", "-v"}, {"a", "b"}, true, 0},
    {{"a", "-v", "b", "--workers=3"}, {"a", "b"}, true, 3},
    {{"-v", "--", "-a", "-b"}, {"-a", "-b"}, true, 0},
    {{"a", "--", "-v"}, {"a", "-v"}, false, 0},
    {{"a", "--", "--"}, {"a", "--"}, false, 0},
    {{"a", "--name", "--", "b", "-v"}, {"a", "b"}, true, 0},
    {{"-", ""}, {"-", ""}, false, 0},
};

static int count_arguments(char *const *arguments)
{
    int count = 0;
    while (count < MOST_ARGUMENTS && arguments[count] != NULL)
        count++;
    return count;
}

static int handle(char *const arguments[MOST_ARGUMENTS], struct settings *settings,
                  const char *words[WANTED])
{
    char *argv[MOST_ARGUMENTS + 2] = {"tool"};
    int count = count_arguments(arguments);
    for (int i = 0; i < count; i++)
        argv[i + 1] = arguments[i];
    return options_handle_words(&table, settings, count + 1, argv, words, WANTED);
}

START_TEST(takes_words_anywhere)
{
    struct settings settings = {0};
    const char *words[WANTED] = {NULL};
    ck_assert_int_eq(handle(accepted[_i].arguments, &settings, words), -1);
    ck_assert_str_eq(words[0], accepted[_i].words[0]);
    ck_assert_str_eq(words[1], accepted[_i].words[1]);
    ck_assert_int_eq(settings.verbose, accepted[_i].verbose);
    ck_assert_int_eq(settings.workers, accepted[_i].workers);
    ck_assert(settings.name == NULL || strcmp(settings.name, "--") == 0);
}
END_TEST

static const struct {
    char *arguments[MOST_ARGUMENTS];
    const char *error;
} refused[] = {
    {{NULL}, "tool: 0 of 2 words given: A B [options]\n"},
    {{"-v", "a", "-w", "3"}, "tool: 1 of 2 words given: A B [options]\n"},
    {{"a", "b", "c"}, "tool: unexpected word 'c'; --help lists all options\n"},
    {{"a", "b", "--", "-v"}, "tool: unexpected word '-v'; --help lists all options\n"},
    {{"a", "-w", "65", "b"},
     "tool: --workers: '65' is not allowed: it takes an integer from 1 to 64\n"},
    {{"a", "b", "--frobnicate"}, "tool: unknown option --frobnicate; --help lists all options\n"},
};

START_TEST(refuses_other_numbers_of_words)
{
    struct settings settings = {0};
    const char *words[WANTED] = {NULL};
    char error[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stderr);
    int status = handle(refused[_i].arguments, &settings, words);
    captured_text(&captured, error);
    ck_assert_int_eq(status, 2);
    ck_assert_str_eq(error, refused[_i].error);
}
END_TEST

Suite *option_words_suite(void)
{
    Suite *suite = suite_create("option_words");
    TCase *tests = tcase_create("option_words");
    tcase_add_loop_test(tests, takes_words_anywhere, 0, COUNT(accepted));
    tcase_add_loop_test(tests, refuses_other_numbers_of_words, 0, COUNT(refused));
    suite_add_tcase(suite, tests);
    return suite;
}
