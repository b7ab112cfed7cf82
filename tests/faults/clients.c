/* SPDX-License-Identifier: MIT */
/* Clients that vanish, stop reading, or send hardly anything. */
#include "common/clock.h"
#include "common/dial.h"
#include "common/sanitized.h"
#include "tests/faults/faults.h"
#include "tests/faults/shim.h"
#include "tests/system/fixture.h"
#include "tests/system/wire.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 50 };

#define HALF_REQUEST "*2\r\n$4\r\nECHO\r\n$100000\r\nhalf"
#define LONG_REPLY   "WORK REPLY 20000000\r\nPING\r\n"
#define REPLY_HEAD   "$20000000\r\n"

/* ---- gone ---- */

static void reset(int fd)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
    close(fd);
}

/* Nobody but the watcher is left, and it is served. */
static void expect_alone(int watcher)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (wire_info(watcher, "connected_clients") > 1)
        ck_assert_msg(monotonic_ns() < deadline_ns, "connections of clients that are gone stay");
    wire_exchange(watcher, "PING\r\n", "+PONG\r\n");
}

static void check_resets(char *observed, const char *request, const char *reply)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int watcher = wire_connect(server.url);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = wire_connect(server.url);
        wire_exchange(fd, request, reply);
        reset(fd);
        wire_exchange(watcher, "PING\r\n", "+PONG\r\n");
    }
    expect_alone(watcher);
    ck_assert_double_eq(wire_info(watcher, "closed_reset"), CLIENTS);
    close(watcher);
    fixture_stop(&server);
    snprintf(observed, OBSERVED_SIZE,
             "%d clients, all counted in closed_reset, nobody else felt it", CLIENTS);
}

void reset_amid_request(char observed[OBSERVED_SIZE])
{
    check_resets(observed, "PING\r\n" HALF_REQUEST, "+PONG\r\n");
}

void reset_amid_reply(char observed[OBSERVED_SIZE])
{
    check_resets(observed, LONG_REPLY, REPLY_HEAD);
}

/* A process that has done its exchange and then is killed. */
static void live_and_be_killed(const char *url, const char *request, const char *reply)
{
    int ready[2];
    char byte;
    ck_assert_int_eq(pipe(ready), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        wire_exchange(wire_connect(url), request, reply);
        _exit(write(ready[1], "", 1) == 1 ? pause() : EXIT_FAILURE);
    }
    close(ready[1]);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    close(ready[0]);
}

static void check_kills(char *observed, const char *request, const char *reply)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int watcher = wire_connect(server.url);
    for (int i = 0; i < CLIENTS; i++) {
        live_and_be_killed(server.url, request, reply);
        wire_exchange(watcher, "PING\r\n", "+PONG\r\n");
    }
    expect_alone(watcher);
    close(watcher);
    fixture_stop(&server);
    snprintf(observed, OBSERVED_SIZE, "%d clients killed, none left behind", CLIENTS);
}

void client_killed_amid_request(char observed[OBSERVED_SIZE])
{
    check_kills(observed, "PING\r\n" HALF_REQUEST, "+PONG\r\n");
}

void client_killed_amid_reply(char observed[OBSERVED_SIZE])
{
    check_kills(observed, LONG_REPLY, REPLY_HEAD);
}

/* ---- half gone ---- */

/* The only worker is busy meanwhile, so that it finds the end together with all that came before.
 */
void half_close(char observed[OBSERVED_SIZE])
{
    enum { REQUESTS = 20000 };
    struct fixture server;
    struct byte_buffer requests = {0};
    struct byte_buffer replies = {0};
    fixture_start(&server, "--workers 1");
    for (int i = 0; i < REQUESTS; i++) {
        byte_buffer_printf(&requests, "ECHO %06d\r\n", i);
        byte_buffer_printf(&replies, "$6\r\n%06d\r\n", i);
    }
    byte_buffer_append_text(&requests, HALF_REQUEST);
    ck_assert(!requests.failed && !replies.failed);
    int busy = wire_connect(server.url);
    int fd = wire_connect(server.url);
    wire_exchange(busy, "PING\r\n", "+PONG\r\n");
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    wire_send_text(busy, "WORK SLEEP 200000\r\n");
    wire_send(fd, requests.bytes, requests.size);
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    wire_expect_bytes(fd, replies.bytes, replies.size);
    wire_expect_end(fd);
    wire_expect(busy, "+OK\r\n");
    close(fd);
    close(busy);
    byte_buffer_free(&requests);
    byte_buffer_free(&replies);
    fixture_stop(&server);
    snprintf(observed, OBSERVED_SIZE, "%d requests answered, then closed", REQUESTS);
}

/* ---- slow ---- */

/* Sends requests and reads nothing until the server, whose replies find no room, stops reading. */
static void fill(int fd)
{
    enum { MOST = 512 * 1024 * 1024, SIZE = 50000 };
    static char echo[SIZE + 64];
    size_t sent = 0;
    int size = snprintf(echo, sizeof(echo), "*2\r\n$4\r\nECHO\r\n$%d\r\n%0*d\r\n", SIZE, SIZE, 0);
    do {
        ssize_t part =
            send(fd, echo + sent % (size_t)size, (size_t)size - sent % (size_t)size, MSG_NOSIGNAL);
        sent += part > 0 ? (size_t)part : 0;
        ck_assert_uint_lt(sent, MOST);
    } while (wait_for_socket(fd, POLLOUT, 200));
}

static double slowest_ping_ms(int fd, int count)
{
    uint64_t slowest_ns = 0;
    for (int i = 0; i < count; i++) {
        uint64_t began_ns = monotonic_ns();
        wire_exchange(fd, "PING\r\n", "+PONG\r\n");
        uint64_t took_ns = monotonic_ns() - began_ns;
        slowest_ns = took_ns > slowest_ns ? took_ns : slowest_ns;
    }
    return (double)slowest_ns / NS_PER_MS;
}

void never_read(char observed[OBSERVED_SIZE])
{
    enum { GREEDY = 4 };
    struct fixture server;
    int greedy[GREEDY];
    fixture_start(&server, "--workers 2 --output-timeout 2s");
    int other = wire_connect(server.url);
    for (int i = 0; i < GREEDY; i++) {
        greedy[i] = wire_connect(server.url);
        fill(greedy[i]);
    }
    double slowest_ms = slowest_ping_ms(other, 1000);
    size_t resident_kib = fixture_resident_kib(&server);
    wire_wait_info(other, "closed_output_timeout", GREEDY);
    expect_alone(other);
    for (int i = 0; i < GREEDY; i++)
        close(greedy[i]);
    close(other);
    fixture_stop(&server);
    ck_assert_uint_lt(resident_kib, SANITIZED ? 512 * 1024 : 64 * 1024);
    snprintf(observed, OBSERVED_SIZE,
             "%d clients: %zu KiB resident, others' slowest PING %.1f ms, cut off in time", GREEDY,
             resident_kib, slowest_ms);
}

void sigterm_while_never_read(char observed[OBSERVED_SIZE])
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --drain-timeout 500ms");
    int greedy = wire_connect(server.url);
    int other = wire_connect(server.url);
    fill(greedy);
    wire_send_text(other, "ECHO last\r\n");
    uint64_t signalled_ns = monotonic_ns();
    server_process_signal(&server.process, SIGTERM);
    wire_expect(other, "$4\r\nlast\r\n");
    wire_expect_end(other);
    close(other);
    fixture_expect_exit(&server, 0);
    close(greedy);
    snprintf(observed, OBSERVED_SIZE, "exit status 0 after %.1f s; the others were answered",
             (double)(monotonic_ns() - signalled_ns) / NS_PER_S);
}

/* CLIENTS connections, each of which sends a request byte by byte, all in turn. */
static const char dripped[] = "*2\r\n$4\r\nECHO\r\n$8\r\ndripping\r\n";

static void drip_to(const int fds[CLIENTS], size_t from, size_t to, int other, double *slowest_ms)
{
    for (size_t byte = from; byte < to; byte++) {
        for (int i = 0; i < CLIENTS; i++)
            wire_send(fds[i], dripped + byte, 1);
        double took_ms = slowest_ping_ms(other, 10);
        *slowest_ms = took_ms > *slowest_ms ? took_ms : *slowest_ms;
    }
}

void drip(char observed[OBSERVED_SIZE])
{
    enum { ROUNDS = 5 };
    struct fixture server;
    int fds[CLIENTS];
    double slowest_ms = 0;
    fixture_start(&server, "--workers 2");
    int other = wire_connect(server.url);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = wire_connect(server.url);
    for (int round = 0; round < ROUNDS; round++) {
        drip_to(fds, 0, sizeof(dripped) - 1, other, &slowest_ms);
        for (int i = 0; i < CLIENTS; i++)
            wire_expect(fds[i], "$8\r\ndripping\r\n");
    }
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    expect_alone(other);
    close(other);
    fixture_stop(&server);
    snprintf(observed, OBSERVED_SIZE, "%d requests answered; others' slowest PING %.1f ms",
             ROUNDS * CLIENTS, slowest_ms);
}

void sigterm_while_drip(char observed[OBSERVED_SIZE])
{
    struct fixture server;
    int fds[CLIENTS];
    double slowest_ms = 0;
    fixture_start(&server, "--workers 2");
    int other = wire_connect(server.url);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = wire_connect(server.url);
    drip_to(fds, 0, sizeof(dripped) - 2, other, &slowest_ms);
    for (int i = 0; i < CLIENTS / 2; i++) /* half of them are whole */
        wire_send(fds[i], dripped + sizeof(dripped) - 2, 1);
    uint64_t signalled_ns = monotonic_ns();
    server_process_signal(&server.process, SIGTERM);
    for (int i = 0; i < CLIENTS; i++) {
        if (i < CLIENTS / 2)
            wire_expect(fds[i], "$8\r\ndripping\r\n");
        wire_expect_end(fds[i]);
        close(fds[i]);
    }
    close(other);
    fixture_expect_exit(&server, 0);
    snprintf(observed, OBSERVED_SIZE, "%d whole requests answered, %d parts dropped, %.1f s",
             CLIENTS / 2, CLIENTS / 2, (double)(monotonic_ns() - signalled_ns) / NS_PER_S);
}
