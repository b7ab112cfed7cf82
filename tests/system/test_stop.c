/* SPDX-License-Identifier: MIT */
/* A stop answers everything that was received whole before it, and loses nothing. */
#include "common/clock.h"
#include "tests/system/echo_crowd.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMBERS = 1000, REQUESTS = 1000 };

START_TEST(sigterm_amid_load_answers_all_that_was_received)
{
    struct fixture server;
    struct echo_crowd crowd;
    fixture_start(&server, "--workers 4");
    echo_crowd_open(&crowd, server.url, MEMBERS, REQUESTS, 4711);
    echo_crowd_run(&crowd, (uint64_t)MEMBERS * REQUESTS / 4);
    /* Over loopback, what send() took is in the server's socket: it has been received. */
    uint64_t outstanding = echo_crowd_outstanding(&crowd);
    server_process_signal(&server.process, SIGTERM);
    echo_crowd_finish(&crowd);
    ck_assert_msg(echo_crowd_outstanding(&crowd) == 0, "%lu of %lu requests were left unanswered",
                  (unsigned long)echo_crowd_outstanding(&crowd), (unsigned long)outstanding);
    ck_assert_uint_gt(outstanding, 0);
    echo_crowd_close(&crowd);
    fixture_expect_exit(&server, 0);
}
END_TEST

START_TEST(a_stop_waits_for_slow_requests_and_those_behind_them)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int first = wire_connect(server.url);
    int second = wire_connect(server.url);
    wire_send_text(first, "WORK SLEEP 300000\r\nECHO after\r\n");
    wire_send_text(second, "ECHO behind\r\n");
    server_process_signal(&server.process, _i == 0 ? SIGTERM : SIGINT);
    wire_expect(first, "+OK\r\n$5\r\nafter\r\n");
    wire_expect(second, "$6\r\nbehind\r\n");
    wire_expect_end(first);
    wire_expect_end(second);
    close(first);
    close(second);
    fixture_expect_exit(&server, 0);
}
END_TEST

START_TEST(idle_and_half_sent_connections_do_not_delay_a_stop)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int idle = wire_connect(server.url);
    int half = wire_connect(server.url);
    wire_exchange(idle, "PING\r\n", "+PONG\r\n");
    wire_send_text(half, "*2\r\n$4\r\nECHO\r\n$5\r\nhal");
    fixture_wait_info(&server, "bytes_in_total", 30);
    uint64_t signalled_ns = monotonic_ns();
    server_process_signal(&server.process, SIGTERM);
    fixture_expect_exit(&server, 0);
    ck_assert_double_lt((double)(monotonic_ns() - signalled_ns) / NS_PER_MS, 5000);
    wire_expect_end(idle);
    wire_expect_end(half);
    close(idle);
    close(half);
}
END_TEST

/* Two workers, and so many clients that each has sent its next request when its turn comes. */
START_TEST(clients_that_go_on_sending_do_not_delay_a_stop)
{
    enum { CLIENTS = 8 };
    int clients[CLIENTS];
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 2 --drain-timeout 1h");
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = wire_connect(server.url);
        wire_send_text(clients[i], "WORK SLEEP 20000\r\n");
    }
    server_process_signal(&server.process, SIGTERM);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    for (int open = CLIENTS; open > 0;) {
        for (int i = 0; i < CLIENTS; i++) {
            char byte;
            if (clients[i] < 0 || recv(clients[i], &byte, 1, MSG_PEEK) < 0)
                continue;
            if (recv(clients[i], &byte, 1, MSG_PEEK) == 0) {
                close(clients[i]);
                clients[i] = -1;
                open--;
                continue;
            }
            wire_read_reply(clients[i], &reply);
            ck_assert_str_eq(reply.bytes, "+OK\r\n");
            (void)send(clients[i], "WORK SLEEP 20000\r\n", 18, MSG_NOSIGNAL);
        }
        ck_assert_msg(monotonic_ns() < deadline_ns, "%d clients are still served", open);
    }
    byte_buffer_free(&reply);
    fixture_expect_exit(&server, 0);
}
END_TEST

START_TEST(a_client_that_does_not_read_is_cut_off_at_the_drain_timeout)
{
    struct fixture server;
    fixture_start(&server, "--workers 1 --drain-timeout 300ms");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "WORK REPLY 60000000\r\n");
    ck_assert_double_lt(wire_wait_us(fd), 1e7);
    server_process_signal(&server.process, SIGTERM);
    ck_assert(server_process_wait_log(&server.process, "drain_cut_off connections=1", PATIENCE_MS));
    fixture_expect_exit(&server, 0);
    close(fd);
}
END_TEST

/* The reply came long after the request, but just now: the server must wait for its reader, since a
 * reset would destroy what the client has not taken. */
START_TEST(a_reply_that_took_long_is_waited_for)
{
    enum { REPLY = 1000000, MOMENT_MS = 300 };
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "WORK SLEEP 1500000\r\nWORK REPLY 1000000\r\n");
    fixture_wait_info(&server, "workers_in_slow_commands", 2);
    server_process_signal(&server.process, SIGTERM);
    wire_expect(fd, "+OK\r\n$1000000\r\n");
    int status = 0;
    ck_assert(!server_process_wait_exit(&server.process, MOMENT_MS, &status));
    char *bytes = malloc(REPLY);
    ck_assert_ptr_nonnull(bytes);
    wire_read(fd, bytes, REPLY);
    free(bytes);
    wire_expect(fd, "\r\n");
    wire_expect_end(fd);
    close(fd);
    fixture_expect_exit(&server, 0);
}
END_TEST

/* Has the server send `size` bytes, which nobody reads; `nap` goes along in one piece, so that it
 * begins before they have found the socket full. */
static void send_echo(int fd, int size, const char *nap)
{
    enum { MOST = 65536 };
    static char echo[MOST + 64];
    ck_assert_int_le(size, MOST);
    int used =
        snprintf(echo, sizeof(echo), "*2\r\n$4\r\nECHO\r\n$%d\r\n%0*d\r\n%s", size, size, 0, nap);
    wire_send(fd, echo, (size_t)used);
}

static void wait_unread(int fd, int size)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    int unread = 0;
    while (unread < size && monotonic_ns() < deadline_ns)
        ck_assert_int_eq(ioctl(fd, FIONREAD, &unread), 0);
    ck_assert_int_ge(unread, size);
}

/* The exit status of a stop amid which handlers return, just after its deadline, over output that
 * is blocked: it is when the reply before just filled the socket. A Unix socket takes 208 KiB,
 * with what the kernel adds, so several try it with more and more. */
static int stop_amid_blocked_clients(void)
{
    enum { CLIENTS = 5, FILLS = 3, FILL = 60000, LEAST = 20000, STEP = 4000 };
    char options[128];
    char url[ENDPOINT_TEXT_SIZE];
    struct fixture server;
    snprintf(options, sizeof(options),
             "--workers 8 --drain-timeout 900ms --listen unix:///tmp/crew-%d", (int)getpid());
    fixture_start(&server, options);
    fixture_url(&server, 0, url);
    int clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = wire_connect(url);
        for (int fill = 1; fill <= FILLS; fill++) {
            send_echo(clients[i], FILL, "");
            wait_unread(clients[i], fill * FILL);
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        send_echo(clients[i], LEAST + i * STEP, "WORK SLEEP 1000000\r\n");
    fixture_wait_info(&server, "workers_in_slow_commands", CLIENTS);
    int status = -1;
    server_process_signal(&server.process, SIGTERM);
    ck_assert(server_process_wait_exit(&server.process, PATIENCE_MS, &status));
    (void)server_process_stop(&server.process, PATIENCE_MS);
    for (int i = 0; i < CLIENTS; i++)
        close(clients[i]);
    return status;
}

/* On a busy machine the handlers may return too late to be waited for. */
START_TEST(clients_that_block_after_the_drain_timeout_are_cut_off_too)
{
    enum { ATTEMPTS = 5 };
    int status = -1;
    for (int i = 0; i < ATTEMPTS && status != 0; i++)
        status = stop_amid_blocked_clients();
    ck_assert_int_eq(status, 0);
}
END_TEST

/* How long a stop takes amid a handler that goes on; the time-out is 500 ms. */
static double stop_amid_a_handler_ms(void)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --drain-timeout 500ms");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "WORK SLEEP 60000000\r\n");
    fixture_wait_info(&server, "workers_in_slow_commands", 2);
    uint64_t began_ns = monotonic_ns();
    server_process_signal(&server.process, SIGTERM);
    ck_assert(
        server_process_wait_log(&server.process, "drain_timed_out connections=1", PATIENCE_MS));
    double took_ms = (double)(monotonic_ns() - began_ns) / NS_PER_MS;
    fixture_expect_exit(&server, 1);
    close(fd);
    return took_ms;
}

START_TEST(a_handler_that_outlasts_the_drain_timeout_is_reported)
{
    enum { ATTEMPTS = 5 };
    double took_ms = 1e9;
    for (int i = 0; i < ATTEMPTS && took_ms > 1000; i++) /* a busy machine may hold it up */
        took_ms = stop_amid_a_handler_ms();
    ck_assert_double_ge(took_ms, 500);
    ck_assert_double_lt(took_ms, 1000);
}
END_TEST

/* As when make, told to end, passes on what its whole process group was told. */
START_TEST(the_same_signal_twice_is_one_order)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "WORK SLEEP 200000\r\nPING\r\n");
    server_process_signal(&server.process, SIGTERM);
    server_process_signal(&server.process, SIGTERM);
    ck_assert(server_process_wait_log(&server.process, "stopping signal=TERM", PATIENCE_MS));
    server_process_signal(&server.process, SIGTERM);
    wire_expect(fd, "+OK\r\n+PONG\r\n");
    close(fd);
    fixture_expect_exit(&server, 0);
}
END_TEST

START_TEST(a_second_signal_ends_it_at_once)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "WORK SLEEP 60000000\r\n");
    server_process_signal(&server.process, SIGTERM);
    ck_assert(server_process_wait_log(&server.process, "stopping signal=TERM", PATIENCE_MS));
    /* For a moment it counts as the first one repeated: keep asking. */
    int status = 0;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    do {
        ck_assert(monotonic_ns() < deadline_ns);
        server_process_signal(&server.process, SIGTERM);
    } while (!server_process_wait_exit(&server.process, 50, &status));
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    (void)server_process_stop(&server.process, PATIENCE_MS);
    close(fd);
}
END_TEST

Suite *stop_suite(void)
{
    Suite *suite = suite_create("stop");
    TCase *tests = tcase_create("stop");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, sigterm_amid_load_answers_all_that_was_received);
    tcase_add_loop_test(tests, a_stop_waits_for_slow_requests_and_those_behind_them, 0, 2);
    tcase_add_test(tests, idle_and_half_sent_connections_do_not_delay_a_stop);
    tcase_add_test(tests, clients_that_go_on_sending_do_not_delay_a_stop);
    tcase_add_test(tests, a_client_that_does_not_read_is_cut_off_at_the_drain_timeout);
    tcase_add_test(tests, a_reply_that_took_long_is_waited_for);
    tcase_add_test(tests, clients_that_block_after_the_drain_timeout_are_cut_off_too);
    tcase_add_test(tests, a_handler_that_outlasts_the_drain_timeout_is_reported);
    tcase_add_test(tests, the_same_signal_twice_is_one_order);
    tcase_add_test(tests, a_second_signal_ends_it_at_once);
    suite_add_tcase(suite, tests);
    return suite;
}
