/* SPDX-License-Identifier: MIT */
/*
 * One connection of the load generator: a ring of `pipeline` encoded requests, each with the
 * time at which it was sent. Requests are answered in order, so the oldest unanswered one is
 * always at `head`. A slot's bytes stay until its reply has come, which is what lets a reply be
 * compared with its request. Nothing is allocated per request.
 *
 * Belongs to one thread at a time.
 */
#ifndef CREW_BENCH_BENCH_CONNECTION_H
#define CREW_BENCH_BENCH_CONNECTION_H

#include "bench/engine/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_RECEIVE_SIZE = 64 * 1024 };

struct bench_connection {
    int fd; /* non-blocking, owned; -1 once lost */
    const struct workload *workload;
    size_t pipeline;
    char *requests;     /* owned: pipeline * workload->request.size bytes */
    uint64_t *sent_ns;  /* owned: one per slot */
    size_t head;        /* slot of the oldest unanswered request */
    size_t outstanding; /* requests queued or sent, and not yet answered */
    size_t unsent;      /* bytes of them that the socket has not taken yet */
    uint64_t number;    /* of the next request; unique among all connections of a run */
    uint64_t number_step;

    struct byte_buffer input; /* start of a reply whose rest has not come yet */
    struct resp_scanner scanner;

    /* What the last receive brought and no reply was taken from yet. */
    const char *unread;
    size_t unread_size;
};

/*
 * Takes over `fd`, also on failure (out of memory). This is connection `index` of `total`: their
 * numbers interleave.
 */
bool bench_connection_init(struct bench_connection *connection, int fd,
                           const struct workload *workload, size_t pipeline, size_t index,
                           size_t total);
void bench_connection_free(struct bench_connection *connection);

/* Closes the socket; the rest stays until bench_connection_free. */
void bench_connection_close(struct bench_connection *connection);

/* Queues `count` more requests, which must fit the pipeline, as sent at `now_ns`. */
void bench_connection_queue(struct bench_connection *connection, size_t count, uint64_t now_ns);

enum bench_io {
    BENCH_IO_DONE,
    BENCH_IO_BLOCKED, /* try again when the socket is ready */
    BENCH_IO_LOST,    /* closed or reset; errno is 0 for an orderly close */
};

/* Sends everything that is queued, with as few calls as the socket allows. */
enum bench_io bench_connection_send(struct bench_connection *connection);

/*
 * Receives once, into `scratch` (BENCH_RECEIVE_SIZE bytes, shared by all connections of a
 * thread). After BENCH_IO_DONE take all replies until WORKLOAD_PARTIAL, then call
 * bench_connection_keep_rest.
 */
enum bench_io bench_connection_receive(struct bench_connection *connection, char *scratch);

/* A reply that was taken; `text` points into what was received, until the next call. */
struct bench_reply {
    uint64_t sent_ns;
    const char *text;
    size_t size;
};

/*
 * Takes the next reply and frees its request's slot. WORKLOAD_PARTIAL: there is none for now.
 * Bytes that answer no request which was sent whole are WORKLOAD_MALFORMED; `reply` then holds
 * all that was received.
 */
enum workload_verdict bench_connection_take_reply(struct bench_connection *connection,
                                                  struct bench_reply *reply);

/* Saves the start of an unfinished reply; false when memory runs out. */
bool bench_connection_keep_rest(struct bench_connection *connection);

#endif
