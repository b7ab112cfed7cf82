/* SPDX-License-Identifier: MIT */
#include "bench/engine/workload.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static char error[BENCH_ERROR_SIZE];

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
    {"sleep:1h", WORK("5\r\nSLEEP", "10", "3600000000"), 0, false, false},
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
};

START_TEST(request)
{
    struct workload workload;
    const char *spec = accepted[_i].spec;
    ck_assert_msg(workload_parse(spec, &workload, error), "%s", error);
    ck_assert_ptr_eq(workload.spec, spec);
    ck_assert_uint_eq(workload.request.size, accepted[_i].request.size);
    ck_assert_mem_eq(workload.request.bytes, accepted[_i].request.data, workload.request.size);
    ck_assert_uint_eq(workload.number_digits, accepted[_i].number_digits);
    ck_assert_int_eq(workload.echo_offset > 0, accepted[_i].echoes);
    ck_assert_int_eq(workload.burns_cpu, accepted[_i].burns_cpu);
    ck_assert_int_eq(workload.reply != NULL, accepted[_i].reply != NULL);
    if (workload.reply != NULL) {
        ck_assert_uint_eq(workload.reply_size, strlen(accepted[_i].reply));
        ck_assert_mem_eq(workload.reply, accepted[_i].reply, workload.reply_size);
    }
    workload_free(&workload);
}
END_TEST

#define NEEDS_TIME "needs a time in whole microseconds up to 1h, with a unit: 2ms, 200us"
#define NEEDS_SIZE "needs a size from 1 to 16m, as in echo:64 or echo:1k"

static const struct {
    const char *spec;
    const char *reason;
} refused[] = {
    {"", "is unknown: it takes " WORKLOAD_HELP},
    {"pong", "is unknown: it takes " WORKLOAD_HELP},
    {"pin", "is unknown: it takes " WORKLOAD_HELP},
    {":1", "is unknown: it takes " WORKLOAD_HELP},
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
    {"sleep:-1ms", NEEDS_TIME},
    {"sleep:2h", NEEDS_TIME},
    {"lock:x", NEEDS_TIME},
    {"cmd", "needs a command, as in 'cmd:GET key'"},
    {"cmd:", "needs a command, as in 'cmd:GET key'"},
    {"cmd:  ", "needs a command, as in 'cmd:GET key'"},
    {"cmd:GET 'key", "has unbalanced quotes"},
};

START_TEST(refusal)
{
    struct workload workload;
    char expected[BENCH_ERROR_SIZE];
    snprintf(expected, sizeof(expected), "workload '%s' %s", refused[_i].spec, refused[_i].reason);
    ck_assert(!workload_parse(refused[_i].spec, &workload, error));
    ck_assert_str_eq(error, expected);
    ck_assert_ptr_null(workload.request.bytes);
}
END_TEST

START_TEST(most_words)
{
    for (int words = 63; words <= 64; words++) {
        struct byte_buffer spec = {0};
        byte_buffer_append_text(&spec, "cmd:");
        for (int i = 0; i < words; i++)
            byte_buffer_append_text(&spec, "w ");
        byte_buffer_append(&spec, "", 1);
        struct workload workload;
        ck_assert_int_eq(workload_parse(spec.bytes, &workload, error), words == 63);
        workload_free(&workload);
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

START_TEST(number)
{
    struct workload workload;
    ck_assert(workload_parse(numbers[_i].spec, &workload, error));
    char copy[64];
    ck_assert_uint_le(workload.request.size, sizeof(copy));
    memcpy(copy, workload.request.bytes, workload.request.size);
    workload_set_number(&workload, copy, numbers[_i].number);
    size_t size = strlen(numbers[_i].payload);
    size_t offset = workload.request.size - size - 2;
    ck_assert_mem_eq(copy + offset, numbers[_i].payload, size);
    ck_assert_mem_eq(copy, workload.request.bytes, offset);
    ck_assert_mem_eq(copy + offset + size, "\r\n", 2);
    workload_free(&workload);
}
END_TEST

/* ---- replies ---- */

static const struct {
    const char *spec;
    crew_slice reply;
    enum workload_verdict verdict;
    size_t reply_size; /* when it is a whole reply */
} replies[] = {
    {"ping", SAMPLE("+PONG\r\n"), WORKLOAD_RIGHT, 7},
    {"ping", SAMPLE("+PONG\r\n+PONG\r\n"), WORKLOAD_RIGHT, 7},
    {"ping", SAMPLE("+PONG\r"), WORKLOAD_PARTIAL, 0},
    {"ping", SAMPLE("+pong\r\n"), WORKLOAD_WRONG, 7},
    {"ping", SAMPLE("$4\r\nPONG\r\n"), WORKLOAD_WRONG, 10},
    {"ping", SAMPLE("-ERR max\r\n+PONG\r\n"), WORKLOAD_ERROR_REPLY, 10},
    {"ping", SAMPLE("HTTP/1.1 400\r\n"), WORKLOAD_MALFORMED, 0},
    {"echo:3", SAMPLE("$3\r\nxxx\r\n"), WORKLOAD_RIGHT, 9},
    {"echo:3", SAMPLE("$3\r\nxx"), WORKLOAD_PARTIAL, 0},
    {"echo:3", SAMPLE("$3\r\nxxy\r\n"), WORKLOAD_WRONG, 9},
    {"echo:3", SAMPLE("$4\r\nxxxx\r\n"), WORKLOAD_WRONG, 10},
    {"echo:3", SAMPLE("+xxx\r\n"), WORKLOAD_WRONG, 6},
    {"echo:3", SAMPLE("!6\r\nERR no\r\n"), WORKLOAD_ERROR_REPLY, 12},
    {"cpu:1ms", SAMPLE("+OK\r\n"), WORKLOAD_RIGHT, 5},
    {"sleep:1ms", SAMPLE("+OK\r\n"), WORKLOAD_RIGHT, 5},
    {"lock:1ms", SAMPLE("+KO\r\n"), WORKLOAD_WRONG, 5},
    {"lock:1ms", SAMPLE("-ERR no\r\n"), WORKLOAD_ERROR_REPLY, 9},
    {"cmd:GET k", SAMPLE("$-1\r\n"), WORKLOAD_RIGHT, 5},
    {"cmd:GET k", SAMPLE("*2\r\n:1\r\n-ERR inside\r\n+more\r\n"), WORKLOAD_RIGHT, 21},
    {"cmd:GET k", SAMPLE("*2\r\n:1\r\n"), WORKLOAD_PARTIAL, 0},
    {"cmd:GET k", SAMPLE("-ERR no\r\n"), WORKLOAD_ERROR_REPLY, 9},
    {"cmd:GET k", SAMPLE("x"), WORKLOAD_MALFORMED, 0},
};

static enum workload_verdict judge(const struct workload *workload, crew_slice reply,
                                   struct resp_scanner *scanner, size_t *size)
{
    return workload_check(workload, workload->request.bytes, scanner, reply.data, reply.size, size);
}

/* All at once, and again growing byte by byte. */
START_TEST(verdict)
{
    struct workload workload;
    crew_slice reply = replies[_i].reply;
    ck_assert(workload_parse(replies[_i].spec, &workload, error));
    struct resp_scanner scanner = {0};
    size_t size = 0;
    ck_assert_int_eq(judge(&workload, reply, &scanner, &size), replies[_i].verdict);
    ck_assert_uint_eq(size, replies[_i].reply_size);

    scanner = (struct resp_scanner){0};
    enum workload_verdict result = WORKLOAD_PARTIAL;
    size = 0;
    size_t received = 0;
    while (result == WORKLOAD_PARTIAL && received < reply.size)
        result = judge(&workload, (crew_slice){reply.data, ++received}, &scanner, &size);
    ck_assert_int_eq(result, replies[_i].verdict);
    ck_assert_uint_eq(size, replies[_i].reply_size);
    if (size > 0)
        ck_assert_uint_eq(scanner.position + scanner.outstanding, 0);
    workload_free(&workload);
}
END_TEST

/* A reply to the neighbour's request is noticed, although it has the right length. */
START_TEST(swapped_replies)
{
    struct workload workload;
    ck_assert(workload_parse("echo:1k", &workload, error));
    struct byte_buffer other = {0};
    byte_buffer_append(&other, workload.request.bytes, workload.request.size);
    workload_set_number(&workload, other.bytes, 1);
    workload_set_number(&workload, workload.request.bytes, 2);
    struct resp_scanner scanner = {0};
    size_t size = 0;
    crew_slice reply = {other.bytes + workload.echo_offset, other.size - workload.echo_offset};
    ck_assert_int_eq(judge(&workload, reply, &scanner, &size), WORKLOAD_WRONG);
    ck_assert_uint_eq(size, reply.size);
    byte_buffer_free(&other);
    workload_free(&workload);
}
END_TEST

Suite *workload_suite(void)
{
    Suite *suite = suite_create("workload");
    TCase *tests = tcase_create("workload");
    tcase_add_loop_test(tests, request, 0, COUNT(accepted));
    tcase_add_loop_test(tests, refusal, 0, COUNT(refused));
    tcase_add_test(tests, most_words);
    tcase_add_loop_test(tests, number, 0, COUNT(numbers));
    tcase_add_loop_test(tests, verdict, 0, COUNT(replies));
    tcase_add_test(tests, swapped_replies);
    suite_add_tcase(suite, tests);
    return suite;
}
