/* SPDX-License-Identifier: MIT */
#include "client/format.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    crew_slice reply;
    const char *terminal; /* without the newline at the end */
    crew_slice raw;
} samples[] = {
    {SAMPLE("+OK\r\n"), "OK", SAMPLE("OK")},
    {SAMPLE("+\r\n"), "", SAMPLE("")},
    {SAMPLE("-ERR no\r\n"), "(error) ERR no", SAMPLE("ERR no")},
    /* A terminal must not obey what it is shown. */
    {SAMPLE("+a\x1b[2Jb\r\n"), "a?[2Jb", SAMPLE("a\x1b[2Jb")},
    {SAMPLE("!6\r\nERR no\r\n"), "(error) ERR no", SAMPLE("ERR no")},
    {SAMPLE(":42\r\n"), "(integer) 42", SAMPLE("42")},
    {SAMPLE(":-9223372036854775808\r\n"), "(integer) -9223372036854775808",
     SAMPLE("-9223372036854775808")},
    {SAMPLE(",1.50\r\n"), "(double) 1.50", SAMPLE("1.50")},
    {SAMPLE(",inf\r\n"), "(double) inf", SAMPLE("inf")},
    {SAMPLE("(12345678901234567890123\r\n"), "(big number) 12345678901234567890123",
     SAMPLE("12345678901234567890123")},
    {SAMPLE("#t\r\n"), "(true)", SAMPLE("(true)")},
    {SAMPLE("#f\r\n"), "(false)", SAMPLE("(false)")},
    {SAMPLE("_\r\n"), "(nil)", SAMPLE("")},
    {SAMPLE("$-1\r\n"), "(nil)", SAMPLE("")},
    {SAMPLE("*-1\r\n"), "(nil)", SAMPLE("")},
    {SAMPLE("$5\r\na b c\r\n"), "\"a b c\"", SAMPLE("a b c")},
    {SAMPLE("$0\r\n\r\n"), "\"\"", SAMPLE("")},
    {SAMPLE("$11\r\n\"\\\n\r\t\a\b\0\x7f\xc3\xa9\r\n"),
     "\"\\\"\\\\\\n\\r\\t\\a\\b\\x00\\x7f\\xc3\\xa9\"", SAMPLE("\"\\\n\r\t\a\b\0\x7f\xc3\xa9")},
    {SAMPLE("=9\r\ntxt:a\nb\nc\r\n"), "a\nb\nc", SAMPLE("a\nb\nc")},

    {SAMPLE("*0\r\n"), "(empty array)", SAMPLE("")},
    {SAMPLE("%0\r\n"), "(empty hash)", SAMPLE("")},
    {SAMPLE("~0\r\n"), "(empty set)", SAMPLE("")},
    {SAMPLE(">0\r\n"), "(empty push)", SAMPLE("")},
    {SAMPLE("*2\r\n$1\r\na\r\n:1\r\n"), "1) \"a\"\n2) (integer) 1", SAMPLE("a\n1")},
    {SAMPLE("~2\r\n+a\r\n_\r\n"), "1~ a\n2~ (nil)", SAMPLE("a\n")},
    {SAMPLE(">2\r\n+a\r\n+b\r\n"), "1) a\n2) b", SAMPLE("a\nb")},
    {SAMPLE("%2\r\n+a\r\n:1\r\n+b\r\n$1\r\nx\r\n"), "1# a => (integer) 1\n2# b => \"x\"",
     SAMPLE("a 1\nb x")},
    {SAMPLE("%1\r\n+a\r\n*2\r\n:1\r\n:2\r\n"), "1# a => \n   1) (integer) 1\n   2) (integer) 2",
     SAMPLE("a 1\n2")},
    {SAMPLE("%1\r\n+a\r\n*1\r\n:1\r\n"), "1# a => 1) (integer) 1", SAMPLE("a 1")},
    {SAMPLE("%1\r\n+a\r\n=7\r\ntxt:x\ny\r\n"), "1# a => \n   x\ny", SAMPLE("a x\ny")},
    {SAMPLE("*2\r\n*2\r\n+a\r\n+b\r\n*1\r\n*2\r\n+c\r\n*0\r\n"),
     "1) 1) a\n   2) b\n2) 1) 1) c\n      2) (empty array)", SAMPLE("a\nb\nc\n")},
    {SAMPLE("*10\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n:9\r\n*2\r\n+a\r\n+b\r\n"),
     " 1) (integer) 1\n 2) (integer) 2\n 3) (integer) 3\n 4) (integer) 4\n 5) (integer) 5\n"
     " 6) (integer) 6\n 7) (integer) 7\n 8) (integer) 8\n 9) (integer) 9\n10) 1) a\n    2) b",
     SAMPLE("1\n2\n3\n4\n5\n6\n7\n8\n9\na\nb")},
    /* Attributes are about a value, not part of it. */
    {SAMPLE("|1\r\n+ttl\r\n:3\r\n*2\r\n+a\r\n|1\r\n+x\r\n*1\r\n:1\r\n+b\r\n"), "1) a\n2) b",
     SAMPLE("a\nb")},
};

static void check(enum client_format format, crew_slice reply, crew_slice expected)
{
    struct byte_buffer out = {0};
    byte_buffer_append_text(&out, "before");
    client_format_reply(format, reply, &out);
    ck_assert(!out.failed);
    ck_assert_uint_eq(out.size, 6 + expected.size + 1);
    ck_assert_mem_eq(out.bytes, "before", 6);
    ck_assert_mem_eq(out.bytes + 6, expected.data, expected.size);
    ck_assert_int_eq(out.bytes[out.size - 1], '\n');
    byte_buffer_free(&out);
}

START_TEST(terminal)
{
    const char *text = samples[_i].terminal;
    check(CLIENT_FORMAT_TERMINAL, samples[_i].reply, (crew_slice){text, strlen(text)});
}
END_TEST

START_TEST(raw)
{
    check(CLIENT_FORMAT_RAW, samples[_i].reply, samples[_i].raw);
}
END_TEST

START_TEST(json_has_a_newline_too)
{
    check(CLIENT_FORMAT_JSON, BYTES("*2\r\n+a\r\n_\r\n"), BYTES("[\"a\",null]"));
}
END_TEST

START_TEST(quoted)
{
    struct byte_buffer out = {0};
    client_format_quoted("a\"b\\ \x1b[0m\xff", 10, &out);
    ck_assert_uint_eq(out.size, 20);
    ck_assert_mem_eq(out.bytes, "\"a\\\"b\\\\ \\x1b[0m\\xff\"", 20);
    byte_buffer_free(&out);
}
END_TEST

Suite *format_suite(void)
{
    Suite *suite = suite_create("format");
    TCase *tests = tcase_create("format");
    tcase_add_loop_test(tests, terminal, 0, COUNT(samples));
    tcase_add_loop_test(tests, raw, 0, COUNT(samples));
    tcase_add_test(tests, json_has_a_newline_too);
    tcase_add_test(tests, quoted);
    suite_add_tcase(suite, tests);
    return suite;
}
