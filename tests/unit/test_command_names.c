/* SPDX-License-Identifier: MIT */
#include "client/command_names.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct client_command_names names;
static const char *const own[] = {"quit", "help", NULL};

static void tear_down(void)
{
    client_command_names_free(&names);
}

/* Three commands, of which one has a subcommand's entry inside, and much that is no command. */
static const crew_slice listed = SAMPLE("*8\r\n"
                                        "*2\r\n$4\r\nping\r\n:1\r\n"
                                        "*3\r\n+client\r\n:-2\r\n*1\r\n*1\r\n+list\r\n"
                                        ":7\r\n"
                                        "*1\r\n$3\r\na b\r\n"
                                        "*1\r\n$3\r\n\x1b[m\r\n"
                                        "*2\r\n*1\r\n+inner\r\n:1\r\n"
                                        "_\r\n"
                                        "*1\r\n+CONFIG\r\n");

START_TEST(names_are_taken_and_sorted)
{
    static const char *const expected[] = {"client", "CONFIG", "help", "ping", "quit"};
    for (int round = 0; round < 2; round++) {
        client_command_names_set(&names, listed, own);
        ck_assert_uint_eq(names.count, COUNT(expected));
        for (int i = 0; i < COUNT(expected); i++)
            ck_assert_str_eq(names.items[i].text, expected[i]);
    }
}
END_TEST

START_TEST(only_own_names_without_a_list)
{
    client_command_names_set(&names, BYTES("-ERR unknown command\r\n"), own);
    ck_assert_uint_eq(names.count, 2);
    ck_assert_str_eq(names.items[0].text, "help");
    client_command_names_set(&names, BYTES("*0\r\n"), own + 2);
    ck_assert_uint_eq(names.count, 0);
}
END_TEST

START_TEST(longest_name)
{
    char reply[128];
    char name[CLIENT_COMMAND_NAME_SIZE + 1];
    memset(name, 'x', sizeof(name));
    for (int size = CLIENT_COMMAND_NAME_SIZE - 1; size <= CLIENT_COMMAND_NAME_SIZE; size++) {
        int length = snprintf(reply, sizeof(reply), "*1\r\n*1\r\n+%.*s\r\n", size, name);
        client_command_names_set(&names, (crew_slice){reply, (size_t)length}, own + 2);
        ck_assert_uint_eq(names.count, size < CLIENT_COMMAND_NAME_SIZE);
    }
}
END_TEST

static const struct {
    const char *line;
    size_t first;
    size_t count;
    const char *rest;
} completions[] = {
    {"P", 3, 1, "ING "},     {"p", 3, 1, "ing "},
    {"pI", 3, 1, "ng "},     {"PING", 3, 1, " "},
    {"c", 0, 2, ""},         {"CO", 1, 1, "NFIG "},
    {"  cl", 0, 1, "ient "}, {"help co", 1, 1, "nfig "},
    {"HELP c", 0, 2, ""},    {" help p", 3, 1, "ing "},
    {"hel", 2, 1, "p "},     {"", 0, 0, ""},
    {"x", 0, 0, ""},         {"pings", 0, 0, ""},
    {"echo p", 0, 0, ""},    {"help client l", 0, 0, ""},
    {"ping ", 0, 0, ""},     {"help ", 0, 0, ""},
};

START_TEST(completion)
{
    const char *line = completions[_i].line;
    client_command_names_set(&names, listed, own);
    struct client_completion found = client_command_names_complete(&names, line, strlen(line));
    ck_assert_msg(found.count == completions[_i].count, "'%s': %zu", line, found.count);
    ck_assert_msg(strcmp(found.rest, completions[_i].rest) == 0, "'%s': '%s'", line, found.rest);
    ck_assert_uint_eq(found.first, completions[_i].first);
}
END_TEST

START_TEST(common_beginning)
{
    static const char *const alike[] = {"config", "CONFIRM", "Confine", NULL};
    client_command_names_set(&names, BYTES("*0\r\n"), alike);
    struct client_completion found = client_command_names_complete(&names, "co", 2);
    ck_assert_uint_eq(found.count, 3);
    ck_assert_str_eq(found.rest, "nfi");
    found = client_command_names_complete(&names, "CO", 2);
    ck_assert_str_eq(found.rest, "NFI");
}
END_TEST

Suite *command_names_suite(void)
{
    Suite *suite = suite_create("command_names");
    TCase *tests = tcase_create("names");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, names_are_taken_and_sorted);
    tcase_add_test(tests, only_own_names_without_a_list);
    tcase_add_test(tests, longest_name);
    tcase_add_loop_test(tests, completion, 0, COUNT(completions));
    tcase_add_test(tests, common_beginning);
    suite_add_tcase(suite, tests);
    return suite;
}
