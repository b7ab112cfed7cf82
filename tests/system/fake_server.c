/* SPDX-License-Identifier: MIT */
#include "tests/system/fake_server.h"

#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STOP, LISTENER, FIRST };

static void close_one(struct fake_server *server, size_t index)
{
    close(server->fds[index]);
    server->fds[index] = server->fds[--server->count];
}

static void close_all(struct fake_server *server)
{
    while (server->count > LISTENER)
        close(server->fds[--server->count]);
}

/* False when it was the last reply. */
static bool serve(struct fake_server *server, size_t index, size_t *replies)
{
    char bytes[4096];
    if (recv(server->fds[index], bytes, sizeof(bytes), 0) <= 0 ||
        send(server->fds[index], server->reply, strlen(server->reply), MSG_NOSIGNAL) < 0)
        close_one(server, index);
    else
        ++*replies;
    return server->limit == 0 || *replies < server->limit;
}

static void *run(void *argument)
{
    struct fake_server *server = argument;
    size_t replies = 0;
    for (;;) {
        struct pollfd watched[FAKE_CONNECTIONS + FIRST];
        size_t count = server->count;
        for (size_t i = 0; i < count; i++)
            watched[i] = (struct pollfd){server->fds[i], POLLIN, 0};
        ck_assert_int_gt(poll(watched, count, -1), 0);
        if (watched[STOP].revents != 0)
            return NULL;
        for (size_t i = count; i-- > FIRST;) {
            if (watched[i].revents == 0 || serve(server, i, &replies))
                continue;
            close_all(server);
            return NULL;
        }
        if (watched[LISTENER].revents != 0) {
            ck_assert_uint_lt(server->count, FAKE_CONNECTIONS + FIRST);
            server->fds[server->count++] = accept4(server->fds[LISTENER], NULL, NULL, SOCK_CLOEXEC);
        }
    }
}

void fake_server_start(struct fake_server *server, const char *reply, size_t limit)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    *server = (struct fake_server){.reply = reply, .limit = limit, .count = FIRST};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->fds[LISTENER] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(server->fds[LISTENER], (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(server->fds[LISTENER], FAKE_CONNECTIONS), 0);
    ck_assert_int_eq(getsockname(server->fds[LISTENER], (struct sockaddr *)&address, &size), 0);
    snprintf(server->url, sizeof(server->url), "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    ck_assert_int_ge(server->stop_fd, 0);
    server->fds[STOP] = server->stop_fd;
    ck_assert_int_eq(pthread_create(&server->thread, NULL, run, server), 0);
}

void fake_server_stop(struct fake_server *server)
{
    eventfd_write(server->stop_fd, 1);
    ck_assert_int_eq(pthread_join(server->thread, NULL), 0);
    close_all(server);
    close(server->stop_fd);
}
