/* SPDX-License-Identifier: MIT */
#include "server/output.h"

#include "server/server.h"
#include "server/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_CAPACITY = 256 * 1024, /* a worker's buffer that grew beyond this is freed */
    COPIED_SIZE = 64 * 1024,    /* a rest larger than this is handed over instead of copied */
};

/* Sends from *sent on, which it advances. */
static enum output_result send_bytes(struct worker *worker, struct connection *connection,
                                     const struct byte_buffer *bytes, size_t *sent)
{
    while (*sent < bytes->size) {
        ssize_t result = transport_send(connection, bytes->bytes + *sent, bytes->size - *sent);
        if (result >= 0) {
            *sent += (size_t)result;
            statistics_add(&worker->statistics.bytes_out_total, (uint64_t)result);
            atomic_store_explicit(&connection->last_active_ns, worker->now_ns,
                                  memory_order_relaxed);
        } else {
            return errno == EAGAIN ? OUTPUT_BLOCKED : OUTPUT_FAILED;
        }
    }
    return OUTPUT_SENT;
}

static enum output_result send_rest(struct worker *worker, struct connection *connection)
{
    enum output_result result =
        send_bytes(worker, connection, &connection->output, &connection->output_sent);
    if (result == OUTPUT_SENT) {
        byte_buffer_free(&connection->output);
        connection->output_sent = 0;
    }
    return result;
}

/* Moves the worker's bytes from `sent` on to the connection, unless that becomes too much. */
static enum output_result keep_rest(struct worker *worker, struct connection *connection,
                                    size_t sent)
{
    struct byte_buffer *rest = &connection->output;
    size_t more = worker->output.size - sent;
    if (rest->size - connection->output_sent + more >
        (size_t)worker->server->settings.max_output_bytes) {
        rest->failed = true;
        connection->close_reason = CLOSE_OUTPUT_LIMIT;
        return OUTPUT_FAILED;
    }
    if (rest->size == 0 && more > COPIED_SIZE) {
        *rest = worker->output;
        connection->output_sent = sent;
        worker->output = (struct byte_buffer){0};
        return OUTPUT_BLOCKED;
    }
    byte_buffer_append(rest, worker->output.bytes + sent, more);
    byte_buffer_truncate(&worker->output, 0);
    if (!rest->failed)
        return OUTPUT_BLOCKED;
    connection->close_reason = CLOSE_NO_MEMORY;
    return OUTPUT_FAILED;
}

enum output_result output_send(struct worker *worker, struct connection *connection)
{
    struct byte_buffer *gathered = &worker->output;
    if (connection->output.failed) /* replies were lost: no way to go on */
        return OUTPUT_FAILED;
    if (connection->output.size > 0) {
        enum output_result result = send_rest(worker, connection);
        if (result == OUTPUT_BLOCKED && gathered->size > 0)
            return keep_rest(worker, connection, 0);
        if (result != OUTPUT_SENT)
            return result;
    }
    size_t sent = 0;
    enum output_result result = send_bytes(worker, connection, gathered, &sent);
    if (result == OUTPUT_BLOCKED)
        return keep_rest(worker, connection, sent);
    if (gathered->capacity > KEPT_CAPACITY)
        byte_buffer_free(gathered);
    byte_buffer_truncate(gathered, 0);
    return result;
}

void output_send_early(struct worker *worker, struct connection *connection)
{
    if (worker->output.size > 0)
        (void)output_send(worker, connection);
}
