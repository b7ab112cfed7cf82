/* SPDX-License-Identifier: MIT */
#include "common/resp_reply.h"
#include "common/resp_request.h"
#include "tests/unit/guard_page.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <string.h>

/* Appends the tokens of one whole reply: type, then number, count of values or text. */
static void add_reply(struct byte_buffer *out, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        struct resp_token token;
        ck_assert_int_eq(resp_read_token(bytes + at, size - at, &token), RESP_REPLY_WHOLE);
        ck_assert_uint_gt(token.size, 0);
        byte_buffer_printf(out, "%s%c", at > 0 ? " " : "", (char)token.type);
        switch (token.type) {
        case RESP_ARRAY:
        case RESP_MAP:
        case RESP_SET:
        case RESP_PUSH:
        case RESP_ATTRIBUTE:
            byte_buffer_printf(out, "%zu", token.values);
            break;
        case RESP_INTEGER:
        case RESP_BOOLEAN:
            byte_buffer_printf(out, "%lld", (long long)token.number);
            break;
        case RESP_NULL:
            ck_assert_uint_eq(token.text_size, 0);
            break;
        default:
            transcript_add_text(out, (crew_slice){token.text, token.text_size});
        }
        at += token.size;
        ck_assert_uint_le(at, size);
    }
    byte_buffer_append_text(out, "\n");
}

static void transcribe_replies(crew_slice stream, const size_t *cuts, size_t cut_count,
                               struct byte_buffer *out)
{
    struct resp_scanner scanner = {0};
    size_t start = 0;
    for (size_t i = 0; i <= cut_count; i++) {
        size_t end = i < cut_count ? cuts[i] : stream.size;
        enum resp_reply_result result = RESP_REPLY_WHOLE;
        while (start < end && result == RESP_REPLY_WHOLE) {
            char *bytes = guard_page_place(stream.data + start, end - start);
            result = resp_scan_reply(&scanner, bytes, end - start);
            if (result == RESP_REPLY_WHOLE) {
                ck_assert_uint_gt(scanner.position, 0);
                ck_assert_uint_le(scanner.position, end - start);
                add_reply(out, bytes, scanner.position);
                start += scanner.position;
                scanner = (struct resp_scanner){0};
            }
        }
        if (result == RESP_REPLY_MALFORMED) {
            byte_buffer_append_text(out, "malformed\n");
            return;
        }
    }
    if (start < stream.size)
        byte_buffer_append_text(out, TRANSCRIPT_INCOMPLETE);
}

#define MALFORMED "malformed\n"

static const struct {
    crew_slice stream;
    const char *transcript;
} samples[] = {
    /* Scalars of RESP2. */
    {SAMPLE("+PONG\r\n"), "+[PONG]\n"},
    {SAMPLE("+\r\n"), "+[]\n"},
    {SAMPLE("-ERR no\r\n"), "-[ERR no]\n"},
    {SAMPLE(":0\r\n:-1\r\n:9223372036854775807\r\n:-9223372036854775808\r\n"),
     ":0\n:-1\n:9223372036854775807\n:-9223372036854775808\n"},
    {SAMPLE("$5\r\nhello\r\n"), "$[hello]\n"},
    {SAMPLE("$0\r\n\r\n"), "$[]\n"},
    {SAMPLE("$4\r\n\r\n\0\xff\r\n+OK\r\n"), "$[\\x0d\\x0a\\x00\\xff]\n+[OK]\n"},
    {SAMPLE("$-1\r\n*-1\r\n"), "_\n_\n"},

    /* Scalars of RESP3. */
    {SAMPLE("_\r\n#t\r\n#f\r\n"), "_\n#1\n#0\n"},
    {SAMPLE(",1.5\r\n,-inf\r\n,nan\r\n"), ",[1.5]\n,[-inf]\n,[nan]\n"},
    {SAMPLE("(3492890328409238509324850943850943825024385\r\n"),
     "([3492890328409238509324850943850943825024385]\n"},
    {SAMPLE("!5\r\nERR x\r\n"), "![ERR x]\n"},
    {SAMPLE("=8\r\ntxt:some\r\n=4\r\nmkd:\r\n"), "=[some]\n=[]\n"},

    /* Aggregates. */
    {SAMPLE("*0\r\n~0\r\n%0\r\n>0\r\n"), "*0\n~0\n%0\n>0\n"},
    {SAMPLE("*3\r\n:1\r\n$1\r\na\r\n+b\r\n+next\r\n"), "*3 :1 $[a] +[b]\n+[next]\n"},
    {SAMPLE("*2\r\n*2\r\n*0\r\n*1\r\n:1\r\n$-1\r\n"), "*2 *2 *0 *1 :1 _\n"},
    {SAMPLE("%2\r\n+a\r\n:1\r\n+b\r\n%1\r\n+c\r\n~2\r\n#t\r\n_\r\n"),
     "%4 +[a] :1 +[b] %2 +[c] ~2 #1 _\n"},
    {SAMPLE(">2\r\n+message\r\n$2\r\nhi\r\n+OK\r\n"), ">2 +[message] $[hi]\n+[OK]\n"},
    {SAMPLE("|1\r\n+ttl\r\n:3\r\n+OK\r\n+next\r\n"), "|2 +[ttl] :3 +[OK]\n+[next]\n"},
    {SAMPLE("*2\r\n|1\r\n+ttl\r\n*1\r\n:3\r\n:1\r\n:2\r\n+next\r\n"),
     "*2 |2 +[ttl] *1 :3 :1 :2\n+[next]\n"},

    /* Unfinished. */
    {SAMPLE("*2\r\n:1\r\n"), TRANSCRIPT_INCOMPLETE},
    {SAMPLE("|1\r\n+ttl\r\n:3\r\n"), TRANSCRIPT_INCOMPLETE},
    {SAMPLE("$1073741824\r\n"), TRANSCRIPT_INCOMPLETE},

    /* Not RESP. */
    {SAMPLE("PONG\r\n"), MALFORMED},
    {SAMPLE("\r\n"), MALFORMED},
    {SAMPLE("\0"), MALFORMED},
    {SAMPLE("+OK\n"), MALFORMED},
    {SAMPLE("+\n"), MALFORMED},
    {SAMPLE(":\r\n"), MALFORMED},
    {SAMPLE(":+1\r\n"), MALFORMED},
    {SAMPLE(":1x\r\n"), MALFORMED},
    {SAMPLE(":9223372036854775808\r\n"), MALFORMED},
    {SAMPLE("$\r\n"), MALFORMED},
    {SAMPLE("$-2\r\n"), MALFORMED},
    {SAMPLE("$1073741825\r\n"), MALFORMED},
    {SAMPLE("$9223372036854775807\r\n"), MALFORMED},
    {SAMPLE("$01\r\na\r\n"), MALFORMED},
    {SAMPLE("$1\r\nab\r\n"), MALFORMED},
    {SAMPLE("$1\r\na\n\n"), MALFORMED},
    {SAMPLE("$2\r\na\r\n\n"), MALFORMED},
    {SAMPLE("*-2\r\n"), MALFORMED},
    {SAMPLE("*x\r\n"), MALFORMED},
    {SAMPLE("*1073741825\r\n"), MALFORMED},
    {SAMPLE("%-1\r\n"), MALFORMED},
    {SAMPLE("~-1\r\n"), MALFORMED},
    {SAMPLE(">-1\r\n"), MALFORMED},
    {SAMPLE("|-1\r\n"), MALFORMED},
    {SAMPLE("!-1\r\n"), MALFORMED},
    {SAMPLE("=-1\r\n"), MALFORMED},
    {SAMPLE("=3\r\ntxt\r\n"), MALFORMED},
    {SAMPLE("=5\r\ntext!\r\n"), MALFORMED},
    {SAMPLE("_x\r\n"), MALFORMED},
    {SAMPLE("#\r\n"), MALFORMED},
    {SAMPLE("#x\r\n"), MALFORMED},
    {SAMPLE("#tt\r\n"), MALFORMED},
    {SAMPLE("*2\r\n:1\r\nx"), MALFORMED},
    {SAMPLE("+OK\r\n?"), "+[OK]\n" MALFORMED},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

START_TEST(as_a_whole)
{
    check_transcript(transcribe_replies, samples[_i].stream, samples[_i].transcript);
}
END_TEST

START_TEST(in_prefixes)
{
    for (size_t i = 0; i < SAMPLES; i++)
        check_prefixes(transcribe_replies, samples[i].stream);
}
END_TEST

START_TEST(in_splits)
{
    for (size_t i = 0; i < SAMPLES; i++)
        check_splits(transcribe_replies, samples[i].stream);
}
END_TEST

/* A reply of `size` bytes without a line end, then CRLF. */
static void check_long_line(size_t size, const char *expected)
{
    struct byte_buffer stream = {0};
    char *line = byte_buffer_extend(&stream, size);
    ck_assert_ptr_nonnull(line);
    memset(line, '+', size);
    byte_buffer_append_text(&stream, "\r\n");
    crew_slice bytes = {stream.bytes, stream.size};
    if (expected != NULL)
        check_transcript(transcribe_replies, bytes, expected);
    struct prng prng = {.state = size};
    check_random_splits(transcribe_replies, bytes, &prng, 20);
    byte_buffer_free(&stream);
}

START_TEST(long_lines)
{
    check_long_line(RESP_LINE_LIMIT - 1, NULL);
    check_long_line(RESP_LINE_LIMIT, MALFORMED);
    check_long_line(RESP_LINE_LIMIT + 5000, MALFORMED);
    struct resp_token token;
    char *bytes = guard_page_place("", 0) - RESP_LINE_LIMIT - 1;
    memset(bytes, '+', RESP_LINE_LIMIT + 1);
    ck_assert_int_eq(resp_read_token(bytes + 1, RESP_LINE_LIMIT, &token), RESP_REPLY_INCOMPLETE);
    ck_assert_int_eq(resp_read_token(bytes, RESP_LINE_LIMIT + 1, &token), RESP_REPLY_MALFORMED);
    bytes[RESP_LINE_LIMIT - 1] = '\r';
    bytes[RESP_LINE_LIMIT] = '\n';
    ck_assert_int_eq(resp_read_token(bytes, RESP_LINE_LIMIT + 1, &token), RESP_REPLY_WHOLE);
}
END_TEST

/* Depth costs neither stack nor memory, and a count that cannot be summed up is refused. */
START_TEST(deep_and_wide)
{
    enum { DEPTH = 20000 };
    struct byte_buffer stream = {0};
    for (int i = 0; i < DEPTH; i++)
        byte_buffer_append_text(&stream, "*2\r\n_\r\n");
    byte_buffer_append_text(&stream, "+end\r\n");
    struct resp_scanner scanner = {0};
    ck_assert_int_eq(resp_scan_reply(&scanner, stream.bytes, stream.size - 1),
                     RESP_REPLY_INCOMPLETE);
    ck_assert_uint_eq(scanner.outstanding, 1);
    ck_assert_int_eq(resp_scan_reply(&scanner, stream.bytes, stream.size), RESP_REPLY_WHOLE);
    ck_assert_uint_eq(scanner.position, stream.size);
    byte_buffer_free(&stream);

    scanner = (struct resp_scanner){.position = 1, .outstanding = SIZE_MAX / 2};
    ck_assert_int_eq(resp_scan_reply(&scanner, "+*2\r\n", 5), RESP_REPLY_MALFORMED);
}
END_TEST

START_TEST(random_streams)
{
    static const char *const pieces[] = {
        "+", "-",  ":",  "$",    "*",  "_", "#t",   ",1",   "(",      "!",     "=",
        "%", "~",  ">",  "|",    "0",  "1", "2",    "-1",   "4",      "9",     "a",
        ":", "\r", "\n", "\r\n", "OK", "3", "\r\n", "txt:", "*2\r\n", "_\r\n",
    };
    struct prng prng = {.state = 0xbeef + (uint64_t)_i};
    for (int round = 0; round < 1000; round++) {
        struct byte_buffer stream = {0};
        for (uint64_t left = 1 + prng_below(&prng, 16); left > 0; left--) {
            if (prng_below(&prng, 3) == 0) {
                crew_slice whole = samples[prng_below(&prng, SAMPLES)].stream;
                byte_buffer_append(&stream, whole.data, whole.size);
            } else {
                byte_buffer_append_text(
                    &stream, pieces[prng_below(&prng, sizeof(pieces) / sizeof(pieces[0]))]);
            }
        }
        check_random_splits(transcribe_replies, (crew_slice){stream.bytes, stream.size}, &prng, 5);
        byte_buffer_free(&stream);
    }
}
END_TEST

Suite *resp_reply_suite(void)
{
    Suite *suite = suite_create("resp_reply");
    TCase *tests = tcase_create("scanner");
    tcase_add_loop_test(tests, as_a_whole, 0, SAMPLES);
    tcase_add_test(tests, in_prefixes);
    tcase_add_test(tests, in_splits);
    tcase_add_test(tests, long_lines);
    tcase_add_test(tests, deep_and_wide);
    tcase_add_loop_test(tests, random_streams, 0, 8);
    suite_add_tcase(suite, tests);
    return suite;
}
