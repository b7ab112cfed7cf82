/* SPDX-License-Identifier: MIT */
/* The load of crew-bench peers, against servers in threads of the test's own. */
#include "bench/base/bench_interrupt.h"
#include "bench/peers/closed_load.h"
#include "bench/peers/wrong_reply.h"
#include "common/clock.h"
#include "tests/unit/stub_server.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PING "*1\r\n$4\r\nPING\r\n"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { BIG = 16 * 1024 * 1024 }; /* no socket's buffers take that at once */

static const struct load_exchange ping = {PING, 14, "+PONG\r\n", 7, 1};
static const struct load_exchange three_pings = {PING PING PING, 42, "+PONG\r\n+PONG\r\n+PONG\r\n",
                                                 21, 3};

static struct stub_server server;
static struct closed_load load;
static struct load_result result;
static char error[BENCH_ERROR_SIZE];

static void start(void)
{
    server = stub_server_of_pings();
    stub_server_start(&server);
}

static void stop(void)
{
    closed_load_close(&load);
    stub_server_stop(&server);
}

static void open_load(size_t connections)
{
    uint16_t port = (uint16_t)strtoul(server.endpoint.port, NULL, 10);
    ck_assert_msg(closed_load_open(&load, port, connections, error), "%s", error);
}

static void run(const struct load_part *parts, size_t count, uint64_t duration_ms)
{
    ck_assert_msg(closed_load_run(&load, parts, count, duration_ms * NS_PER_MS, &result, error),
                  "%s", error);
}

static uint64_t served(void)
{
    return atomic_load(&server.requests);
}

START_TEST(every_reply_is_counted_once)
{
    const struct load_part part = {.exchange = &ping, .connections = 4};
    open_load(4);
    run(&part, 1, 30);
    ck_assert_uint_ge(result.requests, 4);
    ck_assert_eventually(served() == result.requests);
    ck_assert_uint_eq(histogram_count(&load.response_time), result.requests);
    ck_assert_double_ge(result.seconds, 0.03);
    ck_assert_double_gt(result.generator_share, 0);
    ck_assert_double_le(result.generator_share, 1.01);
}
END_TEST

START_TEST(a_second_run_counts_anew)
{
    const struct load_part part = {.exchange = &ping, .connections = 3};
    open_load(3);
    run(&part, 1, 20);
    run(&part, 1, 0);
    ck_assert_uint_eq(result.requests, 3);
    ck_assert_uint_eq(histogram_count(&load.response_time), 3);
}
END_TEST

START_TEST(some_stand_by)
{
    const struct load_part part = {.exchange = &ping, .connections = 2};
    open_load(5);
    run(&part, 1, 0);
    ck_assert_uint_eq(result.requests, 2);
    ck_assert_eventually(served() == 2);
}
END_TEST

START_TEST(requests_are_sent_at_once)
{
    const struct load_part part = {.exchange = &three_pings, .connections = 2};
    open_load(2);
    run(&part, 1, 10);
    ck_assert_eventually(served() == result.requests);
    ck_assert_uint_eq(result.requests, 3 * histogram_count(&load.response_time));
}
END_TEST

/* Two connections, a request each millisecond: 20 each, whether they are late or not. */
START_TEST(a_schedule_is_kept)
{
    const struct load_part part = {.exchange = &ping, .connections = 2, .interval_ns = NS_PER_MS};
    open_load(2);
    run(&part, 1, 20);
    ck_assert_uint_eq(result.requests, 40);
    ck_assert_eventually(served() == 40);
    ck_assert_double_ge(result.seconds, 0.0195);
}
END_TEST

/* Ten requests, one due each millisecond; each takes five, so the last is done 50 ms after the
 * first was due, 41 after its own time. A closed loop would say 5 ms. */
START_TEST(times_run_from_the_schedule)
{
    const struct load_part part = {.exchange = &ping, .connections = 1, .interval_ns = NS_PER_MS};
    atomic_store(&server.delay_ns, 5 * NS_PER_MS);
    open_load(1);
    run(&part, 1, 10);
    ck_assert_uint_eq(result.requests, 10);
    ck_assert_uint_ge(histogram_max_ns(&load.response_time), 41 * NS_PER_MS);
}
END_TEST

/* Of four connections that begin 20 ms apart, two have their turn within 30 ms. */
START_TEST(connections_begin_one_after_the_other)
{
    const struct load_part part = {
        .exchange = &ping, .connections = 4, .spread_ns = 80 * NS_PER_MS};
    open_load(4);
    run(&part, 1, 30);
    ck_assert_uint_ge(result.requests, 2);
    ck_assert_double_ge(result.seconds, 0.030);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(!load.connections[i].waiting);
        ck_assert_uint_eq(load.connections[i].received, i < 2 ? ping.reply_size : 0);
    }
}
END_TEST

START_TEST(only_the_first_part_is_recorded)
{
    const struct load_part parts[] = {
        {.exchange = &ping, .connections = 1, .interval_ns = 5 * NS_PER_MS},
        {.exchange = &ping, .connections = 3}};
    open_load(4);
    run(parts, 2, 20);
    ck_assert_uint_eq(result.requests, 4);
    ck_assert_uint_eq(histogram_count(&load.response_time), 4);
    ck_assert_eventually(served() >= 4 + 3);
}
END_TEST

/* What the server replies, and what is said of it. */
static const struct {
    const char *reply;
    const char *said;
} wrong_replies[] = {
    {"+PING\r\n", "wrong reply: from byte 2 on it is 'ING\\r\\n' instead of 'ONG\\r\\n'"},
    {"-ERR no\r\n", "wrong reply: from byte 0 on it is '-ERR no\\r\\n' instead of '+PONG\\r\\n'"},
    {"+PONG\r\n+", "wrong reply: from byte 7 on it is '+' instead of ''"},
    {"+PONG\r\r", "wrong reply: from byte 6 on it is '\\r' instead of '\\n'"},
};

START_TEST(a_wrong_reply_fails)
{
    const struct load_part part = {.exchange = &ping, .connections = 2};
    server.reply = wrong_replies[_i].reply;
    open_load(2);
    ck_assert(!closed_load_run(&load, &part, 1, NS_PER_S, &result, error));
    ck_assert_str_eq(error, wrong_replies[_i].said);
}
END_TEST

/* One request, two replies: right bytes, but too many of them. */
START_TEST(a_reply_too_many_fails)
{
    static const char replies[] = "+PONG\r\n+PONG\r\n";
    const struct load_exchange exchange = {PING, 14, replies, 7, 1};
    const struct load_part part = {.exchange = &exchange, .connections = 1};
    server.reply = replies;
    open_load(1);
    ck_assert(!closed_load_run(&load, &part, 1, NS_PER_S, &result, error));
    ck_assert_str_eq(error, "wrong reply: from byte 7 on it is '+PONG\\r\\n' instead of ''");
}
END_TEST

START_TEST(an_early_close_fails)
{
    const struct load_part part = {.exchange = &ping, .connections = 2};
    atomic_store(&server.mode, STUB_CLOSES);
    open_load(2);
    ck_assert(!closed_load_run(&load, &part, 1, NS_PER_S, &result, error));
    ck_assert_str_eq(error, "the server closed a connection: Connection reset by peer");
}
END_TEST

START_TEST(ctrl_c_ends_it)
{
    const struct load_part part = {.exchange = &ping, .connections = 2};
    atomic_store(&server.mode, STUB_SILENT);
    open_load(2);
    bench_interrupt_install();
    ck_assert_int_eq(raise(SIGINT), 0);
    ck_assert(!closed_load_run(&load, &part, 1, NS_PER_S, &result, error));
    ck_assert_str_eq(error, "");
}
END_TEST

/* ---- replies that come in parts ---- */

static int listen_fd;

/* A port that nobody else gets, either. */
static uint16_t bind_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listen_fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(listen_fd, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

START_TEST(nobody_listens)
{
    uint16_t port = bind_port();
    ck_assert(!closed_load_open(&load, port, 2, error));
    ck_assert_ptr_nonnull(strstr(error, "connection 1 of 2 to 127.0.0.1:"));
    ck_assert_ptr_nonnull(strstr(error, ": Connection refused"));
    closed_load_close(&load);
    close(listen_fd);
}
END_TEST

static char *big;  /* what is sent */
static char *back; /* what came, and goes back */

/* Takes a whole request before it sends it back in one piece, so that both ways fill up; one byte
 * is broken on request. */
static void *echo(void *argument)
{
    const size_t *broken = argument;
    size_t size = 0;
    ssize_t part = 0;
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    while ((part = recv(fd, back + size, BIG - size, 0)) > 0) {
        size += (size_t)part;
        if (size < BIG)
            continue;
        if (*broken < BIG)
            back[*broken] ^= 1;
        if (send(fd, back, BIG, MSG_NOSIGNAL) != BIG) /* the other side gave up */
            break;
        size = 0;
    }
    close(fd);
    return NULL;
}

/* Sends many megabytes there and back until 20 ms are over, with one byte broken. */
static bool run_big(size_t broken)
{
    big = malloc(BIG);
    back = malloc(BIG);
    ck_assert(big != NULL && back != NULL);
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)(i % 251);
    const struct load_exchange exchange = {big, BIG, big, BIG, 1};
    const struct load_part part = {.exchange = &exchange, .connections = 1};
    uint16_t port = bind_port();
    ck_assert_int_eq(listen(listen_fd, 1), 0);
    pthread_t thread = thread_start(echo, &broken);
    ck_assert(closed_load_open(&load, port, 1, error));
    bool good = closed_load_run(&load, &part, 1, 20 * NS_PER_MS, &result, error);
    closed_load_close(&load);
    thread_join(thread);
    close(listen_fd);
    free(big);
    free(back);
    return good;
}

START_TEST(megabytes_in_parts)
{
    ck_assert_msg(run_big(SIZE_MAX), "%s", error);
    ck_assert_uint_ge(result.requests, 1);
}
END_TEST

START_TEST(a_broken_byte_in_megabytes)
{
    ck_assert(!run_big(BIG - 5));
    ck_assert_msg(strncmp(error, "wrong reply: from byte 16777211 on it is ", 41) == 0, "%s",
                  error);
}
END_TEST

/* ---- the text ---- */

START_TEST(wrong_bytes_are_shown)
{
    static const char came[] = "ab\x01\xff\n012345678901234567890123456789012345678";
    wrong_reply_explain(100, came, sizeof(came) - 1, "ac", 2, error);
    ck_assert_str_eq(error, "wrong reply: from byte 101 on it is "
                            "'b\\x01\\xff\\n012345678901234567890123456789012345...' "
                            "instead of 'c'");
    wrong_reply_explain(0, "abc", 3, "abcd", 4, error);
    ck_assert_str_eq(error, "wrong reply: from byte 3 on it is '' instead of 'd'");
}
END_TEST

Suite *peer_load_suite(void)
{
    Suite *suite = suite_create("peer_load");
    TCase *loads = tcase_create("loads");
    tcase_add_checked_fixture(loads, start, stop);
    tcase_add_test(loads, every_reply_is_counted_once);
    tcase_add_test(loads, a_second_run_counts_anew);
    tcase_add_test(loads, some_stand_by);
    tcase_add_test(loads, requests_are_sent_at_once);
    tcase_add_test(loads, a_schedule_is_kept);
    tcase_add_test(loads, times_run_from_the_schedule);
    tcase_add_test(loads, connections_begin_one_after_the_other);
    tcase_add_test(loads, only_the_first_part_is_recorded);
    tcase_add_loop_test(loads, a_wrong_reply_fails, 0, COUNT(wrong_replies));
    tcase_add_test(loads, a_reply_too_many_fails);
    tcase_add_test(loads, an_early_close_fails);
    tcase_add_test(loads, ctrl_c_ends_it);
    suite_add_tcase(suite, loads);
    TCase *parts = tcase_create("parts");
    tcase_add_test(parts, nobody_listens);
    tcase_add_test(parts, megabytes_in_parts);
    tcase_add_test(parts, a_broken_byte_in_megabytes);
    tcase_add_test(parts, wrong_bytes_are_shown);
    suite_add_tcase(suite, parts);
    return suite;
}
