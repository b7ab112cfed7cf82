/* SPDX-License-Identifier: MIT */
#include "common/dial.h"

#include "common/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool wait_for_socket(int fd, short events, int timeout_ms)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    for (;;) {
        struct pollfd watched = {.fd = fd, .events = events};
        uint64_t now_ns = monotonic_ns();
        /* Rounded up, so that the last millisecond is not spent spinning. */
        int left_ms =
            now_ns < deadline_ns ? (int)((deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS) : 0;
        int ready = poll(&watched, 1, left_ms);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* Connects one address; returns 0 or an errno value. */
static int connect_within(int fd, const struct sockaddr *address, socklen_t size, int timeout_ms)
{
    if (connect(fd, address, size) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return errno;
    if (!wait_for_socket(fd, POLLOUT, timeout_ms))
        return ETIMEDOUT;
    int error = 0;
    socklen_t error_size = sizeof(error);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0)
        return errno;
    return error;
}

static int dial_address(const struct sockaddr *address, socklen_t size, int timeout_ms, char *error)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int reason = fd < 0 ? errno : connect_within(fd, address, size, timeout_ms);
    if (reason == 0) {
        int on = 1;
        if (address->sa_family != AF_UNIX) /* Nagle's delay only costs time if this fails */
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return fd;
    }
    if (fd >= 0)
        close(fd);
    char text[ENDPOINT_TEXT_SIZE];
    endpoint_format_address(address, text);
    snprintf(error, ENDPOINT_ERROR_SIZE, "cannot connect to %s: %s", text, strerror(reason));
    return -1;
}

int dial(const struct endpoint *endpoint, int timeout_ms, char error[ENDPOINT_ERROR_SIZE])
{
    if (endpoint->scheme == ENDPOINT_UNIX) {
        struct sockaddr_un address = endpoint_unix_address(endpoint);
        return dial_address((const void *)&address, sizeof(address), timeout_ms, error);
    }
    struct addrinfo *found = endpoint_resolve(endpoint, false, error);
    if (found == NULL)
        return -1;
    int fd = -1;
    for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
        fd = dial_address(at->ai_addr, at->ai_addrlen, timeout_ms, error);
    freeaddrinfo(found);
    return fd;
}
