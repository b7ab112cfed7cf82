/* SPDX-License-Identifier: MIT */
#include "client/json.h"
#include "common/json_string.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    crew_slice reply;
    const char *json;
} replies[] = {
    {SAMPLE("+OK\r\n"), "\"OK\""},
    {SAMPLE("$3\r\na b\r\n"), "\"a b\""},
    {SAMPLE("$0\r\n\r\n"), "\"\""},
    {SAMPLE("=7\r\ntxt:a\nb\r\n"), "\"a\\nb\""},
    {SAMPLE("-ERR \"no\"\r\n"), "{\"error\":\"ERR \\\"no\\\"\"}"},
    {SAMPLE("!6\r\nERR no\r\n"), "{\"error\":\"ERR no\"}"},
    {SAMPLE("_\r\n"), "null"},
    {SAMPLE("$-1\r\n"), "null"},
    {SAMPLE("*-1\r\n"), "null"},
    {SAMPLE("#t\r\n"), "true"},
    {SAMPLE("#f\r\n"), "false"},
    {SAMPLE(":-42\r\n"), "-42"},
    {SAMPLE("(12345678901234567890123\r\n"), "12345678901234567890123"},
    {SAMPLE(",1.5\r\n"), "1.5"},
    {SAMPLE(",-1.5e+10\r\n"), "-1.5e+10"},
    {SAMPLE(",1E5\r\n"), "1E5"},
    {SAMPLE(",0\r\n"), "0"},
    {SAMPLE(",.5\r\n"), "\".5\""},
    {SAMPLE(",5.\r\n"), "\"5.\""},
    {SAMPLE(",007\r\n"), "\"007\""},
    {SAMPLE(",inf\r\n"), "\"inf\""},
    {SAMPLE(",-inf\r\n"), "\"-inf\""},
    {SAMPLE(",nan\r\n"), "\"nan\""},
    {SAMPLE("*0\r\n"), "[]"},
    {SAMPLE("~2\r\n:1\r\n+a\r\n"), "[1,\"a\"]"},
    {SAMPLE(">2\r\n+a\r\n*1\r\n_\r\n"), "[\"a\",[null]]"},
    {SAMPLE("*2\r\n-ERR no\r\n:1\r\n"), "[{\"error\":\"ERR no\"},1]"},
    {SAMPLE("%0\r\n"), "{}"},
    {SAMPLE("%2\r\n+a\r\n:1\r\n$1\r\nb\r\n%1\r\n+c\r\n_\r\n"), "{\"a\":1,\"b\":{\"c\":null}}"},
    {SAMPLE("%3\r\n:1\r\n+a\r\n#t\r\n+b\r\n*2\r\n:1\r\n+x\r\n+c\r\n"),
     "{\"1\":\"a\",\"true\":\"b\",\"[1,\\\"x\\\"]\":\"c\"}"},
    {SAMPLE("%1\r\n%1\r\n%1\r\n+k\r\n+a\r\n+b\r\n+c\r\n"),
     "{\"{{\\\"k\\\":\\\"a\\\"}:\\\"b\\\"}\":\"c\"}"},
    {SAMPLE("|1\r\n+ttl\r\n:3\r\n+value\r\n"), "\"value\""},
};

START_TEST(reply)
{
    struct byte_buffer out = {0};
    struct client_reply_cursor cursor = client_reply_begin(replies[_i].reply);
    client_json_write(&cursor, &out);
    byte_buffer_append(&out, "", 1);
    ck_assert_str_eq(out.bytes, replies[_i].json);
    ck_assert_ptr_eq(cursor.at, cursor.end);
    byte_buffer_free(&out);
}
END_TEST

/* What is not valid UTF-8 becomes the character of each byte. */
static const struct {
    crew_slice bytes;
    const char *json;
} strings[] = {
    {SAMPLE("\"\\/\n\r\t\f\b"), "\"\\\"\\\\/\\n\\r\\t\\f\\b\""},
    {SAMPLE("\0\x01\x1f \x7f"), "\"\\u0000\\u0001\\u001f \x7f\""},
    {SAMPLE("\xc3\xa9"), "\"\xc3\xa9\""},
    {SAMPLE("\xe2\x82\xac"), "\"\xe2\x82\xac\""},
    {SAMPLE("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\""},
    {SAMPLE("\xf4\x8f\xbf\xbf"), "\"\xf4\x8f\xbf\xbf\""},
    {SAMPLE("\x80"), "\"\\u0080\""},
    {SAMPLE("\xff\xfe"), "\"\\u00ff\\u00fe\""},
    {SAMPLE("\xc3"), "\"\\u00c3\""},
    {SAMPLE("\xc3("), "\"\\u00c3(\""},
    {SAMPLE("\xc3\xc3\xa9"), "\"\\u00c3\xc3\xa9\""},
    {SAMPLE("\xe2\x82"), "\"\\u00e2\\u0082\""},
    {SAMPLE("\xe2\x82x"), "\"\\u00e2\\u0082x\""},
    {SAMPLE("\xc0\xaf"), "\"\\u00c0\\u00af\""},                       /* longer than need be */
    {SAMPLE("\xe0\x80\xaf"), "\"\\u00e0\\u0080\\u00af\""},            /* likewise */
    {SAMPLE("\xed\xa0\x80"), "\"\\u00ed\\u00a0\\u0080\""},            /* half of a surrogate pair */
    {SAMPLE("\xf4\x90\x80\x80"), "\"\\u00f4\\u0090\\u0080\\u0080\""}, /* beyond Unicode */
};

START_TEST(string)
{
    struct byte_buffer out = {0};
    json_append_string(strings[_i].bytes.data, strings[_i].bytes.size, &out);
    byte_buffer_append(&out, "", 1);
    ck_assert_str_eq(out.bytes, strings[_i].json);
    byte_buffer_free(&out);
}
END_TEST

Suite *json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");
    tcase_add_loop_test(tests, reply, 0, COUNT(replies));
    tcase_add_loop_test(tests, string, 0, COUNT(strings));
    suite_add_tcase(suite, tests);
    return suite;
}
