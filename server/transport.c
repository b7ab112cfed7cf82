/* SPDX-License-Identifier: MIT */
#include "server/transport.h"

#include "server/connection.h"

#include <errno.h>
#include <sys/socket.h>

ssize_t transport_receive(struct connection *connection, void *bytes, size_t size)
{
    ssize_t got;
    do {
        got = recv(connection->fd, bytes, size, 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

ssize_t transport_send(struct connection *connection, const void *bytes, size_t size)
{
    ssize_t sent;
    do {
        sent = send(connection->fd, bytes, size, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent;
}

bool transport_end_sending(struct connection *connection)
{
    return shutdown(connection->fd, SHUT_WR) == 0;
}
