/* SPDX-License-Identifier: MIT */
#include "bench/selftest/model_parts.h"
#include "common/clock.h"
#include "common/resp_encode.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENT_BATCH = 64,
    RECEIVE_SIZE = 16 * 1024,
    LONGEST_BULK = 64 * 1024,
    SWAP_AT = 2, /* the second of `swap_every` requests is swapped with the third */
};

static void accept_client(struct model_server *server)
{
    if (server->connection_count == MODEL_CONNECTIONS)
        return;
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct model_connection *connection = &server->connections[server->connection_count];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd);
        return;
    }
    *connection = (struct model_connection){.fd = fd};
    resp_parser_init(&connection->parser, (struct resp_limits){LONGEST_BULK, LONGEST_BULK});
    server->connection_count++;
}

/* The client has gone, or sends what cannot be read: nothing more comes from there. */
static void dismiss(struct model_server *server, struct model_connection *connection)
{
    (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
    (void)shutdown(connection->fd, SHUT_RDWR);
}

static void write_reply(const struct model_connection *connection, const char *request,
                        struct byte_buffer *out)
{
    const struct resp_parser *parser = &connection->parser;
    if (parser->argument_count < 2) {
        byte_buffer_append_text(out, "+PONG\r\n");
        return;
    }
    const struct resp_span *word = &parser->arguments[1];
    resp_encode_bulk(out, request + word->offset, word->size);
}

/*
 * The reply of the request before goes to this one, and the other way round. No other request came
 * in between, so on a connection that asked for both, each still gets one reply, in order.
 */
static void swap(struct model_server *server, struct model_connection *connection,
                 const char *request)
{
    struct model_connection *other = server->held;
    server->held = NULL;
    server->wrong_replies += 2;
    write_reply(connection, request, &other->output);
    byte_buffer_append(&connection->output, server->held_text.bytes, server->held_text.size);
    if (other != connection && !other->output.failed)
        model_send(other->fd, other->output.bytes, other->output.size);
    if (other != connection)
        byte_buffer_truncate(&other->output, 0);
}

static void answer(struct model_server *server, struct model_connection *connection,
                   const char *request)
{
    uint64_t every = server->settings.swap_every;
    if (server->held != NULL) {
        swap(server, connection, request);
    } else if (every > 0 && server->requests % every == SWAP_AT) {
        byte_buffer_truncate(&server->held_text, 0);
        write_reply(connection, request, &server->held_text);
        server->held = connection;
    } else {
        write_reply(connection, request, &connection->output);
    }
}

/* False when the connection is to end. */
static bool take_request(struct model_server *server, struct model_connection *connection,
                         const char *request)
{
    if (server->requests < server->settings.journal_limit)
        server->arrival_ns[server->requests] = monotonic_ns();
    server->requests++;
    if (server->settings.mutes_one && connection == &server->connections[0])
        return true;
    if (server->settings.workers > 0)
        return model_queue_put(&server->queue, connection->fd);
    answer(server, connection, request);
    return true;
}

/* Takes all whole requests of the input; false when the connection is to end. */
static bool take_requests(struct model_server *server, struct model_connection *connection)
{
    struct byte_buffer *input = &connection->input;
    size_t used = 0;
    enum resp_result result = RESP_REQUEST;
    while (used < input->size) {
        result = resp_parse(&connection->parser, input->bytes + used, input->size - used);
        if (result == RESP_INCOMPLETE || result == RESP_ERROR)
            break;
        if (result == RESP_REQUEST && !take_request(server, connection, input->bytes + used))
            return false;
        used += connection->parser.size;
    }
    if (used > 0)
        memmove(input->bytes, input->bytes + used, input->size - used);
    byte_buffer_truncate(input, input->size - used);
    return result != RESP_ERROR;
}

static void read_client(struct model_server *server, struct model_connection *connection)
{
    char *room = byte_buffer_extend(&connection->input, RECEIVE_SIZE);
    if (room == NULL) {
        dismiss(server, connection);
        return;
    }
    ssize_t size = recv(connection->fd, room, RECEIVE_SIZE, MSG_DONTWAIT);
    bool later = size < 0 && (errno == EAGAIN || errno == EINTR);
    size_t received = size > 0 ? (size_t)size : 0;
    byte_buffer_truncate(&connection->input, connection->input.size - RECEIVE_SIZE + received);
    if ((received == 0 && !later) || !take_requests(server, connection) ||
        connection->output.failed || server->held_text.failed) {
        dismiss(server, connection);
        return;
    }
    model_send(connection->fd, connection->output.bytes, connection->output.size);
    byte_buffer_truncate(&connection->output, 0);
}

/* The scripted stall, which only the end of the server cuts short. */
static void stall(struct model_server *server)
{
    const struct model_settings *settings = &server->settings;
    uint64_t now_ns = monotonic_ns();
    if (server->first_ns == 0 && server->requests > 0)
        server->first_ns = now_ns;
    if (settings->stall_ns == 0 || server->has_stalled || server->first_ns == 0 ||
        now_ns - server->first_ns < settings->stall_after_ns)
        return;
    server->has_stalled = true;
    struct pollfd watched = {.fd = server->stop_fd, .events = POLLIN};
    (void)poll(&watched, 1, (int)(settings->stall_ns / NS_PER_MS));
}

void *model_reader_run(void *argument)
{
    struct model_server *server = argument;
    struct epoll_event events[EVENT_BATCH];
    model_be_punctual();
    for (;;) {
        int count = epoll_wait(server->epoll_fd, events, EVENT_BATCH, -1);
        if (count < 0 && errno != EINTR)
            return NULL;
        stall(server);
        for (int i = 0; i < count; i++) {
            void *source = events[i].data.ptr;
            if (source == &server->stop_fd)
                return NULL;
            if (source == &server->listen_fd)
                accept_client(server);
            else
                read_client(server, source);
        }
    }
}
