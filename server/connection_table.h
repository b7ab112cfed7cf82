/* SPDX-License-Identifier: MIT */
/*
 * The slab of all connections: an array that is mapped once, handed out by slot and never
 * unmapped while the server runs (see the stale-event note in server/connection.h). Pages are
 * touched only as connections come.
 *
 * Its lock guards the free list, the identities and the counts of peers; it is never held across a
 * system call on a client's socket.
 */
#ifndef CREW_SERVER_CONNECTION_TABLE_H
#define CREW_SERVER_CONNECTION_TABLE_H

#include "common/endpoint.h"
#include "common/lock.h"
#include "server/connection.h"
#include "server/limits/peer_count.h"

#include <stddef.h>

/* What CLIENT LIST tells of a connection; guarded by the table's lock. */
struct client_identity {
    uint64_t id; /* counts up from 1 and is never used again */
    uint64_t opened_ns;
    union peer_address peer;
    char *name;            /* owned; NULL for none */
    char *library_name;    /* likewise */
    char *library_version; /* likewise */
};

struct connection_table {
    struct connection *connections;
    struct client_identity *identities;
    size_t capacity;

    struct lock lock;
    uint32_t first_free;     /* under lock */
    uint64_t last_id;        /* under lock */
    struct peer_count peers; /* under lock */

    _Atomic uint32_t used; /* slots ever used; grows under lock, the sweep reads it: relaxed */
    _Atomic uint32_t open; /* tenants; see connection_table_open_count */
};

/* `max_per_peer` is as of peer_count_init. Returns 0 or an errno value. */
int connection_table_init(struct connection_table *table, size_t capacity, uint32_t max_per_peer);

/* After all threads ended. Connections that are still open are closed. */
void connection_table_destroy(struct connection_table *table);

/* Acceptor: whether this peer has as many connections as it may. Only the acceptor adds to them. */
bool connection_table_peer_is_full(struct connection_table *table, const union peer_address *peer);

/*
 * Acceptor: gives a connected socket a slot, QUEUED, to be registered and pushed. Takes the
 * socket over. NULL when every slot is taken; the socket is then still the caller's.
 */
struct connection *connection_table_open(struct connection_table *table, int fd,
                                         const struct listener *listener,
                                         const union peer_address *peer);

/* Owner: closes the socket, frees what the connection holds and gives the slot back. */
void connection_table_close(struct connection_table *table, struct connection *connection);

struct connection *connection_table_at(struct connection_table *table, uint32_t slot);
uint32_t connection_table_slot(const struct connection_table *table,
                               const struct connection *connection);

/* The identity that goes with a connection: needs the lock, but for `id` and `opened_ns`, which
 * the owner may read. */
struct client_identity *connection_table_identity(struct connection_table *table,
                                                  const struct connection *connection);

/* Owner: where the connection's client is, as text. Takes the lock for a moment. */
void connection_table_format_peer(struct connection_table *table,
                                  const struct connection *connection,
                                  char text[ENDPOINT_TEXT_SIZE]);

/* How many connections are open. Zero, seen after accepting ended, is final: acquire. */
uint32_t connection_table_open_count(const struct connection_table *table);

/* How many slots, from 0 on, were ever used: the range of a sweep. */
uint32_t connection_table_used(const struct connection_table *table);

#endif
