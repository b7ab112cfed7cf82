/* SPDX-License-Identifier: MIT */
#include "common/dial.h"

#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

int milliseconds_left(uint64_t deadline_ns)
{
    uint64_t now_ns = monotonic_ns();
    return now_ns < deadline_ns ? (int)((deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

bool wait_for_socket(int fd, short events, int timeout_ms)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    for (;;) {
        struct pollfd watched = {.fd = fd, .events = events};
        int ready = poll(&watched, 1, milliseconds_left(deadline_ns));
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/*
 * Connects a Unix socket; returns 0 or an errno value. When the listener's backlog is full, a
 * non-blocking connect fails at once with nothing to poll for, so this one blocks, within limits.
 */
static int connect_unix(int fd, const struct sockaddr *address, socklen_t size, int timeout_ms)
{
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000L};
    if (timeout_ms == 0)
        limit.tv_usec = 1; /* zero would mean for ever */
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)
        return errno;
    if (connect(fd, address, size) != 0)
        return errno == EAGAIN ? ETIMEDOUT : errno;
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

/* Connects a non-blocking internet socket; returns 0 or an errno value. */
static int connect_inet(int fd, const struct sockaddr *address, socklen_t size, int timeout_ms)
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
    bool inet = address->sa_family != AF_UNIX;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | (inet ? SOCK_NONBLOCK : 0), 0);
    int reason = errno;
    if (fd >= 0)
        reason = inet ? connect_inet(fd, address, size, timeout_ms)
                      : connect_unix(fd, address, size, timeout_ms);
    if (reason == 0) {
        int on = 1;
        if (inet) /* Nagle's delay only costs time if this fails */
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
