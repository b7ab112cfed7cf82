/* SPDX-License-Identifier: MIT */
/* Input that no client should send: the exact reply, then an end of stream that loses none of it.
 */
#include "common/byte_buffer.h"
#include "common/clock.h"
#include "tests/system/exchange.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PROTOCOL_ERROR(text) BYTES("-ERR Protocol error: " text "\r\n")
#define BAD_MULTIBULK        PROTOCOL_ERROR("invalid multibulk length")
#define UNBALANCED           PROTOCOL_ERROR("unbalanced quotes in request")

/* ---- bytes that are no requests ---- */

static const struct exchange malformed[] = {
    {"empty line", BYTES("\r\n"), .resp2 = BYTES("")},
    {"spaces alone", BYTES("  \t \r\n"), .resp2 = BYTES("")},
    {"array of 0", BYTES("*0\r\n"), .resp2 = BYTES("")},
    {"array of 3000000000", BYTES("*3000000000\r\n"), .resp2 = BAD_MULTIBULK, .ends = true},
    {"no bulk", BYTES("*1\r\nfoo\r\n"), .resp2 = PROTOCOL_ERROR("expected '$', got 'f'"),
     .ends = true},
    {"second is no bulk", BYTES("*2\r\n$4\r\nECHO\r\n:1\r\n"),
     .resp2 = PROTOCOL_ERROR("expected '$', got ':'"), .ends = true},
    {"control byte for a bulk", BYTES("*1\r\n\a\r\n"),
     .resp2 = PROTOCOL_ERROR("expected '$', got ' '"), .ends = true},
    {"bulk not ended by CRLF", BYTES("*1\r\n$4\r\nPINGPING\r\n"),
     .resp2 = PROTOCOL_ERROR("bulk not ended by CRLF"), .ends = true},
    {"open double quote", BYTES("ECHO \"a b\r\n"), .resp2 = UNBALANCED, .ends = true},
    {"open single quote", BYTES("ECHO 'a b\r\n"), .resp2 = UNBALANCED, .ends = true},
    {"text after a quote", BYTES("ECHO \"a\"b\r\n"), .resp2 = UNBALANCED, .ends = true},
};

START_TEST(malformed_row)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    exchange_check(&server, &malformed[_i], FORM_BYTES);
    fixture_stop(&server);
}
END_TEST

/* A closed socket would answer more bytes with a reset, which can overtake the error. */
START_TEST(what_follows_an_error_is_taken_and_ignored)
{
    static const char more[16 * 1024];
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    wire_exchange(fd, "PING\r\n*x\r\n",
                  "+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n");
    for (int i = 0; i < 16; i++)
        wire_send(fd, more, sizeof(more));
    wire_expect_end(fd);
    wire_send_text(fd, "PING\r\n");
    close(fd);
    fixture_wait_info(&server, "closed_protocol_error", 1);
    fixture_stop(&server);
}
END_TEST

/* ---- requests that are refused ---- */

#define WRONG_NUMBER(name) BYTES("-ERR wrong number of arguments for '" name "' command\r\n")
#define TEN_LETTERS        "abcdefghij"
#define LETTERS_120                                                                                \
    TEN_LETTERS TEN_LETTERS TEN_LETTERS TEN_LETTERS TEN_LETTERS TEN_LETTERS TEN_LETTERS            \
        TEN_LETTERS TEN_LETTERS TEN_LETTERS TEN_LETTERS TEN_LETTERS

static const struct exchange refused[] = {
    {"PING with two", BYTES("PING a b\r\n"), .resp2 = WRONG_NUMBER("ping")},
    {"ECHO with none", BYTES("echo\r\n"), .resp2 = WRONG_NUMBER("echo")},
    {"ECHO with two", BYTES("Echo a b\r\n"), .resp2 = WRONG_NUMBER("echo")},
    {"container alone", BYTES("CLIENT\r\n"), .resp2 = WRONG_NUMBER("client")},
    {"subcommand with none", BYTES("CLIENT SETNAME\r\n"), .resp2 = WRONG_NUMBER("client|setname")},
    {"unknown command", BYTES("foo bar baz\r\n"),
     .resp2 = BYTES("-ERR unknown command 'foo', with args beginning with: 'bar' 'baz' \r\n")},
    {"unknown command alone", BYTES("foo\r\n"),
     .resp2 = BYTES("-ERR unknown command 'foo', with args beginning with: \r\n")},
    {"empty command name", BYTES("\"\"\r\n"),
     .resp2 = BYTES("-ERR unknown command '', with args beginning with: \r\n")},
    {"line ends in a name", BYTES("\"f\\r\\noo\" \"a\\nb\" \"+OK\\r\\n\"\r\n"),
     .resp2 = BYTES("-ERR unknown command 'f  oo', with args beginning with: 'a b' '+OK  ' \r\n")},
    {"long name is cut", BYTES(LETTERS_120 TEN_LETTERS "\r\n"),
     .resp2 =
         BYTES("-ERR unknown command '" LETTERS_120 "abcdefgh', with args beginning with: \r\n")},
    {"long argument is cut", BYTES("foo " LETTERS_120 TEN_LETTERS " bar\r\n"),
     .resp2 = BYTES("-ERR unknown command 'foo', with args beginning with: '" LETTERS_120
                    "abcdefgh' \r\n")},
    {"unknown subcommand", BYTES("CLIENT X\r\n"),
     .resp2 = BYTES("-ERR unknown subcommand 'X'. Try CLIENT HELP.\r\n")},
    {"line end in a subcommand", BYTES("CONFIG \"X\\r\\nY\" a\r\n"),
     .resp2 = BYTES("-ERR unknown subcommand 'X  Y'. Try CONFIG HELP.\r\n")},
    {"POST", BYTES("POST / HTTP/1.1\r\nPING\r\n"), .resp2 = BYTES(""), .ends = true},
    {"post", BYTES("post\r\nPING\r\n"), .resp2 = BYTES(""), .ends = true},
    {"Host:", BYTES("Host: localhost\r\nPING\r\n"), .resp2 = BYTES(""), .ends = true},
    {"GET with Host:", BYTES("GET / HTTP/1.1\r\nHost: localhost\r\nPING\r\n"),
     .resp2 = BYTES("-ERR unknown command 'GET', with args beginning with: '/' 'HTTP/1.1' \r\n"),
     .ends = true},
};

START_TEST(refused_row)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    exchange_check(&server, &refused[_i], FORM_LINES);
    fixture_stop(&server);
}
END_TEST

/* However many browsers come, one line says so. */
START_TEST(foreign_protocols_are_logged_once)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    for (int i = 0; i < 5; i++) {
        int fd = wire_connect(server.url);
        wire_send_text(fd, "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n{}");
        wire_expect_end(fd);
        close(fd);
    }
    fixture_wait_info(&server, "closed_foreign_protocol", 5);
    ck_assert(server_process_wait_log(&server.process, " warn foreign_protocol listener=tcp://",
                                      PATIENCE_MS));
    struct byte_buffer log = {0};
    server_process_log(&server.process, &log);
    byte_buffer_append(&log, "", 1);
    ck_assert(!log.failed);
    ck_assert_ptr_null(strstr(strstr(log.bytes, "foreign_protocol") + 1, "foreign_protocol"));
    byte_buffer_free(&log);
    fixture_stop(&server);
}
END_TEST

/* ---- the limit of 64 KiB for a line ---- */

enum { LINE_LIMIT = 64 * 1024 };

/* A request and a reply of the form: head, so many times the letter, tail. */
struct run {
    const char *head;
    size_t count;
    const char *tail;
};

static const struct {
    const char *name;
    char letter;
    struct run request;
    struct run reply;
    bool ends;
} large[] = {
    /* The line's CR counts, its LF does not. */
    {"longest line", 'x', {"ECHO ", LINE_LIMIT - 6, "\r\n"}, {"$65530\r\n", 65530, "\r\n"}, false},
    {"line one byte too long",
     'x',
     {"ECHO ", LINE_LIMIT - 5, "\r\n"},
     {"-ERR Protocol error: too big inline request\r\n", 0, ""},
     true},
    {"line without an end",
     'x',
     {"", LINE_LIMIT + 1, ""},
     {"-ERR Protocol error: too big inline request\r\n", 0, ""},
     true},
    {"array header without an end",
     '1',
     {"*", LINE_LIMIT, ""},
     {"-ERR Protocol error: too big mbulk count string\r\n", 0, ""},
     true},
    {"bulk header without an end",
     '1',
     {"*1\r\n$", LINE_LIMIT, ""},
     {"-ERR Protocol error: too big bulk count string\r\n", 0, ""},
     true},
    {"longest array header",
     '1',
     {"*", LINE_LIMIT - 2, "\r\n"},
     {"-ERR Protocol error: invalid multibulk length\r\n", 0, ""},
     true},
};

static crew_slice spell(const struct run *run, char letter, struct byte_buffer *out)
{
    byte_buffer_append_text(out, run->head);
    char *letters = byte_buffer_extend(out, run->count);
    if (letters != NULL)
        memset(letters, letter, run->count);
    byte_buffer_append_text(out, run->tail);
    ck_assert(!out->failed);
    return (crew_slice){out->bytes, out->size};
}

START_TEST(large_row)
{
    struct fixture server;
    struct byte_buffer request = {0};
    struct byte_buffer reply = {0};
    struct exchange row = {.name = large[_i].name, .ends = large[_i].ends};
    row.request = spell(&large[_i].request, large[_i].letter, &request);
    row.resp2 = spell(&large[_i].reply, large[_i].letter, &reply);
    fixture_start(&server, "--workers 2");
    exchange_check(&server, &row, FORM_BYTES);
    byte_buffer_free(&request);
    byte_buffer_free(&reply);
    fixture_stop(&server);
}
END_TEST

/* ---- an unfinished request ---- */

enum { DRIPS = 1024, DRIP_BYTES = 1024 };

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

START_TEST(a_request_in_drips_does_not_slow_others)
{
    static char drip[DRIP_BYTES];
    static double waits_us[DRIPS];
    struct fixture server;
    memset(drip, 'x', sizeof(drip));
    fixture_start(&server, "--workers 1");
    int slow = wire_connect(server.url);
    int other = wire_connect(server.url);
    wire_send_text(slow, "*2\r\n$4\r\nECHO\r\n$1048576\r\n");
    for (int i = 0; i < DRIPS; i++) {
        wire_send(slow, drip, sizeof(drip));
        wire_send_text(other, "PING\r\n");
        waits_us[i] = wire_wait_us(other);
        wire_expect(other, "+PONG\r\n");
    }
    /* The median, since any single wait may be the machine's doing. */
    qsort(waits_us, DRIPS, sizeof(waits_us[0]), by_value);
    ck_assert_double_lt(waits_us[DRIPS / 2], 20000);
    wire_send_text(slow, "\r\n");
    wire_expect(slow, "$1048576\r\n");
    for (int i = 0; i < DRIPS; i++)
        wire_expect_bytes(slow, drip, sizeof(drip));
    wire_expect(slow, "\r\n");
    close(slow);
    close(other);
    fixture_stop(&server);
}
END_TEST

Suite *bad_input_suite(void)
{
    Suite *suite = suite_create("bad_input");
    exchange_add_rows(suite, malformed, COUNT(malformed), malformed_row);
    exchange_add_rows(suite, refused, COUNT(refused), refused_row);
    for (int i = 0; i < (int)COUNT(large); i++) {
        TCase *row = tcase_create(large[i].name);
        tcase_set_timeout(row, 120);
        tcase_add_loop_test(row, large_row, i, i + 1);
        suite_add_tcase(suite, row);
    }
    TCase *others = tcase_create("others");
    tcase_set_timeout(others, 120);
    tcase_add_test(others, what_follows_an_error_is_taken_and_ignored);
    tcase_add_test(others, foreign_protocols_are_logged_once);
    tcase_add_test(others, a_request_in_drips_does_not_slow_others);
    suite_add_tcase(suite, others);
    return suite;
}
