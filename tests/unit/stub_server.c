/* SPDX-License-Identifier: MIT */
#include "tests/unit/stub_server.h"

#include "tests/unit/threads.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PING "*1\r\n$4\r\nPING\r\n"

struct stub_server stub_server_of_pings(void)
{
    return (struct stub_server){.request_size = sizeof(PING) - 1, .reply = "+PONG\r\n"};
}

struct stub_server stub_server_of_echoes(size_t size)
{
    static const char head[] = "*2\r\n$4\r\nECHO\r\n";
    int bulk = snprintf(NULL, 0, "$%zu\r\n", size);
    return (struct stub_server){.request_size = sizeof(head) - 1 + (size_t)bulk + size + 2,
                                .echo_offset = sizeof(head) - 1};
}

static void accept_one(struct stub_server *server)
{
    int on = 1;
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_uint_lt(server->client_count, STUB_CONNECTIONS);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    server->clients[server->client_count++] = (struct stub_client){.fd = fd};
}

/* False when the connection is to be closed. */
static bool answer(struct stub_server *server, struct stub_client *client)
{
    int mode = atomic_load(&server->mode);
    const char *reply =
        server->reply != NULL ? server->reply : client->request + server->echo_offset;
    size_t size =
        server->reply != NULL ? strlen(server->reply) : server->request_size - server->echo_offset;
    struct timespec pause = {.tv_nsec = (long)atomic_load(&server->delay_ns)};
    client->received = 0;
    if (pause.tv_nsec > 0)
        (void)nanosleep(&pause, NULL);
    if (server->record != NULL)
        byte_buffer_append(server->record, client->request, server->request_size);
    if (mode == STUB_ANSWERS && send(client->fd, reply, size, MSG_NOSIGNAL) != (ssize_t)size)
        return false;
    atomic_fetch_add(&server->requests, 1);
    return mode != STUB_CLOSES;
}

/* False when the connection has ended, or is to. */
static bool serve(struct stub_server *server, struct stub_client *client)
{
    ssize_t size = recv(client->fd, client->request + client->received,
                        server->request_size - client->received, 0);
    if (size <= 0)
        return false;
    client->received += (size_t)size;
    return client->received < server->request_size || answer(server, client);
}

static void *run(void *argument)
{
    struct stub_server *server = argument;
    for (;;) {
        struct pollfd watched[STUB_CONNECTIONS + 2] = {{server->stop_fd, POLLIN, 0},
                                                       {server->listen_fd, POLLIN, 0}};
        size_t count = server->client_count;
        for (size_t i = 0; i < count; i++)
            watched[i + 2] = (struct pollfd){server->clients[i].fd, POLLIN, 0};
        ck_assert_int_gt(poll(watched, count + 2, -1), 0);
        if (watched[0].revents != 0)
            return NULL;
        for (size_t i = count;
             i-- > 0;) { /* backwards: the last takes the place of one that went */
            if (watched[i + 2].revents == 0 || serve(server, &server->clients[i]))
                continue;
            close(server->clients[i].fd);
            server->clients[i] = server->clients[--server->client_count];
        }
        if (watched[1].revents != 0)
            accept_one(server);
    }
}

void stub_server_start(struct stub_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    char url[64];
    char error[ENDPOINT_ERROR_SIZE];
    ck_assert_uint_le(server->request_size, STUB_REQUEST_SIZE);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(server->listen_fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(server->listen_fd, STUB_CONNECTIONS), 0);
    ck_assert_int_eq(getsockname(server->listen_fd, (struct sockaddr *)&address, &size), 0);
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    ck_assert(endpoint_parse(url, &server->endpoint, error));
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    ck_assert_int_ge(server->stop_fd, 0);
    server->thread = thread_start(run, server);
}

void stub_server_stop(struct stub_server *server)
{
    uint64_t one = 1;
    ck_assert_int_eq(write(server->stop_fd, &one, sizeof(one)), sizeof(one));
    thread_join(server->thread);
    for (size_t i = 0; i < server->client_count; i++)
        close(server->clients[i].fd);
    server->client_count = 0;
    close(server->listen_fd);
    close(server->stop_fd);
}
