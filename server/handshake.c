/* SPDX-License-Identifier: MIT */
#include "server/handshake.h"

#include "common/log.h"
#include "common/tls.h"
#include "server/server.h"
#include "server/transport.h"

#include <errno.h>

static void count(struct worker *worker, const struct connection *connection)
{
    statistics_add(&worker->statistics.tls_handshakes_total, 1);
    if (tls_stream_is_resumed(connection->tls))
        statistics_add(&worker->statistics.tls_resumed_total, 1);
}

static void log_refusal(struct worker *worker, const struct connection *connection)
{
    char text[ENDPOINT_TEXT_SIZE];
    connection_table_format_peer(&worker->server->pool.connections, connection, text);
    log_write(LOG_LEVEL_DEBUG, "tls_handshake_failed", "peer=%s reason=\"%s\"", text,
              tls_stream_reason(connection->tls));
}

enum handshake_result handshake(struct worker *worker, struct connection *connection)
{
    if (connection->tls == NULL && connection_hung_up(connection))
        return HANDSHAKE_BROKEN; /* nobody will take the answer, which is not cheap */
    if (connection->tls == NULL)
        connection->tls = encryption_begin(&worker->server->encryption, connection->fd);
    if (connection->tls == NULL)
        return HANDSHAKE_NO_MEMORY;
    int result = tls_stream_handshake(connection->tls);
    int error = errno;
    if (result == 0) {
        count(worker, connection);
        return HANDSHAKE_DONE;
    }
    if (error == EAGAIN)
        return HANDSHAKE_UNREADY;
    if (error != EPROTO)
        return HANDSHAKE_BROKEN;
    log_refusal(worker, connection);
    return HANDSHAKE_REFUSED;
}
