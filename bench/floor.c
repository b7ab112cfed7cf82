/* SPDX-License-Identifier: MIT */
/*
 * crew-floor [PORT]: what serving a PING cannot cost less than. One thread, one epoll loop, one
 * recv and one send for what has come, and nothing is parsed: seven bytes go back for every
 * fourteen. `crew-bench peers` measures crew-server beside it.
 *
 * It listens on 127.0.0.1, on a free port for 0, and says which in the form that crew-server's log
 * has. Edge-triggered, which costs less CPU time than level-triggered here. Whoever sends something
 * else than PINGs gets a nonsense reply of a fitting length; redis-benchmark's question for the
 * configuration is answered that way, which it only warns about.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST "*1\r\n$4\r\nPING\r\n"
#define REPLY   "+PONG\r\n"

enum {
    REQUEST_SIZE = sizeof(REQUEST) - 1,
    REPLY_SIZE = sizeof(REPLY) - 1,
    MOST_REQUESTS = 1024, /* in one recv */
    MOST_DESCRIPTORS = 4096,
    BACKLOG = 1024,
    EVENTS = 64,
};

/* What each connection has sent of its next request. */
static unsigned char begun[MOST_DESCRIPTORS];
static char replies[(MOST_REQUESTS + 1) * REPLY_SIZE];

static int listen_on(long port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return -1;
    printf("crew-floor info listening url=tcp://127.0.0.1:%d\n", ntohs(address.sin_port));
    return fflush(stdout) == 0 ? fd : -1;
}

static void watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = fd};
    if (fd >= MOST_DESCRIPTORS || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        close(fd);
    else
        begun[fd] = 0;
}

static void accept_all(int epoll_fd, int listen_fd)
{
    const int on = 1;
    int fd = 0;
    while ((fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        watch(epoll_fd, fd);
    }
}

/* Only after a recv that filled the buffer may there be more, for which no event would come. */
static void answer(int fd)
{
    char requests[MOST_REQUESTS * REQUEST_SIZE];
    ssize_t received = 0;
    do {
        received = recv(fd, requests, sizeof(requests), 0);
        if (received <= 0) {
            if (received == 0 || (errno != EAGAIN && errno != EINTR))
                close(fd);
            return;
        }
        size_t whole = (begun[fd] + (size_t)received) / REQUEST_SIZE;
        begun[fd] = (unsigned char)((begun[fd] + (size_t)received) % REQUEST_SIZE);
        if (send(fd, replies, whole * REPLY_SIZE, MSG_NOSIGNAL) != (ssize_t)(whole * REPLY_SIZE)) {
            close(fd); /* it takes no replies */
            return;
        }
    } while (received == (ssize_t)sizeof(requests));
}

int main(int argc, char **argv)
{
    char *end = NULL;
    long port = argc == 2 ? strtol(argv[1], &end, 10) : 0;
    if (argc > 2 || (end != NULL && *end != '\0') || port < 0 || port > UINT16_MAX) {
        fprintf(stderr, "Usage: crew-floor [PORT]   (0 to 65535; 0 takes a free one)\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof(replies); i++)
        replies[i] = REPLY[i % REPLY_SIZE];
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listen_fd = listen_on(port);
    if (epoll_fd < 0 || listen_fd < 0) {
        perror("crew-floor: cannot listen");
        return 1;
    }
    watch(epoll_fd, listen_fd);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll_fd, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listen_fd)
                accept_all(epoll_fd, listen_fd);
            else
                answer(events[i].data.fd);
        }
    }
}
