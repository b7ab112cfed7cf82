/* SPDX-License-Identifier: MIT */
#include "tests/unit/bench_pair.h"

#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void bench_pair_open(struct bench_pair *pair, const char *spec, size_t pipeline, bool connected)
{
    char error[BENCH_ERROR_SIZE];
    int sockets[2] = {-1, -1};
    pair->content.state = 1;
    pair->number = 0;
    ck_assert_msg(workload_parse(spec, &pair->workload, error), "%s", error);
    if (connected)
        ck_assert_int_eq(
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets), 0);
    ck_assert(bench_connection_init(&pair->connection, (struct channel){.fd = sockets[0]},
                                    &pair->workload, pipeline));
    pair->peer = sockets[1];
}

void bench_pair_close(struct bench_pair *pair)
{
    bench_connection_free(&pair->connection);
    ck_assert_int_eq(pair->connection.channel.fd, -1);
    ck_assert_ptr_null(pair->connection.requests);
    workload_free(&pair->workload);
    bench_pair_close_peer(pair);
}

void bench_pair_close_peer(struct bench_pair *pair)
{
    if (pair->peer >= 0)
        close(pair->peer);
    pair->peer = -1;
}

void bench_pair_queue(struct bench_pair *pair, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = pair->number++;
        ck_assert(bench_connection_has_room(&pair->connection));
        ck_assert(bench_connection_queue(&pair->connection, number, 1000 + number, 2000 + number,
                                         &pair->content));
    }
}

void bench_pair_queue_and_send(struct bench_pair *pair, size_t count)
{
    bench_pair_queue(pair, count);
    ck_assert_int_eq(bench_connection_send(&pair->connection), BENCH_IO_DONE);
    ck_assert(!bench_connection_has_unsent(&pair->connection));
}

size_t bench_pair_drain(struct bench_pair *pair, char *bytes, size_t size)
{
    size_t got = 0;
    ssize_t part = 0;
    while (got < size && (part = recv(pair->peer, bytes + got, size - got, 0)) > 0)
        got += (size_t)part;
    return got;
}

void bench_pair_answer(struct bench_pair *pair, const char *bytes, size_t size)
{
    ck_assert_int_eq(send(pair->peer, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
}

void bench_pair_answer_text(struct bench_pair *pair, const char *text)
{
    bench_pair_answer(pair, text, strlen(text));
}

void bench_pair_receive(struct bench_pair *pair)
{
    ck_assert_int_eq(bench_connection_receive(&pair->connection, pair->scratch), BENCH_IO_DONE);
}

void bench_pair_take(struct bench_pair *pair, enum reply_verdict verdict, uint64_t expected,
                     const char *text)
{
    struct bench_reply reply;
    size_t outstanding = pair->connection.outstanding;
    ck_assert_int_eq(bench_connection_take_reply(&pair->connection, &reply), verdict);
    ck_assert_uint_eq(reply.scheduled_ns, 1000 + expected);
    ck_assert_uint_eq(reply.sent_ns, 2000 + expected);
    ck_assert_uint_eq(reply.size, strlen(text));
    ck_assert_mem_eq(reply.text, text, reply.size);
    ck_assert_uint_eq(pair->connection.outstanding, outstanding - 1);
}

void bench_pair_take_none(struct bench_pair *pair)
{
    struct bench_reply reply;
    size_t outstanding = pair->connection.outstanding;
    ck_assert_int_eq(bench_connection_take_reply(&pair->connection, &reply), REPLY_PARTIAL);
    ck_assert_uint_eq(pair->connection.outstanding, outstanding);
    ck_assert(bench_connection_keep_rest(&pair->connection));
}
