/* SPDX-License-Identifier: MIT */
#include "server/transport.h"

#include "common/socket_io.h"
#include "common/tls.h"
#include "server/connection.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t transport_receive(struct connection *connection, void *bytes, size_t size)
{
    if (connection->tls != NULL)
        return tls_stream_receive(connection->tls, bytes, size);
    return socket_receive(connection->fd, bytes, size);
}

ssize_t transport_send(struct connection *connection, const void *bytes, size_t size)
{
    if (connection->tls != NULL)
        return tls_stream_send(connection->tls, bytes, size);
    return socket_send(connection->fd, bytes, size);
}

size_t transport_burden(const struct connection *connection, size_t got)
{
    size_t burden = connection->tls != NULL ? tls_stream_burden(connection->tls) : 0;
    return burden > got ? burden : got;
}

bool transport_is_drained(const struct connection *connection, size_t got, size_t room)
{
    return connection->tls != NULL ? tls_stream_is_drained(connection->tls) : got < room;
}

bool transport_is_empty(const struct connection *connection)
{
    int waiting = 0;
    return ioctl(connection->fd, FIONREAD, &waiting) == 0 && waiting == 0;
}

bool transport_awaits_writing(const struct connection *connection)
{
    return connection->tls != NULL && tls_stream_events(connection->tls) == POLLOUT;
}

bool transport_has_pending(const struct connection *connection)
{
    return connection->tls != NULL && tls_stream_has_pending(connection->tls);
}

size_t transport_memory(const struct connection *connection)
{
    return connection->tls != NULL ? tls_stream_memory(connection->tls) : 0;
}

bool transport_end_sending(struct connection *connection)
{
    if (connection->tls != NULL && tls_stream_end(connection->tls) != 0)
        return false;
    transport_drop_encryption(connection);
    return shutdown(connection->fd, SHUT_WR) == 0;
}

void transport_drop_encryption(struct connection *connection)
{
    tls_stream_free(connection->tls);
    connection->tls = NULL;
}

void transport_close(struct connection *connection)
{
    transport_drop_encryption(connection);
    close(connection->fd);
}
