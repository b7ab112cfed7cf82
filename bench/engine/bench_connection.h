/* SPDX-License-Identifier: MIT */
/*
 * One connection of the load generator: a ring of up to `pipeline` requests that wait for their
 * replies, oldest at `head`, since replies come in order. Nothing is allocated per request once
 * the buffers have grown.
 *
 * With a raw:// server each request is a connection of its own: it is opened when the request is
 * queued, and the reply ends with it.
 *
 * Belongs to one thread at a time.
 */
#ifndef CREW_BENCH_BENCH_CONNECTION_H
#define CREW_BENCH_BENCH_CONNECTION_H

#include "bench/engine/workload.h"
#include "common/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { BENCH_RECEIVE_SIZE = 64 * 1024 };

/* A request that was queued and not answered yet. */
struct bench_request {
    uint64_t scheduled_ns;
    uint64_t sent_ns;
    uint64_t number;   /* unique among all requests of a run */
    uint64_t end_byte; /* of the connection's output, counted from its beginning */
    size_t kind;       /* index of the workload's kinds */
};

struct bench_connection {
    struct channel channel; /* owned; closed once lost, or between raw requests */
    const struct workload *workload;
    size_t pipeline;                /* 0 once lost for good */
    struct bench_request *requests; /* owned: the ring */
    size_t head;
    size_t outstanding;

    struct byte_buffer output; /* what is queued, from output_sent on still to be sent */
    size_t output_sent;
    uint64_t queued_bytes; /* ever */

    struct byte_buffer input; /* start of a reply whose rest has not come yet */
    struct resp_scanner scanner;

    /* What the last receive brought and no reply was taken from yet. */
    const char *unread;
    size_t unread_size;
};

/* Takes the channel over (closed with raw://), also on failure (out of memory). */
bool bench_connection_init(struct bench_connection *connection, struct channel channel,
                           const struct workload *workload, size_t pipeline);
void bench_connection_free(struct bench_connection *connection);

/* Closes the socket; the rest stays until bench_connection_free. */
void bench_connection_close(struct bench_connection *connection);

/* Begins to connect for the next raw request; false with errno set. */
bool bench_connection_dial_raw(struct bench_connection *connection,
                               const struct sockaddr_storage *address, socklen_t size);

/*
 * Queues one more request, which must fit the pipeline; `random` draws its kind and its content.
 * False when memory runs out.
 */
bool bench_connection_queue(struct bench_connection *connection, uint64_t number,
                            uint64_t scheduled_ns, uint64_t sent_ns, struct bench_random *random);

enum bench_io {
    BENCH_IO_DONE,
    BENCH_IO_BLOCKED, /* try again when the socket is ready */
    BENCH_IO_LOST,    /* closed or reset; errno is 0 for an orderly close */
};

/* Sends everything that is queued, with as few calls as the socket allows. */
enum bench_io bench_connection_send(struct bench_connection *connection);

static inline bool bench_connection_has_unsent(const struct bench_connection *connection)
{
    return connection->output.size > connection->output_sent;
}

static inline bool bench_connection_has_room(const struct bench_connection *connection)
{
    return connection->outstanding < connection->pipeline;
}

/*
 * Receives once, into `scratch` (BENCH_RECEIVE_SIZE bytes, shared by all connections of a
 * thread). After BENCH_IO_DONE take all replies until REPLY_PARTIAL, then call
 * bench_connection_keep_rest.
 */
enum bench_io bench_connection_receive(struct bench_connection *connection, char *scratch);

/* A reply that was taken; `text` points into what was received, until the next call. */
struct bench_reply {
    uint64_t scheduled_ns;
    uint64_t sent_ns;
    const char *text;
    size_t size;
};

/*
 * Takes the next reply and frees its request's place. REPLY_PARTIAL: there is none for now. Bytes
 * that answer no request which was sent whole are REPLY_MALFORMED; `reply` then holds all that was
 * received.
 */
enum reply_verdict bench_connection_take_reply(struct bench_connection *connection,
                                               struct bench_reply *reply);

/* The reply of a raw server, which has closed the connection: all bytes that came. */
enum reply_verdict bench_connection_take_raw(struct bench_connection *connection,
                                             struct bench_reply *reply);

/* Saves the start of an unfinished reply; false when memory runs out. */
bool bench_connection_keep_rest(struct bench_connection *connection);

#endif
