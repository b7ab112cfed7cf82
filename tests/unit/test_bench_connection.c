/* SPDX-License-Identifier: MIT */
#include "tests/unit/bench_pair.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct bench_pair pair;

/* Nothing more can be followed; all that was received shows what came. */
static void take_malformed(const char *text)
{
    struct bench_reply reply;
    ck_assert_int_eq(bench_connection_take_reply(&pair.connection, &reply), REPLY_MALFORMED);
    ck_assert_uint_eq(reply.size, strlen(text));
    ck_assert_mem_eq(reply.text, text, reply.size);
}

#define ECHO "*2\r\n$4\r\nECHO\r\n"

/* ---- requests ---- */

START_TEST(requests_are_sent_in_order)
{
    static const char expected[] = ECHO "$3\r\n000\r\n" ECHO "$3\r\n001\r\n" ECHO "$3\r\n002\r\n";
    char got[256];
    bench_pair_open(&pair, "echo:3", 3, true);
    bench_pair_queue(&pair, 3);
    ck_assert(bench_connection_has_unsent(&pair.connection));
    ck_assert(!bench_connection_has_room(&pair.connection));
    ck_assert_int_eq(bench_connection_send(&pair.connection), BENCH_IO_DONE);
    ck_assert_uint_eq(bench_pair_drain(&pair, got, sizeof(got)), sizeof(expected) - 1);
    ck_assert_mem_eq(got, expected, sizeof(expected) - 1);
    ck_assert_uint_eq(pair.connection.outstanding, 3);
    bench_pair_close(&pair);
}
END_TEST

START_TEST(nothing_to_send)
{
    bench_pair_open(&pair, "ping", 1, true);
    ck_assert_int_eq(bench_connection_send(&pair.connection), BENCH_IO_DONE);
    ck_assert_uint_eq(bench_pair_drain(&pair, pair.scratch, sizeof(pair.scratch)), 0);
    bench_pair_close(&pair);
}
END_TEST

/* A full socket takes parts, large or small; what the peer gets is whole and in order. */
START_TEST(short_writes)
{
    enum { REQUESTS = 64, REQUEST_SIZE = 5000 + 26, ALL = REQUESTS * REQUEST_SIZE };
    static char got[ALL + 1];
    int smallest = 1;
    struct byte_buffer expected = {0};
    size_t blocked = 0;
    size_t size = 0;
    bench_pair_open(&pair, "echo:5000", REQUESTS, true);
    if (_i == 1)
        ck_assert_int_eq(setsockopt(pair.connection.channel.fd, SOL_SOCKET, SO_SNDBUF, &smallest,
                                    sizeof(smallest)),
                         0);
    bench_pair_queue(&pair, REQUESTS);
    for (uint64_t i = 0; i < REQUESTS; i++)
        request_kind_encode(&pair.workload.kinds[0], i, &pair.content, &expected);
    while (bench_connection_send(&pair.connection) == BENCH_IO_BLOCKED) {
        ck_assert(bench_connection_has_unsent(&pair.connection));
        blocked++;
        size += bench_pair_drain(&pair, got + size, sizeof(got) - size);
    }
    ck_assert(!bench_connection_has_unsent(&pair.connection));
    size += bench_pair_drain(&pair, got + size, sizeof(got) - size);
    ck_assert_uint_ge(blocked, _i == 0 ? 1 : 3);
    ck_assert_uint_eq(size, expected.size);
    ck_assert_mem_eq(got, expected.bytes, size);
    byte_buffer_free(&expected);
    bench_pair_close(&pair);
}
END_TEST

/* ---- replies ---- */

START_TEST(one_after_another)
{
    bench_pair_open(&pair, "ping", 3, true);
    for (uint64_t i = 0; i < 10; i++) { /* round the ring three times */
        bench_pair_queue_and_send(&pair, 1);
        bench_pair_answer_text(&pair, "+PONG\r\n");
        bench_pair_receive(&pair);
        bench_pair_take(&pair, REPLY_RIGHT, i, "+PONG\r\n");
        bench_pair_take_none(&pair);
        ck_assert_uint_eq(pair.connection.outstanding, 0);
    }
    bench_pair_close(&pair);
}
END_TEST

START_TEST(several_at_once)
{
    bench_pair_open(&pair, "echo:2", 4, true);
    bench_pair_queue_and_send(&pair, 4);
    bench_pair_answer_text(&pair, "$2\r\n00\r\n$2\r\n01\r\n");
    bench_pair_receive(&pair);
    bench_pair_take(&pair, REPLY_RIGHT, 0, "$2\r\n00\r\n");
    bench_pair_take(&pair, REPLY_RIGHT, 1, "$2\r\n01\r\n");
    bench_pair_take_none(&pair);
    bench_pair_queue_and_send(&pair,
                              2); /* into the places that are free again, at the ring's beginning */
    bench_pair_answer_text(&pair, "$2\r\n02\r\n$2\r\n03\r\n$2\r\n04\r\n$2\r\n05\r\n");
    bench_pair_receive(&pair);
    for (uint64_t i = 2; i < 6; i++) {
        char text[16];
        snprintf(text, sizeof(text), "$2\r\n0%d\r\n", (int)i);
        bench_pair_take(&pair, REPLY_RIGHT, i, text);
    }
    bench_pair_take_none(&pair);
    bench_pair_close(&pair);
}
END_TEST

static const char stream[] = "$5\r\n00000\r\n-ERR no\r\n$5\r\n00002\r\n$5\r\n7\r\n03\r\n";

/* The four replies of `stream`, of which `from` are taken already, as far as they have come. */
static uint64_t take_stream(uint64_t from, uint64_t limit)
{
    static const struct {
        enum reply_verdict verdict;
        const char *text;
    } expected[] = {{REPLY_RIGHT, "$5\r\n00000\r\n"},
                    {REPLY_ERROR, "-ERR no\r\n"},
                    {REPLY_RIGHT, "$5\r\n00002\r\n"},
                    {REPLY_WRONG, "$5\r\n7\r\n03\r\n"}};
    for (; from < limit; from++)
        bench_pair_take(&pair, expected[from].verdict, from, expected[from].text);
    bench_pair_take_none(&pair);
    return from;
}

/* How many replies of `stream` are whole within its first `size` bytes. */
static uint64_t whole_replies(size_t size)
{
    static const size_t ends[] = {11, 20, 31, sizeof(stream) - 1};
    uint64_t count = 0;
    while (count < 4 && ends[count] <= size)
        count++;
    return count;
}

START_TEST(cut_at_every_byte)
{
    size_t cut = (size_t)_i;
    bench_pair_open(&pair, "echo:5", 4, true);
    bench_pair_queue_and_send(&pair, 4);
    bench_pair_answer(&pair, stream, cut);
    bench_pair_receive(&pair);
    uint64_t taken = take_stream(0, whole_replies(cut));
    bench_pair_answer(&pair, stream + cut, sizeof(stream) - 1 - cut);
    bench_pair_receive(&pair);
    ck_assert_uint_eq(take_stream(taken, 4), 4);
    ck_assert_uint_eq(pair.connection.input.size, 0);
    bench_pair_close(&pair);
}
END_TEST

START_TEST(byte_by_byte)
{
    uint64_t taken = 0;
    bench_pair_open(&pair, "echo:5", 4, true);
    bench_pair_queue_and_send(&pair, 4);
    for (size_t i = 0; i < sizeof(stream) - 1; i++) {
        bench_pair_answer(&pair, stream + i, 1);
        bench_pair_receive(&pair);
        taken = take_stream(taken, whole_replies(i + 1));
    }
    ck_assert_uint_eq(taken, 4);
    bench_pair_close(&pair);
}
END_TEST

/* A reply of many reads, with the next one behind it in the last read. */
START_TEST(longer_than_one_read)
{
    enum { SIZE = 300 * 1000 };
    struct byte_buffer replies = {0};
    struct bench_reply reply;
    uint64_t taken = 0;
    bench_pair_open(&pair, "echo:300000", 2, true);
    bench_pair_queue(&pair, 2);
    while (bench_connection_send(&pair.connection) == BENCH_IO_BLOCKED)
        (void)bench_pair_drain(&pair, pair.scratch, sizeof(pair.scratch));
    for (uint64_t i = 0; i < 2; i++) {
        struct byte_buffer request = {0};
        request_kind_encode(&pair.workload.kinds[0], i, &pair.content, &request);
        byte_buffer_append(&replies, request.bytes + pair.workload.kinds[0].echo_offset,
                           request.size - pair.workload.kinds[0].echo_offset);
        byte_buffer_free(&request);
    }
    for (size_t at = 0; at < replies.size;) {
        size_t left = replies.size - at;
        ssize_t sent = send(pair.peer, replies.bytes + at, left, MSG_NOSIGNAL);
        ck_assert(sent > 0 || errno == EAGAIN);
        at += sent > 0 ? (size_t)sent : 0;
        bench_pair_receive(&pair);
        while (bench_connection_take_reply(&pair.connection, &reply) != REPLY_PARTIAL) {
            ck_assert_uint_eq(reply.size, replies.size / 2);
            ck_assert_mem_eq(reply.text, replies.bytes + taken * reply.size, reply.size);
            ck_assert_uint_eq(reply.sent_ns, 2000 + taken++);
        }
        ck_assert(bench_connection_keep_rest(&pair.connection));
    }
    while (bench_connection_receive(&pair.connection, pair.scratch) == BENCH_IO_DONE) {
        while (bench_connection_take_reply(&pair.connection, &reply) == REPLY_RIGHT)
            taken++;
        ck_assert(bench_connection_keep_rest(&pair.connection));
    }
    ck_assert_uint_eq(taken, 2);
    byte_buffer_free(&replies);
    bench_pair_close(&pair);
}
END_TEST

/* Each kind of a mix has its own right reply, which comes with the request. */
START_TEST(replies_of_a_mix)
{
    static const char *const replies[] = {"+PONG\r\n", "+OK\r\n"};
    bench_pair_open(&pair, "mix:50%ping,50%sleep:1ms", 32, true);
    bench_pair_queue_and_send(&pair, 32);
    size_t pings = 0;
    for (uint64_t i = 0; i < 32; i++) {
        size_t kind = pair.connection.requests[i].kind;
        pings += kind == 0 ? 1 : 0;
        bench_pair_answer_text(&pair, replies[kind]);
        bench_pair_receive(&pair);
        bench_pair_take(&pair, REPLY_RIGHT, i, replies[kind]);
        bench_pair_take_none(&pair);
    }
    ck_assert(pings > 5 && pings < 27);
    bench_pair_close(&pair);
}
END_TEST

START_TEST(not_resp)
{
    bench_pair_open(&pair, "ping", 2, true);
    bench_pair_queue_and_send(&pair, 2);
    bench_pair_answer_text(&pair, "+PONG\r\nHTTP/1.1 400\r\n");
    bench_pair_receive(&pair);
    bench_pair_take(&pair, REPLY_RIGHT, 0, "+PONG\r\n");
    take_malformed("HTTP/1.1 400\r\n");
    ck_assert_uint_eq(pair.connection.outstanding, 1);
    bench_pair_close(&pair);
}
END_TEST

START_TEST(reply_to_no_request)
{
    bench_pair_open(&pair, "ping", 2, true);
    bench_pair_queue_and_send(&pair, 1);
    bench_pair_answer_text(&pair, "+PONG\r\n+PONG\r\n");
    bench_pair_receive(&pair);
    bench_pair_take(&pair, REPLY_RIGHT, 0, "+PONG\r\n");
    take_malformed("+PONG\r\n");
    bench_pair_close(&pair);
}
END_TEST

/* Right as the reply may look, it cannot answer what has not been sent to its last byte. */
START_TEST(reply_to_an_unsent_request)
{
    bench_pair_open(&pair, "ping", 3, true);
    bench_pair_queue_and_send(&pair, 1);
    bench_pair_queue(&pair, 1);
    bench_pair_answer_text(&pair, "+PONG\r\n+PONG\r\n");
    bench_pair_receive(&pair);
    bench_pair_take(&pair, REPLY_RIGHT, 0, "+PONG\r\n");
    take_malformed("+PONG\r\n");
    pair.connection.output_sent = pair.connection.output.size - 1; /* all but one byte */
    take_malformed("+PONG\r\n");
    pair.connection.output_sent = pair.connection.output.size;
    bench_pair_take(&pair, REPLY_RIGHT, 1, "+PONG\r\n");
    bench_pair_close(&pair);
}
END_TEST

START_TEST(nothing_has_come)
{
    bench_pair_open(&pair, "ping", 1, true);
    ck_assert_int_eq(bench_connection_receive(&pair.connection, pair.scratch), BENCH_IO_BLOCKED);
    bench_pair_take_none(&pair);
    bench_pair_close(&pair);
}
END_TEST

Suite *bench_connection_suite(void)
{
    Suite *suite = suite_create("bench_connection");
    TCase *tests = tcase_create("bench_connection");
    tcase_add_test(tests, requests_are_sent_in_order);
    tcase_add_test(tests, nothing_to_send);
    tcase_add_loop_test(tests, short_writes, 0, 2);
    tcase_add_test(tests, one_after_another);
    tcase_add_test(tests, several_at_once);
    tcase_add_loop_test(tests, cut_at_every_byte, 1, (int)sizeof(stream) - 1);
    tcase_add_test(tests, byte_by_byte);
    tcase_add_test(tests, longer_than_one_read);
    tcase_add_test(tests, replies_of_a_mix);
    tcase_add_test(tests, not_resp);
    tcase_add_test(tests, reply_to_no_request);
    tcase_add_test(tests, reply_to_an_unsent_request);
    tcase_add_test(tests, nothing_has_come);
    suite_add_tcase(suite, tests);
    return suite;
}
