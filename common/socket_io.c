/* SPDX-License-Identifier: MIT */
#include "common/socket_io.h"

#include <errno.h>
#include <sys/socket.h>

ssize_t socket_receive(int fd, void *bytes, size_t size)
{
    ssize_t got;
    do {
        got = recv(fd, bytes, size, 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

ssize_t socket_send(int fd, const void *bytes, size_t size)
{
    ssize_t sent;
    do {
        sent = send(fd, bytes, size, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent;
}
