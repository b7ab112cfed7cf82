/* SPDX-License-Identifier: MIT */
#include "tests/soak/client.h"

#include "common/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    RECEIVE_BYTES = 64 * 1024,
    SOURCES = 64, /* loopback addresses that clients come from: each has its own ports */
    AGAIN_NS = 20 * NS_PER_MS, /* until it comes again when there was no room for it */
};

void client_init(struct client *client, const struct behaviour *behaviour,
                 struct history_totals *totals)
{
    *client = (struct client){.behaviour = behaviour, .totals = totals, .channel = {.fd = -1}};
}

static void close_socket(struct client *client, bool reset)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (reset)
        (void)setsockopt(client->channel.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    channel_close(&client->channel);
}

static void finish(struct client *client, enum history_end how, bool reset)
{
    uint64_t every_ns = (uint64_t)client->behaviour->every_ms * NS_PER_MS;
    uint64_t now_ns = monotonic_ns();
    history_end(&client->history, how);
    close_socket(client, reset);
    byte_buffer_free(&client->out);
    client->phase = CLIENT_AWAY;
    client->begin_ns = every_ns == 0 ? now_ns : (now_ns / every_ns + 1) * every_ns;
    if (client->history.turned_away)
        client->begin_ns += AGAIN_NS;
}

void client_abandon(struct client *client)
{
    if (client->phase != CLIENT_AWAY)
        finish(client, HISTORY_LEFT, true);
}

void client_note_stop(struct client *client)
{
    if (client->phase == CLIENT_AWAY)
        return;
    /* A large request may wait here for room in the server's socket. A Unix socket has no such
     * queue: what was sent is there. Encrypted, it counts for a little more than it is. */
    int on_their_way = 0;
    if (client->behaviour->listener != LISTENER_UNIX &&
        ioctl(client->channel.fd, SIOCOUTQ, &on_their_way) != 0)
        on_their_way = INT_MAX; /* a connection that has ended is owed nothing */
    history_stop(&client->history, (size_t)on_their_way);
}

/* A socket whose connection may still be under way; -1 when there is no room for one. */
static int open_socket(struct client_world *world, enum soak_listener listener)
{
    const struct soak_address *address = &world->addresses[listener];
    int family = address->socket.any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (family == AF_INET) {
        int on = 1;
        struct sockaddr_in source = {.sin_family = AF_INET};
        source.sin_addr.s_addr =
            htonl(INADDR_LOOPBACK + (uint32_t)compose_draw(&world->random, SOURCES));
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
        (void)bind(fd, (struct sockaddr *)&source, sizeof(source)); /* any source will do */
    }
    if (connect(fd, &address->socket.any, address->size) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static unsigned draw_requests(struct client_world *world, unsigned most)
{
    return most == 0 ? 0 : 1 + (unsigned)compose_draw(&world->random, most);
}

static void out_of_memory(void)
{
    fprintf(stderr, "soak: out of memory\n");
    exit(2);
}

static bool is_encrypted(const struct behaviour *behaviour)
{
    return behaviour->listener == LISTENER_TLS && !behaviour->in_the_clear;
}

static void begin_history(struct client *client, struct client_world *world)
{
    enum soak_listener listener = client->behaviour->listener;
    history_begin(&client->history, client->totals, ++world->connections);
    client->history.lenient = client->behaviour->rubbish;
    client->history.wordless = listener == LISTENER_RAW || listener == LISTENER_TLS;
    client->must_log_in = world->passwords && listener != LISTENER_RAW;
}

static void begin(struct client *client, struct client_world *world, uint64_t now_ns)
{
    const struct behaviour *behaviour = client->behaviour;
    int fd = open_socket(world, behaviour->listener);
    struct epoll_event event = {.events = behaviour->deaf ? 0 : EPOLLIN, .data.ptr = client};
    if (fd < 0 || epoll_ctl(world->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        if (fd >= 0)
            close(fd);
        client->begin_ns = now_ns + AGAIN_NS;
        return;
    }
    world->busy = true;
    client->channel.fd = fd;
    client->phase = is_encrypted(behaviour) ? CLIENT_SHAKING : CLIENT_TALKING;
    client->left = draw_requests(world, behaviour->requests_most);
    client->out_sent = 0;
    client->piece = 0;
    client->out_most = SIZE_MAX;
    client->leave_ns =
        behaviour->leaving == LEAVE_AFTER_HOLDING
            ? now_ns + compose_draw(&world->random, behaviour->hold_ms + UINT64_C(1)) * NS_PER_MS
            : 0;
    client->active_ns = now_ns;
    client->send_failed = false;
    begin_history(client, world);
    if (client->phase != CLIENT_SHAKING)
        return;
    client->channel.tls = tls_stream_create(world->trust, fd, "127.0.0.1");
    if (client->channel.tls == NULL)
        out_of_memory();
}

/* Makes the next one: who has to log in does, unless its kind does not. False for a login, which is
 * not waited for. */
static bool make_request(struct client *client, struct client_world *world)
{
    const struct behaviour *behaviour = client->behaviour;
    bool logs_in = client->must_log_in && !behaviour->stranger;
    client->left -= !logs_in;
    const struct compose compose = {.random = &world->random,
                                    .history = &client->history,
                                    .out = &client->out,
                                    .payload_most = behaviour->payload_most,
                                    .must_log_in = world->passwords ? &client->must_log_in : NULL,
                                    .last = client->left == 0,
                                    .orderly = behaviour->orderly};
    (logs_in ? compose_login : behaviour->compose)(&compose);
    return !logs_in;
}

/* Makes as many requests as may wait for a reply now. */
static void make_requests(struct client *client, struct client_world *world)
{
    const struct behaviour *behaviour = client->behaviour;
    struct history *history = &client->history;
    byte_buffer_truncate(&client->out, 0);
    client->out_sent = 0;
    uint64_t waiting = history->begun - history->answered;
    uint64_t depth = 1 + compose_draw(&world->random, behaviour->depth_most);
    while (waiting < depth && client->left > 0 && history_has_room(history)) {
        size_t before = client->out.size;
        waiting += make_request(client, world);
        if (client->left == 0 && behaviour->leaving == LEAVE_AMID_REQUEST)
            client->out_most = before + (client->out.size - before) / 2;
    }
    if (client->out.failed)
        out_of_memory();
}

/* One piece of random size; what encryption did not get rid of has to come first again. */
static void send_piece(struct client *client, struct client_world *world, uint64_t now_ns)
{
    size_t end = client->out.size < client->out_most ? client->out.size : client->out_most;
    size_t left = end - client->out_sent;
    if (client->piece == 0)
        client->piece = 1 + compose_draw(&world->random, client->behaviour->piece_most);
    ssize_t sent = channel_send(&client->channel, client->out.bytes + client->out_sent,
                                client->piece < left ? client->piece : left);
    if (sent > 0) {
        client->piece = 0;
        client->out_sent += (size_t)sent;
        client->active_ns = now_ns;
        world->busy = true;
        history_sent(&client->history, (size_t)sent);
    } else if (sent < 0 && errno != EAGAIN && errno != ENOTCONN) {
        client->send_failed = true; /* what the server said before can still be read */
    }
}

static bool all_sent(const struct client *client)
{
    return client->left == 0 &&
           (client->out_sent == client->out.size || client->out_sent >= client->out_most);
}

/* What it does once all is sent. */
static void leave(struct client *client)
{
    const struct behaviour *behaviour = client->behaviour;
    switch (behaviour->leaving) {
    case LEAVE_ANSWERED:
    case LEAVE_RESET_AFTER:
        if (history_settled(&client->history))
            finish(client, HISTORY_LEFT, behaviour->leaving == LEAVE_RESET_AFTER);
        return;
    case LEAVE_HALF_CLOSE:
        history_half_close(&client->history);
        if (client->channel.tls != NULL)
            (void)tls_stream_end(
                client->channel.tls); /* an end that is not announced is one, too */
        shutdown(client->channel.fd, SHUT_WR);
        client->phase = CLIENT_DONE;
        return;
    case LEAVE_TO_SERVER:
        client->phase = CLIENT_DONE;
        return;
    case LEAVE_AMID_REQUEST:
        finish(client, HISTORY_LEFT, true);
        return;
    case LEAVE_AMID_REPLY:
        if (history_settled(&client->history) || history_inside_reply(&client->history))
            finish(client, HISTORY_LEFT, true);
        return;
    case LEAVE_AFTER_HOLDING:
        return; /* its time comes */
    }
}

static bool may_begin(const struct client *client, const struct client_world *world,
                      uint64_t now_ns)
{
    if (client->behaviour->at_the_stop && !world->before_stop)
        return false;
    if (client->behaviour->listener == LISTENER_TLS && world->trust == NULL)
        return false;
    return !world->leaving && world->connections < world->connections_most &&
           now_ns >= client->begin_ns;
}

/* The server closed the connection, or something went wrong with it. */
static void meet_end(struct client *client, int error)
{
    if (error == EPROTO && !client->send_failed)
        history_breach(&client->history, channel_reason(&client->channel, error));
    finish(client, error == 0 && !client->send_failed ? HISTORY_CLOSED : HISTORY_RESET, false);
}

static void shake_hands(struct client *client, uint64_t now_ns)
{
    if (tls_stream_handshake(client->channel.tls) == 0) {
        history_let_in(&client->history); /* who is one too many does not get so far */
        client->active_ns = now_ns;
        client->phase = CLIENT_TALKING;
    } else if (errno != EAGAIN) {
        meet_end(client, errno);
    }
}

void client_step(struct client *client, struct client_world *world, uint64_t now_ns)
{
    if (client->phase == CLIENT_AWAY) {
        if (may_begin(client, world, now_ns))
            begin(client, world, now_ns);
        return;
    }
    if (client->history.broken || (client->leave_ns > 0 && now_ns >= client->leave_ns)) {
        finish(client, HISTORY_LEFT, true);
        return;
    }
    if (now_ns - client->active_ns > world->late_ns) {
        history_breach(&client->history, "nothing came for too long");
        return;
    }
    if (client->phase == CLIENT_SHAKING) {
        if (tls_stream_events(client->channel.tls) != POLLIN)
            shake_hands(client, now_ns);
        return;
    }
    if (client->phase == CLIENT_DONE || client->send_failed || client->history.ended)
        return;
    if (client->out_sent == client->out.size && client->left > 0)
        make_requests(client, world);
    if (!all_sent(client) && client->out_sent < client->out.size)
        send_piece(client, world, now_ns);
    if (all_sent(client))
        leave(client);
}

/* Takes what one read brings; true when more may wait where the socket does not show it. */
static bool receive(struct client *client, uint64_t now_ns)
{
    static char bytes[RECEIVE_BYTES];
    size_t most = client->behaviour->read_most;
    ssize_t got = channel_receive(&client->channel, bytes, most > 0 ? most : sizeof(bytes));
    if (got > 0) {
        client->active_ns = now_ns;
        history_received(&client->history, bytes, (size_t)got);
        return channel_has_pending(&client->channel);
    }
    if (got == 0 || errno != EAGAIN)
        meet_end(client, got == 0 ? 0 : errno);
    return false;
}

void client_event(struct client *client, uint64_t now_ns)
{
    if (client->phase == CLIENT_AWAY) /* left since epoll_wait returned */
        return;
    if (client->behaviour->deaf) { /* it learns only that the connection is gone */
        finish(client, HISTORY_LEFT, true);
        return;
    }
    if (client->phase == CLIENT_SHAKING) {
        shake_hands(client, now_ns);
        return;
    }
    while (receive(client, now_ns)) {
    }
}
