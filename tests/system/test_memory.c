/* SPDX-License-Identifier: MIT */
/* What clients make the server hold, one by one and all together, and who pays for too much. */
#include "common/byte_buffer.h"
#include "common/clock.h"
#include "common/sanitized.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KIB = 1024, MIB = 1024 * KIB };

#define HEAD_OF_1_MIB "*2\r\n$4\r\nECHO\r\n$1048576\r\n"

/* ---- one client ---- */

START_TEST(a_reply_that_is_too_large_becomes_an_error)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-output-bytes 1m");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "WORK REPLY 1048564\r\n"); /* with its framing, exactly 1 MiB */
    char *reply = NULL;
    ck_assert_uint_eq(wire_read_bulk(fd, &reply), 1048564);
    free(reply);
    wire_exchange(fd, "WORK REPLY 1048565\r\nPING\r\n",
                  "-ERR reply exceeds max-output-bytes\r\n+PONG\r\n");
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* Sends as far as the server takes it. */
static size_t send_some(int fd, const char *bytes, size_t size)
{
    ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    ck_assert(sent >= 0 || errno == EAGAIN || errno == EPIPE || errno == ECONNRESET);
    return sent > 0 ? (size_t)sent : 0;
}

/* Replies that are small enough each, but wait together: those before a slow command and its own.
 */
START_TEST(too_much_output_for_one_client_closes_it)
{
    enum { PAYLOAD = 60000, BESIDE = 65000 };
    static char taken[100000];
    struct fixture server;
    struct byte_buffer requests = {0};
    fixture_start(&server, "--workers 2 --max-output-bytes 64k");
    int watcher = wire_connect(server.url);
    int greedy = wire_connect(server.url);
    byte_buffer_printf(&requests, "ECHO %0*d\r\nWORK REPLY %d\r\n", PAYLOAD, 0, BESIDE);
    ck_assert(!requests.failed);
    size_t sent = 0;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (wire_info(watcher, "closed_output_limit") < 1) {
        sent += send_some(greedy, requests.bytes + sent, requests.size - sent);
        sent %= requests.size;
        /* A little is taken, so that the socket is full at another place of the replies. */
        (void)recv(greedy, taken, sizeof(taken), MSG_DONTWAIT);
        ck_assert(monotonic_ns() < deadline_ns);
    }
    wire_exchange(watcher, "PING\r\n", "+PONG\r\n");
    byte_buffer_free(&requests);
    close(greedy);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

/* ---- all together ---- */

enum { CROWD = 200, LIMIT = 32 * MIB };

#define OPTIONS "--workers 2 --max-client-memory 32m "

/* Beyond the limit: spare blocks (8 of 2 MiB), and what the two workers' present turns hold: a
 * request of 1 MiB, in a buffer of twice that, or a reply. */
enum { SLACK = 16 * MIB + 2 * 4 * MIB };

static int crowd[CROWD];

static void open_crowd(const struct fixture *server)
{
    for (int i = 0; i < CROWD; i++)
        crowd[i] = wire_connect(server->url);
}

static void close_crowd(void)
{
    for (int i = 0; i < CROWD; i++)
        close(crowd[i]);
}

/* The first `size` bytes of a request of 1 MiB; to be freed. */
static char *half_request(size_t size)
{
    char *half = malloc(size);
    ck_assert_ptr_nonnull(half);
    memset(half, 'x', size);
    memcpy(half, HEAD_OF_1_MIB, sizeof(HEAD_OF_1_MIB) - 1);
    return half;
}

/* Everybody sends nearly all of a request, as far as it gets; a bystander's requests go on. */
static void send_halves(int bystander)
{
    char *half = half_request(MIB);
    size_t sent[CROWD] = {0};
    size_t total = 0;
    size_t before;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    do {
        before = total;
        for (int i = 0; i < CROWD; i++) {
            size_t more = send_some(crowd[i], half + sent[i], MIB - sent[i]);
            sent[i] += more;
            total += more;
        }
        wire_exchange(bystander, "PING\r\n", "+PONG\r\n");
        ck_assert(monotonic_ns() < deadline_ns);
    } while (total > before || wire_info(bystander, "closed_memory_limit") < CROWD / 2.0);
    free(half);
}

/* Neither what the server counts nor what the kernel counts exceeds the limit by much. */
static void check_peaks(const struct fixture *server, int watcher, const char *what,
                        size_t base_kib)
{
    double counted = wire_info(watcher, "client_memory_peak_bytes");
    size_t grown = (fixture_peak_kib(server) - base_kib) * KIB;
    printf(
        "%s: limit %d KiB, counted at most %.0f KiB, resident at most %zu KiB more than before\n",
        what, LIMIT / KIB, counted / KIB, grown / KIB);
    ck_assert_double_ge(counted, LIMIT / 2.0);
    ck_assert_double_le(counted, LIMIT + SLACK);
    if (!SANITIZED) /* the memory is all ours */
        ck_assert_uint_le(grown, LIMIT + SLACK);
}

START_TEST(many_half_sent_requests_add_up)
{
    struct fixture server;
    fixture_start(&server, OPTIONS);
    int bystander = wire_connect(server.url);
    int small = wire_connect(server.url);
    wire_exchange(small, "PING\r\nPI", "+PONG\r\n"); /* holds a little, for long */
    size_t base_kib = fixture_peak_kib(&server);
    open_crowd(&server);
    send_halves(bystander);
    check_peaks(&server, bystander, "half-sent requests", base_kib);
    ck_assert_double_le(wire_info(bystander, "client_memory_bytes"), LIMIT);
    wire_exchange(small, "NG\r\n", "+PONG\r\n");
    close_crowd();
    close(small);
    close(bystander);
    fixture_stop(&server);
}
END_TEST

START_TEST(many_unread_replies_add_up)
{
    static const char requests[] = "WORK REPLY 1000000\r\nWORK REPLY 1000000\r\n";
    struct fixture server;
    fixture_start(&server, OPTIONS);
    int bystander = wire_connect(server.url);
    size_t base_kib = fixture_peak_kib(&server);
    open_crowd(&server);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (wire_info(bystander, "closed_memory_limit") < CROWD / 2.0) {
        for (int i = 0; i < CROWD; i++)
            (void)send_some(crowd[i], requests, sizeof(requests) - 1);
        ck_assert(monotonic_ns() < deadline_ns);
    }
    check_peaks(&server, bystander, "unread replies", base_kib);
    char *reply = NULL;
    wire_send_text(bystander, "WORK REPLY 100000\r\n"); /* who takes a reply gets it */
    ck_assert_uint_eq(wire_read_bulk(bystander, &reply), 100000);
    free(reply);
    close_crowd();
    close(bystander);
    fixture_stop(&server);
}
END_TEST

START_TEST(who_is_evicted_is_told_why)
{
    enum { HELD = 700 * KIB };
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-client-memory 512k");
    int large = wire_connect(server.url);
    int small = wire_connect(server.url);
    wire_exchange(small, "PING\r\nPI", "+PONG\r\n");
    char *half = half_request(HELD);
    wire_send(large, half, HELD);
    wire_expect(large, "-ERR max-client-memory reached: this client held most of it\r\n");
    wire_expect_end(large);
    close(large);
    wire_exchange(small, "NG\r\n", "+PONG\r\n");
    wire_wait_info(small, "closed_memory_limit", 1);
    ck_assert_double_eq(wire_info(small, "closed_memory_limit"), 1);
    ck_assert_double_eq(wire_info(small, "client_memory_bytes"), 0);
    free(half);
    close(small);
    fixture_stop(&server);
}
END_TEST

START_TEST(what_clients_hold_is_counted_until_they_leave)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-client-memory 0");
    int bystander = wire_connect(server.url);
    open_crowd(&server);
    for (int i = 0; i < CROWD; i++)
        wire_send_text(crowd[i], HEAD_OF_1_MIB);
    wire_wait_info(bystander, "client_memory_bytes", CROWD * 512);
    ck_assert_double_eq(wire_info(bystander, "closed_memory_limit"), 0);
    close_crowd();
    wire_wait_info(bystander, "closed_client", CROWD);
    ck_assert_double_eq(wire_info(bystander, "client_memory_bytes"), 0);
    ck_assert_double_ge(wire_info(bystander, "client_memory_peak_bytes"), CROWD * 512);
    close(bystander);
    fixture_stop(&server);
}
END_TEST

Suite *memory_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_reply_that_is_too_large_becomes_an_error);
    tcase_add_test(tests, too_much_output_for_one_client_closes_it);
    tcase_add_test(tests, many_half_sent_requests_add_up);
    tcase_add_test(tests, many_unread_replies_add_up);
    tcase_add_test(tests, who_is_evicted_is_told_why);
    tcase_add_test(tests, what_clients_hold_is_counted_until_they_leave);
    suite_add_tcase(suite, tests);
    return suite;
}
