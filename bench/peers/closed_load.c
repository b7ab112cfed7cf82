/* SPDX-License-Identifier: MIT */
/*
 * Edges note. Sockets are watched edge-triggered and for both directions at once, so a connection
 * costs no epoll_ctl after its beginning. That is safe because each event is used up: sending goes
 * on until nothing is left or the socket is full, receiving until a recv brought less than was
 * asked for, after which the socket is empty (epoll(7), "Do I need to continuously read").
 */
#include "bench/peers/closed_load.h"

#include "bench/base/bench_interrupt.h"
#include "bench/peers/wrong_reply.h"
#include "common/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS = 256,
    RECEIVE_SIZE = 256 * 1024,
    GLANCE_MS = 100, /* how often Ctrl-C is looked for while nothing happens */
    PATIENCE_S = 10,
};

static bool fail(char *error, const char *what, int reason)
{
    snprintf(error, BENCH_ERROR_SIZE, "%s: %s", what, strerror(reason));
    return false;
}

/* ---- connections ---- */

static bool connect_one(struct closed_load *load, struct load_connection *connection, uint16_t port)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *connection = (struct load_connection){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return connection->fd >= 0 &&
           connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
           setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
           epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) == 0;
}

bool closed_load_open(struct closed_load *load, uint16_t port, size_t connections,
                      char error[BENCH_ERROR_SIZE])
{
    *load = (struct closed_load){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    load->connections = calloc(connections + 1, sizeof(*load->connections));
    if (load->epoll_fd < 0 || load->connections == NULL)
        return fail(error, "cannot prepare a load", load->epoll_fd < 0 ? errno : ENOMEM);
    for (size_t i = 0; i < connections; i++) {
        bool connected = connect_one(load, &load->connections[i], port);
        int reason = errno;
        load->count += load->connections[i].fd >= 0 ? 1 : 0;
        if (!connected) {
            snprintf(error, BENCH_ERROR_SIZE, "connection %zu of %zu to 127.0.0.1:%u: %s", i + 1,
                     connections, port, strerror(reason));
            return false;
        }
    }
    return true;
}

void closed_load_close(struct closed_load *load)
{
    for (size_t i = 0; i < load->count; i++)
        close(load->connections[i].fd);
    if (load->epoll_fd >= 0)
        close(load->epoll_fd);
    free(load->connections);
    *load = (struct closed_load){.epoll_fd = -1};
}

/* ---- exchanges ---- */

static bool refuse(char *error, const struct load_connection *connection, const char *bytes,
                   size_t size)
{
    if (connection->part == NULL || !connection->waiting) { /* nothing has to come */
        wrong_reply_explain(0, bytes, size, "", 0, error);
        return false;
    }
    const struct load_exchange *exchange = connection->part->exchange;
    wrong_reply_explain(connection->received, bytes, size, exchange->reply + connection->received,
                        exchange->reply_size - connection->received, error);
    return false;
}

/* Sends what is left of the request, as far as the socket takes it. */
static bool send_rest(struct load_connection *connection, char *error)
{
    const struct load_exchange *exchange = connection->part->exchange;
    while (connection->sent < exchange->request_size) {
        ssize_t sent = send(connection->fd, exchange->request + connection->sent,
                            exchange->request_size - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || fail(error, "cannot send a request", errno);
        connection->sent += (size_t)sent;
    }
    return true;
}

static bool begin_exchange(struct closed_load *load, struct load_connection *connection,
                           uint64_t begin_ns, char *error)
{
    connection->begin_ns = begin_ns;
    connection->sent = 0;
    connection->received = 0;
    connection->waiting = true;
    load->waiting++;
    return send_rest(connection, error);
}

/* A reply is complete: records it, and begins the next exchange if it is time for it. */
static bool end_exchange(struct closed_load *load, struct load_connection *connection, char *error)
{
    uint64_t now_ns = monotonic_ns();
    connection->waiting = false;
    load->waiting--;
    if (connection->part == load->parts) {
        load->replies += connection->part->exchange->requests;
        histogram_record(&load->response_time, now_ns - connection->begin_ns);
    }
    if (connection->part->interval_ns > 0 || now_ns >= load->end_ns)
        return true; /* begin_due cares for those with a schedule */
    return begin_exchange(load, connection, now_ns, error);
}

/* Compares what came with what has to come. */
static bool take(struct closed_load *load, struct load_connection *connection, const char *bytes,
                 size_t size, char *error)
{
    const struct load_exchange *exchange = connection->part->exchange;
    if (!connection->waiting || size > exchange->reply_size - connection->received ||
        memcmp(bytes, exchange->reply + connection->received, size) != 0)
        return refuse(error, connection, bytes, size);
    connection->received += size;
    return connection->received < exchange->reply_size || end_exchange(load, connection, error);
}

/* See the edges note. */
static bool handle(struct closed_load *load, struct load_connection *connection, char *error)
{
    static char bytes[RECEIVE_SIZE];
    ssize_t received = 0;
    if (connection->waiting && !send_rest(connection, error))
        return false;
    do {
        received = recv(connection->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (received < 0)
            return errno == EAGAIN || errno == EINTR || fail(error, "cannot receive", errno);
        if (received == 0)
            return fail(error, "the server closed a connection", ECONNRESET);
        if (connection->part == NULL)
            return refuse(error, connection, bytes, (size_t)received);
        if (!take(load, connection, bytes, (size_t)received, error))
            return false;
    } while (received == (ssize_t)sizeof(bytes));
    return true;
}

/* ---- a run ---- */

static bool begins_at_once(const struct load_part *part)
{
    return part->interval_ns == 0 && part->spread_ns == 0;
}

/* Hands the connections to the parts; those with an interval begin evenly spread over it. */
static size_t assign(struct closed_load *load, const struct load_part *parts, size_t part_count,
                     uint64_t begin_ns)
{
    size_t used = 0;
    for (size_t i = 0; i < part_count; i++) {
        const struct load_part *part = &parts[i];
        uint64_t spread_ns = part->interval_ns > 0 ? part->interval_ns : part->spread_ns;
        for (size_t j = 0; j < part->connections && used < load->count; j++) {
            struct load_connection *connection = &load->connections[used++];
            connection->part = part;
            connection->due_ns = begin_ns + spread_ns * j / part->connections;
        }
    }
    for (size_t i = used; i < load->count; i++)
        load->connections[i].part = NULL;
    return used;
}

static bool begin_all(struct closed_load *load, size_t used, char *error)
{
    for (size_t i = 0; i < used; i++) {
        struct load_connection *connection = &load->connections[i];
        if (begins_at_once(connection->part) &&
            !begin_exchange(load, connection, monotonic_ns(), error))
            return false;
    }
    return true;
}

/*
 * Begins what is due by schedule, and tells when the next is (UINT64_MAX for never). A connection
 * whose reply is late sends its next request as soon as it can, counted from when it was due.
 */
static bool begin_due(struct closed_load *load, size_t used, uint64_t *next_ns, char *error)
{
    uint64_t now_ns = monotonic_ns();
    *next_ns = UINT64_MAX;
    for (size_t i = 0; i < used && !begins_at_once(load->connections[i].part); i++) {
        struct load_connection *connection = &load->connections[i];
        uint64_t interval_ns = connection->part->interval_ns;
        if (connection->waiting || connection->due_ns >= load->end_ns)
            continue;
        if (connection->due_ns <= now_ns) {
            uint64_t due_ns = connection->due_ns;
            connection->due_ns = interval_ns > 0 ? due_ns + interval_ns : UINT64_MAX;
            if (!begin_exchange(load, connection, due_ns, error))
                return false;
        } else if (connection->due_ns < *next_ns) {
            *next_ns = connection->due_ns;
        }
    }
    return true;
}

/* Waits for events, or until `next_ns`, to the nanosecond; returns how many. */
static int wait_events(const struct closed_load *load, uint64_t next_ns, struct epoll_event *events)
{
    if (next_ns == UINT64_MAX)
        return epoll_wait(load->epoll_fd, events, EVENTS, GLANCE_MS);
    uint64_t now_ns = monotonic_ns();
    uint64_t left_ns = next_ns > now_ns ? next_ns - now_ns : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left_ns / NS_PER_S),
                               .tv_nsec = (long)(left_ns % NS_PER_S)};
    struct pollfd watched = {.fd = load->epoll_fd, .events = POLLIN};
    if (ppoll(&watched, 1, &timeout, NULL) <= 0)
        return 0;
    return epoll_wait(load->epoll_fd, events, EVENTS, 0);
}

/* The recorded part comes first: what the others are told meanwhile must not add to its times. */
static bool handle_all(struct closed_load *load, const struct epoll_event *events, int count,
                       char *error)
{
    for (int recorded = 1; recorded >= 0; recorded--) {
        for (int i = 0; i < count; i++) {
            struct load_connection *connection = events[i].data.ptr;
            if ((connection->part == load->parts) == (recorded == 1) &&
                !handle(load, connection, error))
                return false;
        }
    }
    return true;
}

/* Until every reply is there and nothing more is due. */
static bool run(struct closed_load *load, size_t used, char *error)
{
    struct epoll_event events[EVENTS];
    uint64_t next_ns = UINT64_MAX;
    uint64_t news_ns = monotonic_ns();
    if (!begin_all(load, used, error) || !begin_due(load, used, &next_ns, error))
        return false;
    while (load->waiting > 0 || next_ns != UINT64_MAX) {
        int count = wait_events(load, next_ns, events);
        if (bench_interrupted())
            return false;
        if (count < 0 && errno != EINTR)
            return fail(error, "cannot wait for replies", errno);
        if (!handle_all(load, events, count, error))
            return false;
        uint64_t now_ns = monotonic_ns();
        news_ns = count > 0 || load->waiting == 0 ? now_ns : news_ns;
        if (now_ns - news_ns > (uint64_t)PATIENCE_S * NS_PER_S)
            return fail(error, "no reply for ten seconds", ETIMEDOUT);
        if (!begin_due(load, used, &next_ns, error))
            return false;
    }
    return true;
}

bool closed_load_run(struct closed_load *load, const struct load_part *parts, size_t part_count,
                     uint64_t duration_ns, struct load_result *result, char error[BENCH_ERROR_SIZE])
{
    uint64_t begin_ns = monotonic_ns();
    uint64_t used_ns = thread_cpu_ns();
    error[0] = '\0';
    histogram_reset(&load->response_time);
    load->parts = parts;
    load->replies = 0;
    load->waiting = 0;
    load->end_ns = begin_ns + duration_ns;
    /* A schedule is kept more finely than to the usual 50 us. Reset, for children inherit it. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    bool good = run(load, assign(load, parts, part_count, begin_ns), error);
    (void)prctl(PR_SET_TIMERSLACK, 0UL);
    if (!good)
        return false;
    uint64_t took_ns = monotonic_ns() - begin_ns;
    result->requests = load->replies;
    result->seconds = (double)took_ns / NS_PER_S;
    result->generator_share = (double)(thread_cpu_ns() - used_ns) / (double)took_ns;
    return true;
}
