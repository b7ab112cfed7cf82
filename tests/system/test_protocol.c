/* SPDX-License-Identifier: MIT */
/* Commands and their replies in both versions of the protocol, in inline form and as arrays. */
#include "tests/system/exchange.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define OK               BYTES("+OK\r\n")
#define NOT_MICROSECONDS BYTES("-ERR microseconds must be an integer from 0 to 60000000\r\n")
#define NOT_BYTES        BYTES("-ERR bytes must be an integer from 0 to 67108864\r\n")

#define FAST_ROW(name, size, arity)                                                                \
    "*10\r\n$" size "\r\n" name "\r\n:" arity "\r\n*1\r\n+fast\r\n:0\r\n:0\r\n:0\r\n*0\r\n*0\r\n"  \
    "*0\r\n*0\r\n"
#define SLOW_ROW(name, size, arity)                                                                \
    "*10\r\n$" size "\r\n" name "\r\n:" arity "\r\n*0\r\n:0\r\n:0\r\n:0\r\n*0\r\n*0\r\n*0\r\n"

#define ECHO_DOCS                                                                                  \
    "$7\r\nsummary\r\n$20\r\nAnswers the message.\r\n$5\r\ngroup\r\n$10\r\nconnection\r\n"         \
    "$6\r\nsyntax\r\n$9\r\n<message>\r\n"

static const struct exchange rows[] = {
    /* Inline commands take quotes and escapes as redis-cli does. */
    {"double quotes", BYTES("ECHO \"a b\"\r\n"), .resp2 = BYTES("$3\r\na b\r\n")},
    {"single quotes", BYTES("ECHO 'a \\n it\\'s'\r\n"), .resp2 = BYTES("$9\r\na \\n it's\r\n")},
    {"empty quotes", BYTES("ECHO \"\"\r\n"), .resp2 = BYTES("$0\r\n\r\n")},
    {"escapes", BYTES("ECHO \"\\x00\\xfF\\n\\r\\t\\a\\b\\\\\\\"\\q\"\r\n"),
     .resp2 = BYTES("$10\r\n\0\xff\n\r\t\a\b\\\"q\r\n")},
    {"spaces and tabs", BYTES("  ECHO \t  a  \r\n"), .resp2 = BYTES("$1\r\na\r\n")},
    {"line feed alone", BYTES("ECHO a\nPING\n"), .resp2 = BYTES("$1\r\na\r\n+PONG\r\n")},
    {"any case", BYTES("eChO a\r\ncLiEnT gEtNaMe\r\n"), .resp2 = BYTES("$1\r\na\r\n$-1\r\n"),
     .resp3 = BYTES("$1\r\na\r\n_\r\n")},

    {"WORK CPU", BYTES("WORK CPU 0\r\nWORK CPU 100\r\n"), .resp2 = BYTES("+OK\r\n+OK\r\n")},
    {"WORK SLEEP", BYTES("WORK SLEEP 1000\r\n"), .resp2 = OK},
    {"WORK LOCK", BYTES("work lock 100\r\n"), .resp2 = OK},
    {"WORK REPLY", BYTES("WORK REPLY 5\r\n"), .resp2 = BYTES("$5\r\nxxxxx\r\n")},
    {"WORK REPLY 0", BYTES("WORK REPLY 0\r\n"), .resp2 = BYTES("$0\r\n\r\n")},
    {"slow between fast", BYTES("ECHO a\r\nWORK SLEEP 1000\r\nECHO b\r\nWORK LOCK 1\r\nECHO c\r\n"),
     .resp2 = BYTES("$1\r\na\r\n+OK\r\n$1\r\nb\r\n+OK\r\n$1\r\nc\r\n")},
    {"WORK CPU x", BYTES("WORK CPU x\r\n"), .resp2 = NOT_MICROSECONDS},
    {"WORK CPU -1", BYTES("WORK CPU -1\r\n"), .resp2 = NOT_MICROSECONDS},
    {"WORK SLEEP too long", BYTES("WORK SLEEP 60000001\r\n"), .resp2 = NOT_MICROSECONDS},
    {"WORK SLEEP 1ms", BYTES("WORK SLEEP 1ms\r\n"), .resp2 = NOT_MICROSECONDS},
    {"WORK LOCK 1.5", BYTES("WORK LOCK 1.5\r\n"), .resp2 = NOT_MICROSECONDS},
    {"WORK LOCK empty", BYTES("WORK LOCK \"\"\r\n"), .resp2 = NOT_MICROSECONDS},
    {"WORK REPLY too large", BYTES("WORK REPLY 67108865\r\n"), .resp2 = NOT_BYTES},
    {"WORK REPLY over 64 bits", BYTES("WORK REPLY 99999999999999999999\r\n"), .resp2 = NOT_BYTES},
    {"WORK with words missing", BYTES("WORK\r\nWORK CPU\r\nWORK SLEEP 1 2\r\n"),
     .resp2 = BYTES("-ERR wrong number of arguments for 'work' command\r\n"
                    "-ERR wrong number of arguments for 'work|cpu' command\r\n"
                    "-ERR wrong number of arguments for 'work|sleep' command\r\n")},
    {"WORK of no kind", BYTES("WORK FOO 1\r\n"),
     .resp2 = BYTES("-ERR unknown subcommand 'FOO'. Try WORK HELP.\r\n")},

    {"CONFIG GET of what redis-benchmark asks",
     BYTES("CONFIG GET save\r\nCONFIG GET appendonly\r\n"),
     .resp2 = BYTES("*2\r\n$4\r\nsave\r\n$0\r\n\r\n*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n"),
     .resp3 = BYTES("%1\r\n$4\r\nsave\r\n$0\r\n\r\n%1\r\n$10\r\nappendonly\r\n$2\r\nno\r\n")},
    {"CONFIG GET of nothing known", BYTES("CONFIG GET foo\r\n"), .resp2 = BYTES("*0\r\n"),
     .resp3 = BYTES("%0\r\n")},
    {"CONFIG GET with patterns", BYTES("CONFIG GET max-c*s W?rk* SAVE* save\r\n"),
     .resp2 = BYTES("*6\r\n$7\r\nworkers\r\n$1\r\n2\r\n$15\r\nmax-connections\r\n$3\r\n100\r\n"
                    "$4\r\nsave\r\n$0\r\n\r\n"),
     .resp3 = BYTES("%3\r\n$7\r\nworkers\r\n$1\r\n2\r\n$15\r\nmax-connections\r\n$3\r\n100\r\n"
                    "$4\r\nsave\r\n$0\r\n\r\n")},
    {"CONFIG GET without a pattern", BYTES("CONFIG GET\r\n"),
     .resp2 = BYTES("-ERR wrong number of arguments for 'config|get' command\r\n")},
    {"CONFIG RESETSTAT", BYTES("CONFIG RESETSTAT\r\n"), .resp2 = OK},

    {"INFO of an unknown section", BYTES("INFO foo\r\n"), .resp2 = BYTES("$0\r\n\r\n"),
     .resp3 = BYTES("=4\r\ntxt:\r\n")},

    {"COMMAND INFO", BYTES("COMMAND INFO ping foo\r\n"),
     .resp2 = BYTES("*2\r\n" FAST_ROW("ping", "4", "-1") "$-1\r\n"),
     .resp3 = BYTES("*2\r\n" FAST_ROW("ping", "4", "-1") "_\r\n")},
    {"COMMAND INFO with subcommands", BYTES("COMMAND INFO Config\r\n"),
     .resp2 = BYTES("*1\r\n*10\r\n$6\r\nconfig\r\n:-2\r\n*1\r\n+fast\r\n:0\r\n:0\r\n:0\r\n*0\r\n"
                    "*0\r\n*0\r\n*3\r\n" SLOW_ROW("config|get", "10", "-3") "*0\r\n" FAST_ROW(
                        "config|resetstat", "16", "2") FAST_ROW("config|help", "11", "2"))},
    {"COMMAND INFO of a slow command", BYTES("COMMAND INFO info\r\n"),
     .resp2 = BYTES("*1\r\n" SLOW_ROW("info", "4", "-1") "*0\r\n")},
    {"COMMAND DOCS", BYTES("COMMAND DOCS echo foo\r\n"),
     .resp2 = BYTES("*2\r\n$4\r\necho\r\n*6\r\n" ECHO_DOCS),
     .resp3 = BYTES("%1\r\n$4\r\necho\r\n%3\r\n" ECHO_DOCS)},
    {"COMMAND DOCS of nothing known", BYTES("COMMAND DOCS foo\r\n"), .resp2 = BYTES("*0\r\n"),
     .resp3 = BYTES("%0\r\n")},
    {"COMMAND with an unknown word", BYTES("COMMAND FOO\r\n"),
     .resp2 = BYTES("-ERR unknown subcommand 'FOO'. Try COMMAND HELP.\r\n")},
    {"CONFIG HELP", BYTES("CONFIG HELP\r\n"),
     .resp2 = BYTES("*7\r\n+CONFIG <subcommand> [<arg> ...]. Subcommands are:\r\n"
                    "+GET <pattern> [<pattern> ...]\r\n"
                    "+    Answers options whose names match, with their values.\r\n"
                    "+RESETSTAT\r\n+    Begins all statistics of INFO anew.\r\n"
                    "+HELP\r\n+    Lists the subcommands.\r\n")},
};

START_TEST(row)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-connections 100");
    exchange_check(&server, &rows[_i], FORM_LINES);
    fixture_stop(&server);
}
END_TEST

/* ---- replies whose size is not written down here ---- */

/* The number in the head of a reply, whose first byte must be `type`. */
static long ask_count(int fd, const char *request, char type)
{
    struct byte_buffer reply = {0};
    wire_send_text(fd, request);
    wire_read_reply(fd, &reply);
    ck_assert_msg(reply.bytes[0] == type, "%s answers %.20s", request, reply.bytes);
    long count = strtol(reply.bytes + 1, NULL, 10);
    byte_buffer_free(&reply);
    return count;
}

START_TEST(command_lists_agree)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    long count = ask_count(fd, "COMMAND COUNT\r\n", ':');
    ck_assert_int_gt(count, 10);
    ck_assert_int_eq(ask_count(fd, "COMMAND\r\n", '*'), count);
    ck_assert_int_eq(ask_count(fd, "COMMAND INFO\r\n", '*'), count);
    ck_assert_int_eq(ask_count(fd, "COMMAND DOCS\r\n", '*'), 2 * count);
    exchange_begin_resp3(fd);
    ck_assert_int_eq(ask_count(fd, "COMMAND\r\n", '*'), count);
    ck_assert_int_eq(ask_count(fd, "COMMAND DOCS\r\n", '%'), count);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(config_get_all_lists_every_option)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    long words = ask_count(fd, "CONFIG GET *\r\n", '*');
    ck_assert_int_ge(words, 22);
    ck_assert_int_eq(words % 2, 0);
    ck_assert_int_eq(ask_count(fd, "CONFIG GET a* *b* *\r\n", '*'), words);
    exchange_begin_resp3(fd);
    ck_assert_int_eq(ask_count(fd, "CONFIG GET *\r\n", '%'), words / 2);
    close(fd);
    fixture_stop(&server);
}
END_TEST

static long read_number(int fd)
{
    char *text = NULL;
    (void)wire_read_bulk(fd, &text);
    long number = strtol(text, NULL, 10);
    free(text);
    return number;
}

START_TEST(time_is_two_numbers)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int fd = wire_connect(server.url);
    wire_exchange(fd, "TIME\r\n", "*2\r\n");
    ck_assert_int_gt(read_number(fd), 1700000000); /* seconds since 1970 */
    long microseconds = read_number(fd);
    ck_assert(microseconds >= 0 && microseconds < 1000000);
    close(fd);
    fixture_stop(&server);
}
END_TEST

Suite *protocol_suite(void)
{
    Suite *suite = suite_create("protocol");
    exchange_add_rows(suite, rows, COUNT(rows), row);
    TCase *others = tcase_create("others");
    tcase_set_timeout(others, 120);
    tcase_add_test(others, command_lists_agree);
    tcase_add_test(others, config_get_all_lists_every_option);
    tcase_add_test(others, time_is_two_numbers);
    suite_add_tcase(suite, others);
    return suite;
}
