/* SPDX-License-Identifier: MIT */
/*
 * What all clients together make the server hold: input buffers of requests that are not whole,
 * output that is not taken, and encryption. When that exceeds the limit, whoever holds most is
 * closed, until it does not; so a client that wants too much hurts itself, and those with small
 * requests go on.
 *
 * Accounting note. Each owner counts what its connection holds at the end of a visit, as allocated.
 * So a PING, which leaves nothing behind, touches nothing that is shared; over TLS, which takes as
 * much before it as after it, it only looks at the sum. What the workers' present
 * visits take is not in the sum until they end.
 *
 * Eviction note. Memory is taken from a connection by whichever worker went over the limit, at
 * once, and not by a visit that would have to wait its turn in the queue. For that it seizes the
 * connection (see the seizure note in server/connection.h), frees its buffers, and leaves the error
 * and the close to its next visit. A connection that another worker is serving cannot be seized,
 * and nobody else shall suffer for it: what it holds is left out until its own worker has served
 * it, and then looks at the sum.
 *
 * So the ceiling is the limit, and what the workers' present connections hold.
 */
#ifndef CREW_SERVER_CLIENT_MEMORY_H
#define CREW_SERVER_CLIENT_MEMORY_H

#include "common/lock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct connection;
struct pool;

struct client_memory {
    size_t limit; /* bytes; 0: none; constant */
    struct lock evicting;

    /* Written by whoever's connection begins or ceases to hold something: a line of their own. */
    _Alignas(64) _Atomic size_t held; /* the sum of all connections' `memory_held` */
    _Atomic size_t peak;              /* of `held` */
};

void client_memory_init(struct client_memory *memory, size_t limit);
void client_memory_destroy(struct client_memory *memory);

/* Owner, when a visit ends: counts what the connection holds. True when all hold too much and it
 * holds some of it: the caller is to make room once it has given the connection up. */
bool client_memory_count(struct client_memory *memory, struct connection *connection);

/* Owner, before it closes the connection. */
void client_memory_forget(struct client_memory *memory, struct connection *connection);

/* Worker, between visits: evicts the largest holders until seven eighths of the limit are held. */
void client_memory_make_room(struct pool *pool);

/* Any thread: bytes held now, and at most so far. */
size_t client_memory_held(const struct client_memory *memory);
size_t client_memory_peak(const struct client_memory *memory);

#endif
