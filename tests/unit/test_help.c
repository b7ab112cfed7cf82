/* SPDX-License-Identifier: MIT */
#include "client/help.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define PING    "+summary\r\n+Answers.\r\n+group\r\n+connection\r\n+syntax\r\n+[<message>]\r\n"
#define LIST    "+summary\r\n+Lists.\r\n+group\r\n+server\r\n"
#define KILL    "+syntax\r\n+<address> <port> <and more>\r\n+summary\r\n+Kills.\r\n"
#define CLIENT  "+group\r\n+server\r\n+summary\r\n+Clients.\r\n+subcommands\r\n"
#define UNKNOWN "+since\r\n*2\r\n:1\r\n:2\r\n+summary\r\n+E\x1bvil.\r\n+group\r\n+connection\r\n"

#define BRIEF                                                                                      \
    "CONNECTION\n"                                                                                 \
    "  ALPHA                         E vil.\n"                                                     \
    "  PING [<message>]              Answers.\n"                                                   \
    "\n"                                                                                           \
    "SERVER\n"                                                                                     \
    "  CLIENT                        Clients.\n"

#define DETAIL                                                                                     \
    BRIEF "  CLIENT KILL <address> <port> <and more>\n"                                            \
          "                                Kills.\n"                                               \
          "  CLIENT LIST                   Lists.\n"

static const struct {
    crew_slice docs;
    bool in_detail;
    const char *help;
} samples[] = {
    {SAMPLE("%3\r\n+ping\r\n%3\r\n" PING "+client\r\n%3\r\n" CLIENT
            "%2\r\n+client|list\r\n%2\r\n" LIST "+client|kill\r\n%2\r\n" KILL
            "+alpha\r\n%3\r\n" UNKNOWN),
     false, BRIEF},
    {SAMPLE("%3\r\n+ping\r\n%3\r\n" PING "+client\r\n%3\r\n" CLIENT
            "%2\r\n+client|list\r\n%2\r\n" LIST "+client|kill\r\n%2\r\n" KILL
            "+alpha\r\n%3\r\n" UNKNOWN),
     true, DETAIL},
    /* The same in RESP2, where maps are flat arrays. */
    {SAMPLE("*6\r\n+ping\r\n*6\r\n" PING "+client\r\n*6\r\n" CLIENT
            "*4\r\n+client|list\r\n*4\r\n" LIST "+client|kill\r\n*4\r\n" KILL
            "+alpha\r\n*6\r\n" UNKNOWN),
     true, DETAIL},
    {SAMPLE("%0\r\n"), true, ""},
    {SAMPLE("*0\r\n"), false, ""},
    {SAMPLE("+OK\r\n"), false, ""},
    {SAMPLE("*1\r\n+ping\r\n"), false, ""},
    {SAMPLE("*2\r\n+ping\r\n_\r\n"), false, "\n  PING                          \n"},
};

START_TEST(sample)
{
    struct byte_buffer out = {0};
    client_help_format(samples[_i].docs, samples[_i].in_detail, &out);
    ck_assert(!out.failed);
    byte_buffer_append(&out, "", 1);
    ck_assert_str_eq(out.bytes, samples[_i].help);
    byte_buffer_free(&out);
}
END_TEST

Suite *help_suite(void)
{
    Suite *suite = suite_create("help");
    TCase *tests = tcase_create("help");
    tcase_add_loop_test(tests, sample, 0, COUNT(samples));
    suite_add_tcase(suite, tests);
    return suite;
}
