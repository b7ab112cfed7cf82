/* SPDX-License-Identifier: MIT */
#include "server/call.h"
#include "server/reply.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static crew_call call;
static struct byte_buffer out;

static void tear_down(void)
{
    byte_buffer_free(&out);
}

/* ---- handlers ---- */

static void status(crew_call *at)
{
    crew_reply_status(at, "OK");
}

static void status_with_newlines(crew_call *at)
{
    crew_reply_status(at, "a\r\nb\tc");
}

static void error(crew_call *at)
{
    crew_reply_error(at, "ERR no '%s' in %d", "key", 7);
}

static void error_with_newlines(crew_call *at)
{
    crew_reply_error(at, "ERR '%s'", "\r\n+OK\r\n\x7f\x01");
}

static void integers(crew_call *at)
{
    crew_reply_array(at, 4);
    crew_reply_integer(at, 0);
    crew_reply_integer(at, -1);
    crew_reply_integer(at, INT64_MAX);
    crew_reply_integer(at, INT64_MIN);
}

static void bulk(crew_call *at)
{
    crew_reply_bulk(at, "a\0\r\nb", 5);
}

static void empty_bulk(crew_call *at)
{
    crew_reply_bulk(at, NULL, 0);
}

static void text(crew_call *at)
{
    crew_reply_text(at, "some text");
}

static void bulk_space(crew_call *at)
{
    memcpy(crew_reply_bulk_space(at, 3), "abc", 3);
}

static void verbatim(crew_call *at)
{
    crew_reply_verbatim(at, "# Server\r\n", 10);
}

static void null(crew_call *at)
{
    crew_reply_null(at);
}

static void empty_array(crew_call *at)
{
    crew_reply_array(at, 0);
}

static void empty_map(crew_call *at)
{
    crew_reply_map(at, 0);
}

/* {"a": [1, [], {"b": null}], "c": "d"} */
static void nested(crew_call *at)
{
    crew_reply_map(at, 2);
    crew_reply_status(at, "a");
    crew_reply_array(at, 3);
    crew_reply_integer(at, 1);
    crew_reply_array(at, 0);
    crew_reply_map(at, 1);
    crew_reply_status(at, "b");
    crew_reply_null(at);
    crew_reply_status(at, "c");
    crew_reply_status(at, "d");
}

static void array_with_error(crew_call *at)
{
    crew_reply_array(at, 2);
    crew_reply_error(at, "ERR one");
    crew_reply_status(at, "two");
}

static const struct {
    crew_handler *run;
    crew_slice resp2;
    crew_slice resp3;
    crew_slice raw;
    bool is_error;
} replies[] = {
    {status, SAMPLE("+OK\r\n"), SAMPLE("+OK\r\n"), SAMPLE("OK"), false},
    {status_with_newlines, SAMPLE("+a  b c\r\n"), SAMPLE("+a  b c\r\n"), SAMPLE("a\r\nb\tc"),
     false},
    {error, SAMPLE("-ERR no 'key' in 7\r\n"), SAMPLE("-ERR no 'key' in 7\r\n"),
     SAMPLE("ERR no 'key' in 7"), true},
    {error_with_newlines, SAMPLE("-ERR '  +OK    '\r\n"), SAMPLE("-ERR '  +OK    '\r\n"),
     SAMPLE("ERR '\r\n+OK\r\n\x7f\x01'"), true},
    {integers, SAMPLE("*4\r\n:0\r\n:-1\r\n:9223372036854775807\r\n:-9223372036854775808\r\n"),
     SAMPLE("*4\r\n:0\r\n:-1\r\n:9223372036854775807\r\n:-9223372036854775808\r\n"),
     SAMPLE("0-19223372036854775807-9223372036854775808"), false},
    {bulk, SAMPLE("$5\r\na\0\r\nb\r\n"), SAMPLE("$5\r\na\0\r\nb\r\n"), SAMPLE("a\0\r\nb"), false},
    {empty_bulk, SAMPLE("$0\r\n\r\n"), SAMPLE("$0\r\n\r\n"), SAMPLE(""), false},
    {text, SAMPLE("$9\r\nsome text\r\n"), SAMPLE("$9\r\nsome text\r\n"), SAMPLE("some text"),
     false},
    {bulk_space, SAMPLE("$3\r\nabc\r\n"), SAMPLE("$3\r\nabc\r\n"), SAMPLE("abc"), false},
    {verbatim, SAMPLE("$10\r\n# Server\r\n\r\n"), SAMPLE("=14\r\ntxt:# Server\r\n\r\n"),
     SAMPLE("# Server\r\n"), false},
    {null, SAMPLE("$-1\r\n"), SAMPLE("_\r\n"), SAMPLE(""), false},
    {empty_array, SAMPLE("*0\r\n"), SAMPLE("*0\r\n"), SAMPLE(""), false},
    {empty_map, SAMPLE("*0\r\n"), SAMPLE("%0\r\n"), SAMPLE(""), false},
    {nested, SAMPLE("*4\r\n+a\r\n*3\r\n:1\r\n*0\r\n*2\r\n+b\r\n$-1\r\n+c\r\n+d\r\n"),
     SAMPLE("%2\r\n+a\r\n*3\r\n:1\r\n*0\r\n%1\r\n+b\r\n_\r\n+c\r\n+d\r\n"), SAMPLE("a1bcd"), false},
    {array_with_error, SAMPLE("*2\r\n-ERR one\r\n+two\r\n"), SAMPLE("*2\r\n-ERR one\r\n+two\r\n"),
     SAMPLE("ERR onetwo"), true},
};

static void run(crew_handler *handler, enum reply_codec codec)
{
    reply_begin(&call.reply, &out, codec, SIZE_MAX / 2);
    handler(&call);
}

/* After `before`, which an earlier reply left and which must stay. */
static void check_out(const char *before, crew_slice expected)
{
    size_t size = strlen(before);
    ck_assert_uint_eq(out.size, size + expected.size);
    ck_assert_mem_eq(out.bytes, before, size);
    ck_assert_mem_eq(out.bytes + size, expected.data, expected.size);
}

START_TEST(exact_bytes)
{
    const struct {
        enum reply_codec codec;
        crew_slice expected;
    } codecs[] = {
        {REPLY_RESP2, replies[_i].resp2},
        {REPLY_RESP3, replies[_i].resp3},
        {REPLY_RAW, replies[_i].raw},
    };
    for (int i = 0; i < COUNT(codecs); i++) {
        byte_buffer_truncate(&out, 0);
        byte_buffer_append_text(&out, "+before\r\n");
        run(replies[_i].run, codecs[i].codec);
        ck_assert(reply_end(&call.reply, "command"));
        ck_assert_int_eq(call.reply.is_error, replies[_i].is_error);
        check_out("+before\r\n", codecs[i].expected);
    }
}
END_TEST

START_TEST(long_errors_are_cut)
{
    char long_word[2000];
    memset(long_word, 'x', sizeof(long_word));
    reply_begin(&call.reply, &out, REPLY_RESP2, SIZE_MAX / 2);
    crew_reply_error(&call, "ERR %.*s", (int)sizeof(long_word), long_word);
    ck_assert(reply_end(&call.reply, "command"));
    ck_assert_uint_gt(out.size, 400);
    ck_assert_uint_lt(out.size, 600);
    ck_assert_mem_eq(out.bytes, "-ERR xxx", 8);
    ck_assert_mem_eq(out.bytes + out.size - 3, "x\r\n", 3);
}
END_TEST

/* ---- handlers that do not write exactly one value ---- */

static void nothing(crew_call *at)
{
    (void)at;
}

static void two_values(crew_call *at)
{
    crew_reply_status(at, "one");
    crew_reply_status(at, "two");
}

static void value_and_error(crew_call *at)
{
    crew_reply_status(at, "one");
    crew_reply_error(at, "ERR two");
}

static void error_and_bulk(crew_call *at)
{
    crew_reply_error(at, "ERR one");
    ck_assert_ptr_null(crew_reply_bulk_space(at, 3));
}

static void short_array(crew_call *at)
{
    crew_reply_array(at, 2);
    crew_reply_integer(at, 1);
}

static void long_array(crew_call *at)
{
    crew_reply_array(at, 1);
    crew_reply_integer(at, 1);
    crew_reply_integer(at, 2);
}

static void array_after_array(crew_call *at)
{
    crew_reply_array(at, 0);
    crew_reply_array(at, 1);
    crew_reply_null(at);
}

static void map_without_value(crew_call *at)
{
    crew_reply_map(at, 1);
    crew_reply_text(at, "key");
}

static void map_after_value(crew_call *at)
{
    crew_reply_verbatim(at, "one", 3);
    crew_reply_map(at, 0);
}

static void verbatim_after_null(crew_call *at)
{
    crew_reply_null(at);
    crew_reply_verbatim(at, "two", 3);
}

static void inner_array_short(crew_call *at)
{
    crew_reply_array(at, 2);
    crew_reply_array(at, 2);
    crew_reply_integer(at, 1);
    crew_reply_integer(at, 2);
}

static crew_handler *const bad_handlers[] = {
    nothing,         two_values,          value_and_error,   error_and_bulk,
    short_array,     long_array,          array_after_array, map_without_value,
    map_after_value, verbatim_after_null, inner_array_short,
};

START_TEST(wrong_number_of_values)
{
    static const enum reply_codec codecs[] = {REPLY_RESP2, REPLY_RESP3, REPLY_RAW};
    static const char message[] = "ERR internal error: the handler did not write exactly one reply";
    for (int i = 0; i < COUNT(codecs); i++) {
        char logged[CAPTURED_OUTPUT_SIZE];
        byte_buffer_truncate(&out, 0);
        byte_buffer_append_text(&out, "before");
        struct captured_output captured = capture_output(stderr);
        run(bad_handlers[_i], codecs[i]);
        ck_assert(reply_end(&call.reply, "client|list"));
        captured_text(&captured, logged);
        ck_assert_msg(strstr(logged, "client|list") != NULL, "logged: %s", logged);
        ck_assert(call.reply.is_error);
        struct byte_buffer expected = {0};
        byte_buffer_printf(&expected, codecs[i] == REPLY_RAW ? "%s" : "-%s\r\n", message);
        check_out("before", (crew_slice){expected.bytes, expected.size});
        byte_buffer_free(&expected);
    }
}
END_TEST

START_TEST(out_of_memory)
{
    byte_buffer_append_text(&out, "before");
    reply_begin(&call.reply, &out, REPLY_RESP2, SIZE_MAX / 2);
    crew_reply_array(&call, 2);
    crew_reply_status(&call, "one");
    ck_assert_ptr_null(crew_reply_bulk_space(&call, SIZE_MAX / 2));
    ck_assert(reply_end(&call.reply, "command"));
    check_out("before", BYTES("-ERR out of memory\r\n"));
    ck_assert(call.reply.is_error);
}
END_TEST

/* What does not fit is not even begun. */
START_TEST(too_large)
{
    enum { LIMIT = 100 };
    byte_buffer_append_text(&out, "before");
    reply_begin(&call.reply, &out, REPLY_RESP2, LIMIT);
    ck_assert_ptr_null(crew_reply_bulk_space(&call, LIMIT + 1));
    ck_assert_uint_lt(out.capacity, 1000);
    ck_assert(reply_end(&call.reply, "command"));
    check_out("before", BYTES("-ERR reply exceeds max-output-bytes\r\n"));
    ck_assert(call.reply.is_error);
}
END_TEST

START_TEST(too_large_in_parts)
{
    enum { PARTS = 10 };
    for (size_t limit = 54; limit <= 55; limit++) {
        byte_buffer_truncate(&out, 0);
        byte_buffer_append_text(&out, "before");
        reply_begin(&call.reply, &out, REPLY_RESP2, limit);
        crew_reply_array(&call, PARTS); /* *10 and CRLF: 5 bytes, and 5 for each part */
        for (int i = 0; i < PARTS; i++)
            crew_reply_status(&call, "ok");
        ck_assert(reply_end(&call.reply, "command"));
        ck_assert_int_eq(call.reply.is_error, limit < 55);
    }
}
END_TEST

Suite *reply_suite(void)
{
    Suite *suite = suite_create("reply");
    TCase *tests = tcase_create("reply");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_loop_test(tests, exact_bytes, 0, COUNT(replies));
    tcase_add_test(tests, long_errors_are_cut);
    tcase_add_loop_test(tests, wrong_number_of_values, 0, COUNT(bad_handlers));
    tcase_add_test(tests, out_of_memory);
    tcase_add_test(tests, too_large);
    tcase_add_test(tests, too_large_in_parts);
    suite_add_tcase(suite, tests);
    return suite;
}
