/* SPDX-License-Identifier: MIT */
/* How connections end: for good, and with each request to a raw:// server. */
#include "tests/unit/bench_pair.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static struct bench_pair pair;

/* ---- ends ---- */

START_TEST(closed_by_the_server)
{
    bench_pair_open(&pair, "ping", 2, true);
    bench_pair_queue_and_send(&pair, 2);
    ck_assert_uint_gt(bench_pair_drain(&pair, pair.scratch, sizeof(pair.scratch)), 0);
    bench_pair_answer_text(&pair, "+PONG\r\n+PO");
    bench_pair_close_peer(&pair);
    bench_pair_receive(&pair);
    bench_pair_take(&pair, REPLY_RIGHT, 0, "+PONG\r\n");
    bench_pair_take_none(&pair);
    errno = EIO;
    ck_assert_int_eq(bench_connection_receive(&pair.connection, pair.scratch), BENCH_IO_LOST);
    ck_assert_int_eq(errno, 0);
    ck_assert_int_eq(bench_connection_send(&pair.connection), BENCH_IO_DONE);
    bench_pair_queue(&pair, 1);
    ck_assert_int_eq(bench_connection_send(&pair.connection), BENCH_IO_LOST);
    ck_assert_int_eq(errno, EPIPE);
    bench_pair_close(&pair);
}
END_TEST

/* With unread requests, closing is a reset. */
START_TEST(reset_by_the_server)
{
    bench_pair_open(&pair, "ping", 1, true);
    bench_pair_queue_and_send(&pair, 1);
    bench_pair_close_peer(&pair);
    ck_assert_int_eq(bench_connection_receive(&pair.connection, pair.scratch), BENCH_IO_LOST);
    ck_assert_int_eq(errno, ECONNRESET);
    bench_connection_close(&pair.connection);
    ck_assert_int_eq(pair.connection.channel.fd, -1);
    ck_assert_uint_eq(pair.connection.outstanding, 1);
    bench_pair_close(&pair);
}
END_TEST

/* ---- raw ---- */

/* A listening socket on a free port. */
static int listen_somewhere(struct sockaddr_storage *address, socklen_t *size)
{
    struct sockaddr_in local = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    *size = sizeof(*address);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, size), 0);
    return fd;
}

static void send_all(void)
{
    while (bench_connection_send(&pair.connection) == BENCH_IO_BLOCKED)
        ;
    ck_assert(!bench_connection_has_unsent(&pair.connection));
}

static void receive_to_the_end(void)
{
    enum bench_io result = BENCH_IO_BLOCKED;
    while ((result = bench_connection_receive(&pair.connection, pair.scratch)) != BENCH_IO_LOST)
        if (result == BENCH_IO_DONE)
            ck_assert(bench_connection_keep_rest(&pair.connection));
    ck_assert_int_eq(errno, 0);
}

/* Twice, so that nothing is left over from one request to the next. */
START_TEST(raw_request_and_reply)
{
    struct sockaddr_storage address;
    socklen_t size = 0;
    int listener = listen_somewhere(&address, &size);
    bench_pair_open(&pair, "text:Hello", 1, false);
    for (uint64_t i = 0; i < 2; i++) {
        ck_assert(bench_connection_dial_raw(&pair.connection, &address, size));
        bench_pair_queue(&pair, 1);
        send_all();
        pair.peer = accept(listener, NULL, NULL);
        char request[5];
        ck_assert_int_eq(recv(pair.peer, request, sizeof(request), MSG_WAITALL), sizeof(request));
        ck_assert_mem_eq(request, "Hello", 5);
        bench_pair_answer_text(&pair, "Hi ");
        bench_pair_answer_text(&pair, "there");
        bench_pair_close_peer(&pair);
        receive_to_the_end();
        struct bench_reply reply;
        ck_assert_int_eq(bench_connection_take_raw(&pair.connection, &reply), REPLY_RIGHT);
        ck_assert_uint_eq(reply.size, 8);
        ck_assert_mem_eq(reply.text, "Hi there", 8);
        ck_assert_uint_eq(reply.sent_ns, 2000 + i);
        ck_assert_uint_eq(pair.connection.outstanding, 0);
        bench_connection_close(&pair.connection);
    }
    close(listener);
    bench_pair_close(&pair);
}
END_TEST

START_TEST(raw_reply_is_empty)
{
    struct bench_reply reply;
    bench_pair_open(&pair, "text:Hello", 1, true);
    bench_pair_queue_and_send(&pair, 1);
    ck_assert_uint_eq(bench_pair_drain(&pair, pair.scratch, sizeof(pair.scratch)), 5);
    bench_pair_close_peer(&pair);
    receive_to_the_end();
    ck_assert_int_eq(bench_connection_take_raw(&pair.connection, &reply), REPLY_WRONG);
    bench_pair_close(&pair);
}
END_TEST

START_TEST(raw_reply_comes_before_the_request)
{
    struct bench_reply reply;
    bench_pair_open(&pair, "text:Hello", 1, true);
    bench_pair_queue(&pair, 1);
    bench_pair_answer_text(&pair, "bye");
    bench_pair_close_peer(&pair);
    receive_to_the_end();
    ck_assert_int_eq(bench_connection_take_raw(&pair.connection, &reply), REPLY_WRONG);
    ck_assert_uint_eq(reply.size, 3);
    bench_pair_close(&pair);
}
END_TEST

Suite *bench_connection_end_suite(void)
{
    Suite *suite = suite_create("bench_connection_end");
    TCase *tests = tcase_create("bench_connection_end");
    tcase_add_test(tests, closed_by_the_server);
    tcase_add_test(tests, reset_by_the_server);
    tcase_add_test(tests, raw_request_and_reply);
    tcase_add_test(tests, raw_reply_is_empty);
    tcase_add_test(tests, raw_reply_comes_before_the_request);
    suite_add_tcase(suite, tests);
    return suite;
}
