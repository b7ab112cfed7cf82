/* SPDX-License-Identifier: MIT */
/* What client libraries send when they connect. */
#include "common/clock.h"
#include "common/version.h"
#include "tests/system/exchange.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define OK BYTES("+OK\r\n")
#define BAD_NAME(what)                                                                             \
    BYTES("-ERR " what " cannot contain spaces, newlines or special characters.\r\n")
#define WRONG_PASSWORD BYTES("-WRONGPASS invalid username-password pair or user is disabled.\r\n")

static const struct exchange rows[] = {
    {"PING", BYTES("PING\r\n"), .resp2 = BYTES("+PONG\r\n")},
    {"ping", BYTES("ping\r\n"), .resp2 = BYTES("+PONG\r\n")},
    {"PING m", BYTES("PING m\r\n"), .resp2 = BYTES("$1\r\nm\r\n")},
    {"ECHO m", BYTES("ECHO m\r\n"), .resp2 = BYTES("$1\r\nm\r\n")},
    {"several at once", BYTES("PING\r\nECHO a\r\nFOO\r\nECHO b\r\n"),
     .resp2 = BYTES("+PONG\r\n$1\r\na\r\n"
                    "-ERR unknown command 'FOO', with args beginning with: \r\n$1\r\nb\r\n")},
    {"HELLO 4", BYTES("HELLO 4\r\n"), .resp2 = BYTES("-NOPROTO unsupported protocol version\r\n")},
    {"HELLO x", BYTES("HELLO x\r\n"),
     .resp2 = BYTES("-ERR Protocol version is not an integer or out of range\r\n")},
    {"HELLO with an unknown word", BYTES("HELLO 3 FOO\r\n"),
     .resp2 = BYTES("-ERR Syntax error in HELLO option 'FOO'\r\n")},
    {"HELLO with a word too few", BYTES("HELLO 3 AUTH default\r\n"),
     .resp2 = BYTES("-ERR Syntax error in HELLO option 'AUTH'\r\n")},
    {"HELLO as a stranger", BYTES("HELLO 3 AUTH bob pass\r\n"), .resp2 = WRONG_PASSWORD},
    {"HELLO with a bad name", BYTES("HELLO 3 SETNAME \"a b\"\r\n"),
     .resp2 = BAD_NAME("Client names")},
    {"a refused HELLO changes nothing",
     BYTES("CLIENT SETNAME a\r\nHELLO 9 SETNAME b\r\nHELLO 3 SETNAME b AUTH bob x\r\n"
           "CLIENT GETNAME\r\n"),
     .resp2 = BYTES("+OK\r\n-NOPROTO unsupported protocol version\r\n"
                    "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
                    "$1\r\na\r\n")},
    {"CLIENT SETNAME and GETNAME",
     BYTES("CLIENT GETNAME\r\nCLIENT SETNAME a\r\nclient getname\r\nCLIENT SETNAME \"\"\r\n"
           "CLIENT GETNAME\r\n"),
     .resp2 = BYTES("$-1\r\n+OK\r\n$1\r\na\r\n+OK\r\n$-1\r\n"),
     .resp3 = BYTES("_\r\n+OK\r\n$1\r\na\r\n+OK\r\n_\r\n")},
    {"name with a space", BYTES("CLIENT SETNAME \"a b\"\r\n"), .resp2 = BAD_NAME("Client names")},
    {"name with a line end", BYTES("CLIENT SETNAME \"a\\n\"\r\n"),
     .resp2 = BAD_NAME("Client names")},
    {"name with a byte over 126", BYTES("CLIENT SETNAME \"\\xff\"\r\n"),
     .resp2 = BAD_NAME("Client names")},
    {"CLIENT SETINFO", BYTES("CLIENT SETINFO LIB-NAME x\r\nCLIENT SETINFO lib-ver 1.2\r\n"),
     .resp2 = BYTES("+OK\r\n+OK\r\n")},
    {"CLIENT SETINFO of something else", BYTES("CLIENT SETINFO FOO x\r\n"),
     .resp2 = BYTES("-ERR Unrecognized option 'FOO'\r\n")},
    {"CLIENT SETINFO with a space", BYTES("CLIENT SETINFO LIB-NAME \"a b\"\r\n"),
     .resp2 = BAD_NAME("lib-name")},
    {"SELECT 0", BYTES("SELECT 0\r\n"), .resp2 = OK},
    {"SELECT 1", BYTES("SELECT 1\r\n"), .resp2 = BYTES("-ERR DB index is out of range\r\n")},
    {"SELECT x", BYTES("SELECT x\r\n"),
     .resp2 = BYTES("-ERR value is not an integer or out of range\r\n")},
    {"QUIT", BYTES("QUIT\r\nPING\r\nQUIT\r\n"), .resp2 = OK, .ends = true},
    {"QUIT with words", BYTES("quit now\r\n"), .resp2 = OK, .ends = true},
    {"RESET", BYTES("CLIENT SETNAME a\r\nRESET\r\nCLIENT GETNAME\r\nCONFIG GET save\r\n"),
     .resp2 = BYTES("+OK\r\n+RESET\r\n$-1\r\n*2\r\n$4\r\nsave\r\n$0\r\n\r\n")},
    {"AUTH without a password to match", BYTES("AUTH secret\r\n"),
     .resp2 = BYTES("-ERR AUTH <password> called without any password configured for the default "
                    "user. Are you sure your configuration is correct?\r\n")},
    {"AUTH default", BYTES("AUTH default anything\r\n"), .resp2 = OK},
    {"AUTH as a stranger", BYTES("AUTH bob secret\r\n"), .resp2 = WRONG_PASSWORD},
    {"AUTH with three words", BYTES("AUTH a b c\r\n"), .resp2 = BYTES("-ERR syntax error\r\n")},
    {"CLUSTER", BYTES("CLUSTER SHARDS\r\n"),
     .resp2 = BYTES("-ERR This instance has cluster support disabled\r\n")},
    {"GREET", BYTES("GREET a b c\r\n"), .resp2 = BYTES("$18\r\nHello from server!\r\n")},
};

START_TEST(row)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    exchange_check(&server, &rows[_i], FORM_LINES);
    fixture_stop(&server);
}
END_TEST

/* ---- replies that hold the connection's number ---- */

static long ask_id(int fd)
{
    struct byte_buffer reply = {0};
    wire_send_text(fd, "CLIENT ID\r\n");
    wire_read_reply(fd, &reply);
    ck_assert_int_eq(reply.bytes[0], ':');
    long id = strtol(reply.bytes + 1, NULL, 10);
    byte_buffer_free(&reply);
    ck_assert_int_gt(id, 0);
    return id;
}

/* Sends a HELLO and expects the server's description in `version`'s types. */
static void exchange_hello(int fd, const char *request, int version)
{
    char expected[400];
    snprintf(expected, sizeof(expected),
             "%s\r\n$6\r\nserver\r\n$4\r\ncrew\r\n$7\r\nversion\r\n$%zu\r\n%s\r\n"
             "$5\r\nproto\r\n:%d\r\n$2\r\nid\r\n:%ld\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
             "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n",
             version == 3 ? "%7" : "*14", strlen(CREW_VERSION), CREW_VERSION, version, ask_id(fd));
    wire_exchange(fd, request, expected);
}

START_TEST(hello_switches_the_protocol)
{
    static const struct {
        const char *request;
        int version; /* afterwards */
        const char *name_reply;
    } steps[] = {
        {"HELLO\r\n", 2, "$-1\r\n"},
        {"HELLO 3\r\n", 3, "_\r\n"},
        {"HELLO\r\n", 3, "_\r\n"},
        {"hello 2\r\n", 2, "$-1\r\n"},
        {"*4\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$7\r\nsetname\r\n$1\r\nn\r\n", 3, "$1\r\nn\r\n"},
        {"HELLO 2\r\n", 2, "$1\r\nn\r\n"},
        {"HELLO 3 AUTH default pass SETNAME m\r\n", 3, "$1\r\nm\r\n"},
        {"HELLO 3 SETNAME k AUTH default pass\r\n", 3, "$1\r\nk\r\n"},
    };
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    for (size_t i = 0; i < COUNT(steps); i++) {
        exchange_hello(fd, steps[i].request, steps[i].version);
        wire_exchange(fd, "CLIENT GETNAME\r\n", steps[i].name_reply);
    }
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(ids_differ_and_stay)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int first = wire_connect(server.url);
    long first_id = ask_id(first);
    int second = wire_connect(server.url);
    ck_assert_int_gt(ask_id(second), first_id);
    ck_assert_int_eq(ask_id(first), first_id);
    close(first);
    close(second);
    fixture_stop(&server);
}
END_TEST

/* ---- CLIENT LIST and INFO ---- */

/* Whether one of the reply's lines holds all the words. */
static bool has_line_with(const char *reply, const char *const *words)
{
    for (const char *line = reply; line != NULL; line = strchr(line, '\n')) {
        line += line != reply;
        size_t size = strcspn(line, "\n");
        const char *const *word = words;
        while (*word != NULL && memmem(line, size, *word, strlen(*word)) != NULL)
            word++;
        if (*word == NULL)
            return true;
    }
    return false;
}

START_TEST(client_list_describes_everybody)
{
    struct fixture server;
    struct byte_buffer reply = {0};
    char id[32];
    char listener[ENDPOINT_TEXT_SIZE + 16];
    fixture_start(&server, "--workers 2");
    int named = wire_connect(server.url);
    wire_exchange(named, "CLIENT SETNAME ann\r\n", "+OK\r\n");
    wire_exchange(named, "CLIENT SETINFO LIB-NAME lib\r\n", "+OK\r\n");
    wire_exchange(named, "CLIENT SETINFO LIB-VER 1.2\r\n", "+OK\r\n");
    snprintf(id, sizeof(id), "id=%ld ", ask_id(named));
    snprintf(listener, sizeof(listener), " listener=%s ", server.url);
    const char *const of_named[] = {id,         " addr=127.0.0.1:",          listener, " name=ann ",
                                    " resp=2 ", " lib-name=lib lib-ver=1.2", NULL};
    wire_send_text(named, "CLIENT INFO\r\n");
    wire_read_reply(named, &reply);
    ck_assert_int_eq(reply.bytes[0], '$');
    ck_assert_msg(has_line_with(reply.bytes, of_named), "%s", reply.bytes);

    int other = wire_connect(server.url);
    exchange_begin_resp3(other);
    static const char *const of_other[] = {" name= ", " resp=3 ", NULL};
    wire_send_text(other, "CLIENT LIST\r\n");
    wire_read_reply(other, &reply);
    ck_assert_msg(strncmp(reply.bytes, "=", 1) == 0, "not verbatim: %s", reply.bytes);
    ck_assert(has_line_with(reply.bytes, of_named) && has_line_with(reply.bytes, of_other));

    /* Who has left is soon not in the list; nobody else's description changes. */
    close(named);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    do {
        ck_assert(monotonic_ns() < deadline_ns);
        wire_send_text(other, "CLIENT LIST\r\n");
        wire_read_reply(other, &reply);
        ck_assert(has_line_with(reply.bytes, of_other));
    } while (has_line_with(reply.bytes, of_named));
    byte_buffer_free(&reply);
    close(other);
    fixture_stop(&server);
}
END_TEST

Suite *handshake_suite(void)
{
    Suite *suite = suite_create("handshake");
    exchange_add_rows(suite, rows, COUNT(rows), row);
    TCase *others = tcase_create("others");
    tcase_set_timeout(others, 120);
    tcase_add_test(others, hello_switches_the_protocol);
    tcase_add_test(others, ids_differ_and_stay);
    tcase_add_test(others, client_list_describes_everybody);
    suite_add_tcase(suite, others);
    return suite;
}
