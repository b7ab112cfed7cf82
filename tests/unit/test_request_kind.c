/* SPDX-License-Identifier: MIT */
#include "bench/engine/request_kind.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static char error[BENCH_ERROR_SIZE];

static void parse(const char *spec, struct request_kind *kind)
{
    ck_assert_msg(request_kind_parse(spec, strlen(spec), kind, error), "%s", error);
}

/* ---- requests ---- */

#define WORK(kind, size, us)                                                                       \
    SAMPLE("*3\r\n$4\r\nWORK\r\n$" kind "\r\n$" size "\r\n" us "\r\n"), "+OK\r\n"

static const struct {
    const char *spec;
    crew_slice request;
    const char *reply; /* the one right reply; NULL when it is not fixed */
    size_t number_digits;
    bool echoes;
    bool burns_cpu;
} accepted[] = {
    {"ping", SAMPLE("*1\r\n$4\r\nPING\r\n"), "+PONG\r\n", 0, false, false},
    {"PING", SAMPLE("*1\r\n$4\r\nPING\r\n"), "+PONG\r\n", 0, false, false},
    {"ping:", SAMPLE("*1\r\n$4\r\nPING\r\n"), "+PONG\r\n", 0, false, false},
    {"echo:1", SAMPLE("*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n"), NULL, 1, true, false},
    {"echo:5", SAMPLE("*2\r\n$4\r\nECHO\r\n$5\r\nxxxxx\r\n"), NULL, 5, true, false},
    {"Echo:20", SAMPLE("*2\r\n$4\r\nECHO\r\n$20\r\nxxxxxxxxxxxxxxxxxxxx\r\n"), NULL, 16, true,
     false},
    {"cpu:1us", WORK("3\r\nCPU", "1", "1"), 0, false, true},
    {"CPU:2ms", WORK("3\r\nCPU", "4", "2000"), 0, false, true},
    {"sleep:0.2ms", WORK("5\r\nSLEEP", "3", "200"), 0, false, false},
    {"sleep:60s", WORK("5\r\nSLEEP", "8", "60000000"), 0, false, false},
    {"lock:1s", WORK("4\r\nLOCK", "7", "1000000"), 0, false, false},
    {"cmd:GET key", SAMPLE("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"), NULL, 0, false, false},
    {"cmd:  SET 'a b' \"\\x00\" '' ",
     SAMPLE("*4\r\n$3\r\nSET\r\n$3\r\na b\r\n$1\r\n\0\r\n$0\r\n"
            "\r\n"),
     NULL, 0, false, false},
    {"cmd:a:b", SAMPLE("*1\r\n$3\r\na:b\r\n"), NULL, 0, false, false},
    {"cmd:work cpu 5", SAMPLE("*3\r\n$4\r\nwork\r\n$3\r\ncpu\r\n$1\r\n5\r\n"), NULL, 0, false,
     true},
    {"cmd:WORK SLEEP 5", SAMPLE("*3\r\n$4\r\nWORK\r\n$5\r\nSLEEP\r\n$1\r\n5\r\n"), NULL, 0, false,
     false},
    {"text:Hello, you: 1%", SAMPLE("Hello, you: 1%"), NULL, 0, false, false},
};

START_TEST(request)
{
    struct request_kind kind;
    parse(accepted[_i].spec, &kind);
    ck_assert_uint_eq(kind.request.size, accepted[_i].request.size);
    ck_assert_mem_eq(kind.request.bytes, accepted[_i].request.data, kind.request.size);
    ck_assert_uint_eq(kind.number_digits, accepted[_i].number_digits);
    ck_assert_int_eq(kind.echo_offset > 0, accepted[_i].echoes);
    ck_assert_int_eq(kind.burns_cpu, accepted[_i].burns_cpu);
    ck_assert_int_eq(kind.raw, strncmp(accepted[_i].spec, "text:", 5) == 0);
    ck_assert_int_eq(kind.law, REQUEST_FIXED);
    ck_assert_int_eq(kind.reply != NULL, accepted[_i].reply != NULL);
    if (kind.reply != NULL) {
        ck_assert_uint_eq(kind.reply_size, strlen(accepted[_i].reply));
        ck_assert_mem_eq(kind.reply, accepted[_i].reply, kind.reply_size);
    }
    request_kind_free(&kind);
}
END_TEST

/* A part of a longer text: what follows the given size is not looked at. */
START_TEST(part_of_a_text)
{
    static const char text[] = "echo:5,ping";
    struct request_kind kind;
    ck_assert(request_kind_parse(text, 6, &kind, error));
    ck_assert_uint_eq(kind.number_digits, 5);
    request_kind_free(&kind);
    ck_assert(!request_kind_parse(text, 7, &kind, error));
    ck_assert(!request_kind_parse(text, 5, &kind, error));
}
END_TEST

#define NEEDS_TIME                                                                                 \
    "needs a time in whole microseconds up to 60s, with a unit: 2ms, exp:2ms or "                  \
    "bimodal:1ms:20ms:5%"
#define NEEDS_SIZE    "needs a size from 1 to 16m, as in echo:64 or echo:1k"
#define NEEDS_COMMAND "needs a command, as in 'cmd:GET key'"
#define UNKNOWN       "is unknown: it takes " REQUEST_KIND_HELP

static const struct {
    const char *spec;
    const char *reason;
} refused[] = {
    {"", UNKNOWN},
    {"pong", UNKNOWN},
    {"pin", UNKNOWN},
    {":1", UNKNOWN},
    {"mix:100%ping", UNKNOWN}, /* no mix in a mix */
    {"ping:1", "takes nothing after 'ping'"},
    {"echo", NEEDS_SIZE},
    {"echo:", NEEDS_SIZE},
    {"echo:0", NEEDS_SIZE},
    {"echo:-1", NEEDS_SIZE},
    {"echo:17m", NEEDS_SIZE},
    {"echo:big", NEEDS_SIZE},
    {"cpu", NEEDS_TIME},
    {"cpu:", NEEDS_TIME},
    {"cpu:5", NEEDS_TIME},
    {"cpu:0", NEEDS_TIME},
    {"cpu:0us", NEEDS_TIME},
    {"cpu:500ns", NEEDS_TIME},
    {"cpu:1.5us", NEEDS_TIME},
    {"cpu:2ms:", NEEDS_TIME},
    {"cpu:2ms:3ms", NEEDS_TIME},
    {"sleep:-1ms", NEEDS_TIME},
    {"sleep:60001ms", NEEDS_TIME},
    {"sleep:1000000000000000000000000000us", NEEDS_TIME},
    {"lock:x", NEEDS_TIME},
    {"cpu:exp", NEEDS_TIME},
    {"cpu:exp:", NEEDS_TIME},
    {"cpu:exp:0us", NEEDS_TIME},
    {"cpu:exp:2ms:1", NEEDS_TIME},
    {"cpu:bimodal:1ms", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms:", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms:5", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms:%", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms:0%", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms:100%", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms:nan%", NEEDS_TIME},
    {"cpu:bimodal:1ms:20ms:5%x", NEEDS_TIME},
    {"cpu:bimodal:x:20ms:5%", NEEDS_TIME},
    {"cpu:bimodal:1ms:61s:5%", NEEDS_TIME},
    {"cmd", NEEDS_COMMAND},
    {"cmd:", NEEDS_COMMAND},
    {"cmd:  ", NEEDS_COMMAND},
    {"cmd:GET 'key", "has unbalanced quotes"},
    {"text", "needs a message, as in 'text:Hello from client!'"},
    {"text:", "needs a message, as in 'text:Hello from client!'"},
};

START_TEST(refusal)
{
    struct request_kind kind;
    char expected[BENCH_ERROR_SIZE];
    const char *spec = refused[_i].spec;
    snprintf(expected, sizeof(expected), "workload '%s' %s", spec, refused[_i].reason);
    ck_assert(!request_kind_parse(spec, strlen(spec), &kind, error));
    ck_assert_str_eq(error, expected);
    ck_assert_ptr_null(kind.request.bytes);
}
END_TEST

START_TEST(most_words)
{
    for (int words = 63; words <= 64; words++) {
        struct byte_buffer spec = {0};
        byte_buffer_append_text(&spec, "cmd:");
        for (int i = 0; i < words; i++)
            byte_buffer_append_text(&spec, "w ");
        struct request_kind kind;
        ck_assert_int_eq(request_kind_parse(spec.bytes, spec.size, &kind, error), words == 63);
        if (words > 63)
            ck_assert_ptr_nonnull(strstr(error, "has too many words: 63 is the limit"));
        request_kind_free(&kind);
        byte_buffer_free(&spec);
    }
}
END_TEST

static const struct {
    const char *spec;
    uint64_t number;
    const char *payload;
} numbers[] = {
    {"echo:20", 0, "0000000000000000xxxx"},
    {"echo:20", UINT64_C(0x123456789abcdef0), "123456789abcdef0xxxx"},
    {"echo:16", UINT64_MAX, "ffffffffffffffff"},
    {"echo:3", 0x12345, "345"},
    {"echo:1", 0x1f, "f"},
};

/* Appended behind what is there already; the kind itself stays as it is. */
START_TEST(number)
{
    struct request_kind kind;
    struct byte_buffer out = {0};
    parse(numbers[_i].spec, &kind);
    byte_buffer_append_text(&out, "before");
    request_kind_encode(&kind, numbers[_i].number, NULL, &out);
    size_t size = strlen(numbers[_i].payload);
    size_t offset = kind.request.size - size - 2;
    ck_assert_uint_eq(out.size, 6 + kind.request.size);
    ck_assert_mem_eq(out.bytes, "before", 6);
    ck_assert_mem_eq(out.bytes + 6, kind.request.bytes, offset);
    ck_assert_mem_eq(out.bytes + 6 + offset, numbers[_i].payload, size);
    ck_assert_mem_eq(out.bytes + 6 + offset + size, "\r\n", 2);
    ck_assert_int_eq(kind.request.bytes[offset], 'x');
    byte_buffer_free(&out);
    request_kind_free(&kind);
}
END_TEST

/* ---- replies ---- */

enum { NUMBER = 200 };

static const struct {
    const char *spec;
    crew_slice reply;
    enum reply_verdict verdict;
    size_t reply_size; /* when it is a whole reply */
} replies[] = {
    {"ping", SAMPLE("+PONG\r\n"), REPLY_RIGHT, 7},
    {"ping", SAMPLE("+PONG\r\n+PONG\r\n"), REPLY_RIGHT, 7},
    {"ping", SAMPLE("+PONG\r"), REPLY_PARTIAL, 0},
    {"ping", SAMPLE("+pong\r\n"), REPLY_WRONG, 7},
    {"ping", SAMPLE("$4\r\nPONG\r\n"), REPLY_WRONG, 10},
    {"ping", SAMPLE("-ERR max\r\n+PONG\r\n"), REPLY_ERROR, 10},
    {"ping", SAMPLE("HTTP/1.1 400\r\n"), REPLY_MALFORMED, 0},
    {"echo:3", SAMPLE("$3\r\n0c8\r\n"), REPLY_RIGHT, 9}, /* the number is 200 */
    {"echo:3", SAMPLE("$3\r\n0c"), REPLY_PARTIAL, 0},
    {"echo:3", SAMPLE("$3\r\n0c9\r\n"), REPLY_WRONG, 9},
    {"echo:3", SAMPLE("$4\r\n00c8\r\n"), REPLY_WRONG, 10},
    {"echo:3", SAMPLE("+0c8\r\n"), REPLY_WRONG, 6},
    {"echo:300", SAMPLE("$3\r\n0c8\r\n"), REPLY_WRONG, 9}, /* shorter than any right one */
    {"echo:300", SAMPLE("$-1\r\n"), REPLY_WRONG, 5},
    {"echo:300", SAMPLE("$300\r\n00000000000000c9"), REPLY_PARTIAL, 0}, /* wrong, but how long? */
    {"echo:3", SAMPLE("!6\r\nERR no\r\n"), REPLY_ERROR, 12},
    {"cpu:1ms", SAMPLE("+OK\r\n"), REPLY_RIGHT, 5},
    {"sleep:1ms", SAMPLE("+OK\r\n"), REPLY_RIGHT, 5},
    {"lock:1ms", SAMPLE("+KO\r\n"), REPLY_WRONG, 5},
    {"lock:1ms", SAMPLE("-ERR no\r\n"), REPLY_ERROR, 9},
    {"cmd:GET k", SAMPLE("$-1\r\n"), REPLY_RIGHT, 5},
    {"cmd:GET k", SAMPLE("*2\r\n:1\r\n-ERR inside\r\n+more\r\n"), REPLY_RIGHT, 21},
    {"cmd:GET k", SAMPLE("*2\r\n:1\r\n"), REPLY_PARTIAL, 0},
    {"cmd:GET k", SAMPLE("-ERR no\r\n"), REPLY_ERROR, 9},
    {"cmd:GET k", SAMPLE("x"), REPLY_MALFORMED, 0},
};

static enum reply_verdict judge(const struct request_kind *kind, crew_slice reply,
                                struct resp_scanner *scanner, size_t *size)
{
    return request_kind_check(kind, NUMBER, scanner, reply.data, reply.size, size);
}

/* All at once, and again growing byte by byte. */
START_TEST(verdict)
{
    struct request_kind kind;
    crew_slice reply = replies[_i].reply;
    parse(replies[_i].spec, &kind);
    struct resp_scanner scanner = {0};
    size_t size = 0;
    ck_assert_int_eq(judge(&kind, reply, &scanner, &size), replies[_i].verdict);
    ck_assert_uint_eq(size, replies[_i].reply_size);

    scanner = (struct resp_scanner){0};
    enum reply_verdict result = REPLY_PARTIAL;
    size = 0;
    size_t received = 0;
    while (result == REPLY_PARTIAL && received < reply.size)
        result = judge(&kind, (crew_slice){reply.data, ++received}, &scanner, &size);
    ck_assert_int_eq(result, replies[_i].verdict);
    ck_assert_uint_eq(size, replies[_i].reply_size);
    if (size > 0)
        ck_assert_uint_eq(scanner.position + scanner.outstanding, 0);
    request_kind_free(&kind);
}
END_TEST

/* The reply to one echo, at every place of which one byte is changed: never taken for right. */
START_TEST(every_byte_of_an_echo_counts)
{
    struct request_kind kind;
    struct byte_buffer out = {0};
    parse("echo:30", &kind);
    request_kind_encode(&kind, NUMBER, NULL, &out);
    crew_slice reply = {out.bytes + kind.echo_offset, out.size - kind.echo_offset};
    struct resp_scanner scanner = {0};
    size_t size = 0;
    ck_assert_int_eq(judge(&kind, reply, &scanner, &size), REPLY_RIGHT);
    ck_assert_uint_eq(size, reply.size);
    for (size_t i = kind.echo_offset; i < out.size; i++) {
        out.bytes[i] ^= 1;
        scanner = (struct resp_scanner){0};
        ck_assert_int_ne(judge(&kind, reply, &scanner, &size), REPLY_RIGHT);
        out.bytes[i] ^= 1;
    }
    byte_buffer_free(&out);
    request_kind_free(&kind);
}
END_TEST

/* A reply to the neighbour's request is noticed, although it has the right length. */
START_TEST(swapped_replies)
{
    struct request_kind kind;
    struct byte_buffer other = {0};
    parse("echo:1k", &kind);
    request_kind_encode(&kind, NUMBER + 1, NULL, &other);
    struct resp_scanner scanner = {0};
    size_t size = 0;
    crew_slice reply = {other.bytes + kind.echo_offset, other.size - kind.echo_offset};
    ck_assert_int_eq(judge(&kind, reply, &scanner, &size), REPLY_WRONG);
    ck_assert_uint_eq(size, reply.size);
    byte_buffer_free(&other);
    request_kind_free(&kind);
}
END_TEST

Suite *request_kind_suite(void)
{
    Suite *suite = suite_create("request_kind");
    TCase *requests = tcase_create("requests");
    tcase_add_loop_test(requests, request, 0, COUNT(accepted));
    tcase_add_test(requests, part_of_a_text);
    tcase_add_loop_test(requests, refusal, 0, COUNT(refused));
    tcase_add_test(requests, most_words);
    tcase_add_loop_test(requests, number, 0, COUNT(numbers));
    suite_add_tcase(suite, requests);
    TCase *verdicts = tcase_create("replies");
    tcase_add_loop_test(verdicts, verdict, 0, COUNT(replies));
    tcase_add_test(verdicts, every_byte_of_an_echo_counts);
    tcase_add_test(verdicts, swapped_replies);
    suite_add_tcase(suite, verdicts);
    return suite;
}
