/* SPDX-License-Identifier: MIT */
/*
 * How a generator thread sends requests and takes replies; see generator.h. Only for the generator
 * itself and in its thread.
 */
#ifndef CREW_BENCH_GENERATOR_IO_H
#define CREW_BENCH_GENERATOR_IO_H

#include "bench/engine/generator.h"

struct epoll_event;

/*
 * Takes up to `wanted` requests from the run's budget; fewer, down to none, when it runs out,
 * which sets `exhausted`.
 */
size_t generator_take_budget(struct generator *generator, size_t wanted);

/* Queues one request; false when that cost the connection. */
bool generator_queue(struct generator *generator, struct bench_connection *connection,
                     uint64_t scheduled_ns, uint64_t now_ns);

/* Sends what is queued; a full socket is watched for room, and no longer once all is sent. */
void generator_flush(struct generator *generator, struct bench_connection *connection,
                     bool was_blocked);

/* Closed loop: fills the connection's free places and sends them together. */
void generator_refill(struct generator *generator, struct bench_connection *connection);

/* Serves one readiness event. */
void generator_handle(struct generator *generator, const struct epoll_event *event);

/* Gives up connections whose oldest request was not answered in time. */
void generator_give_up_stalled(struct generator *generator);

/* Open loop: the connection has no requests any more. */
void generator_note_idle(struct generator *generator, const struct bench_connection *connection);

#endif
