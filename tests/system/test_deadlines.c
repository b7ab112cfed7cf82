/* SPDX-License-Identifier: MIT */
/* How long a client may take over what. Whoever drips bytes, either way, gains nothing by it. */
#include "common/byte_buffer.h"
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_MS = 1000 };

#define TOO_LATE "-ERR Protocol error: request not complete within 1s\r\n"

static uint64_t milliseconds_since(uint64_t started_ns)
{
    return (monotonic_ns() - started_ns) / NS_PER_MS;
}

/* Lets a little time pass, by a question to the server. */
static void pause_for_a_while(int watcher)
{
    for (int i = 0; i < 20; i++)
        (void)wire_info(watcher, "connected_clients");
}

/* Sends a request that never ends byte by byte until the server has had enough; returns when. */
static uint64_t drip_until_closed(int watcher, int fd)
{
    uint64_t started_ns = monotonic_ns();
    wire_send_text(fd, "*1\r\n$100000\r\n");
    while (wire_info(watcher, "closed_request_timeout") < 1) {
        ck_assert_uint_lt(milliseconds_since(started_ns), PATIENCE_MS);
        (void)send(fd, "x", 1, MSG_NOSIGNAL); /* the server may be gone by now */
        pause_for_a_while(watcher);
    }
    return milliseconds_since(started_ns);
}

START_TEST(a_client_that_drips_a_byte_a_second)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --request-timeout 1s");
    int watcher = wire_connect(server.url);
    int dripping = wire_connect(server.url);
    uint64_t took_ms = drip_until_closed(watcher, dripping);
    ck_assert_uint_ge(took_ms, TIMEOUT_MS);
    wire_expect(dripping, TOO_LATE);
    wire_expect_end(dripping);
    ck_assert_double_eq(wire_info(watcher, "closed_request_timeout"), 1);
    close(dripping);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

START_TEST(who_stops_amid_a_request_is_told_and_may_still_send)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --request-timeout 1s");
    int fd = wire_connect(server.url);
    wire_exchange(fd, "PING\r\nPI", "+PONG\r\n");
    wire_expect(fd, TOO_LATE);
    wire_send_text(fd, "NG\r\nPING\r\n"); /* not run, and no reason for a reset */
    wire_expect_end(fd);
    close(fd);
    fixture_wait_info(&server, "closed_request_timeout", 1);
    fixture_stop(&server);
}
END_TEST

/* Always amid a request, but never amid the same one for long. */
START_TEST(each_request_has_its_own_time)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --request-timeout 1s");
    int watcher = wire_connect(server.url);
    int fd = wire_connect(server.url);
    int empty = wire_connect(server.url); /* empty requests are requests too */
    uint64_t started_ns = monotonic_ns();
    wire_send_text(fd, "PI");
    wire_send_text(empty, "*");
    while (milliseconds_since(started_ns) < 4 * TIMEOUT_MS) {
        wire_exchange(fd, "NG\r\nPI", "+PONG\r\n");
        wire_send_text(empty, "0\r\n*");
        pause_for_a_while(watcher);
    }
    wire_exchange(fd, "NG\r\n", "+PONG\r\n");
    wire_exchange(empty, "0\r\nPING\r\n", "+PONG\r\n");
    ck_assert_double_eq(wire_info(watcher, "closed_request_timeout"), 0);
    close(empty);
    close(fd);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_slow_command_is_no_slow_request)
{
    struct fixture server;
    fixture_start(&server, "--workers 1 --request-timeout 1s --idle-timeout 1s");
    int fd = wire_connect(server.url);
    wire_exchange(fd, "WORK SLEEP 2500000\r\nPING\r\n", "+OK\r\n+PONG\r\n");
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_raw_client_that_sends_nothing_is_closed_silently)
{
    struct fixture server;
    char raw_url[ENDPOINT_TEXT_SIZE];
    fixture_start(&server, "--workers 2 --request-timeout 1s --listen tcp://127.0.0.1:0 --listen "
                           "raw://127.0.0.1:0");
    fixture_url(&server, 1, raw_url);
    int fd = wire_connect(raw_url);
    wire_expect_end(fd);
    close(fd);
    ck_assert_double_eq(fixture_info(&server, "closed_request_timeout"), 1);
    fixture_stop(&server);
}
END_TEST

START_TEST(without_a_timeout_a_request_may_take_for_ever)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --request-timeout 0 --idle-timeout 1s");
    int slow = wire_connect(server.url);
    wire_send_text(slow, "PI");
    int idle = wire_connect(server.url);
    wire_expect_end(idle);
    wire_exchange(slow, "NG\r\n", "+PONG\r\n");
    close(idle);
    close(slow);
    fixture_stop(&server);
}
END_TEST

START_TEST(an_idle_client_is_closed_silently)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --idle-timeout 1s");
    uint64_t started_ns = monotonic_ns();
    int silent = wire_connect(server.url);
    int once = wire_connect(server.url);
    wire_exchange(once, "PING\r\n", "+PONG\r\n");
    int busy = wire_connect(server.url);
    while (wire_info(busy, "closed_idle") < 2)
        ck_assert_uint_lt(milliseconds_since(started_ns), PATIENCE_MS);
    ck_assert_uint_ge(milliseconds_since(started_ns), TIMEOUT_MS);
    wire_expect_end(silent);
    wire_expect_end(once);
    wire_exchange(busy, "PING\r\n", "+PONG\r\n");
    ck_assert_double_eq(wire_info(busy, "closed_idle"), 2);
    close(silent);
    close(once);
    close(busy);
    fixture_stop(&server);
}
END_TEST

/* They are not even looked at. */
START_TEST(idle_clients_are_kept_by_default)
{
    enum { IDLE = 200 };
    int idle[IDLE];
    struct fixture server;
    fixture_start(&server, "--workers 2 --request-timeout 1s");
    for (int i = 0; i < IDLE; i++) {
        idle[i] = wire_connect(server.url);
        wire_exchange(idle[i], "PING\r\n", "+PONG\r\n");
    }
    double visits = wire_info(idle[0], "visits_total");
    int partial = wire_connect(server.url);
    wire_send_text(partial, "PI");
    wire_expect(partial, TOO_LATE);
    ck_assert_double_lt(wire_info(idle[0], "visits_total"), visits + IDLE / 2.0);
    for (int i = 0; i < IDLE; i++) {
        wire_exchange(idle[i], "PING\r\n", "+PONG\r\n");
        close(idle[i]);
    }
    close(partial);
    fixture_stop(&server);
}
END_TEST

/* ---- replies that are not taken ---- */

#define ASK_LARGE "WORK REPLY 60000000\r\n"

START_TEST(output_never_read)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --output-timeout 1s");
    int greedy = wire_connect(server.url);
    wire_send_text(greedy, ASK_LARGE);
    fixture_wait_info(&server, "closed_output_timeout", 1);
    close(greedy);
    fixture_stop(&server);
}
END_TEST

/* Reads what is there, at most `size` bytes; false when the connection has ended. */
static bool take(int fd, size_t size)
{
    char bytes[65536];
    ssize_t got = recv(fd, bytes, size < sizeof(bytes) ? size : sizeof(bytes), MSG_DONTWAIT);
    return got > 0 || (got < 0 && errno == EAGAIN);
}

START_TEST(a_client_that_drips_its_reads)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --output-timeout 1s");
    int watcher = wire_connect(server.url);
    int dripping = wire_connect(server.url);
    uint64_t started_ns = monotonic_ns();
    wire_exchange(dripping, ASK_LARGE, "$60000000\r\n");
    while (wire_info(watcher, "closed_output_timeout") < 1) {
        ck_assert_uint_lt(milliseconds_since(started_ns), PATIENCE_MS);
        (void)take(dripping, 65536);
        pause_for_a_while(watcher);
    }
    ck_assert_uint_ge(milliseconds_since(started_ns), TIMEOUT_MS);
    close(dripping);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

/* Replies always wait for it, but each is taken in time. */
START_TEST(each_backlog_of_replies_has_its_own_time)
{
    enum { AHEAD = 3 };
    struct fixture server;
    fixture_start(&server, "--workers 2 --output-timeout 1s");
    int fd = wire_connect(server.url);
    uint64_t started_ns = monotonic_ns();
    struct byte_buffer reply = {0};
    byte_buffer_printf(&reply, "$20000000\r\n");
    char *payload = byte_buffer_extend(&reply, 20000000);
    ck_assert_ptr_nonnull(payload);
    memset(payload, 'x', 20000000);
    byte_buffer_append_text(&reply, "\r\n");
    for (int i = 0; i < AHEAD; i++)
        wire_send_text(fd, "WORK REPLY 20000000\r\n");
    while (milliseconds_since(started_ns) < 4 * TIMEOUT_MS) {
        wire_send_text(fd, "WORK REPLY 20000000\r\n");
        wire_expect_bytes(fd, reply.bytes, reply.size);
    }
    for (int i = 0; i < AHEAD; i++)
        wire_expect_bytes(fd, reply.bytes, reply.size);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

Suite *deadlines_suite(void)
{
    Suite *suite = suite_create("deadlines");
    TCase *tests = tcase_create("deadlines");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_client_that_drips_a_byte_a_second);
    tcase_add_test(tests, who_stops_amid_a_request_is_told_and_may_still_send);
    tcase_add_test(tests, each_request_has_its_own_time);
    tcase_add_test(tests, a_slow_command_is_no_slow_request);
    tcase_add_test(tests, a_raw_client_that_sends_nothing_is_closed_silently);
    tcase_add_test(tests, without_a_timeout_a_request_may_take_for_ever);
    tcase_add_test(tests, an_idle_client_is_closed_silently);
    tcase_add_test(tests, idle_clients_are_kept_by_default);
    tcase_add_test(tests, output_never_read);
    tcase_add_test(tests, a_client_that_drips_its_reads);
    tcase_add_test(tests, each_backlog_of_replies_has_its_own_time);
    suite_add_tcase(suite, tests);
    return suite;
}
