/* SPDX-License-Identifier: MIT */
/*
 * How many connections each peer has: an open-addressing hash table with linear probing that
 * never grows, and closes the gaps that a peer leaves (Knuth, The Art of Computer Programming,
 * volume 3, section 6.4, algorithm R). Its hash is seeded at random, so that nobody can choose
 * addresses that collide.
 *
 * A peer is an IPv4 address, also when it comes through an IPv6 socket, or the first 64 bits of an
 * IPv6 address, which is what one subscriber gets (RFC 6177). Unix sockets are not counted.
 *
 * Guarded by the lock of the connection table that it belongs to.
 */
#ifndef CREW_SERVER_PEER_COUNT_H
#define CREW_SERVER_PEER_COUNT_H

#include "server/limits/peer_address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_entry {
    uint64_t key;
    uint32_t connections; /* 0: this place is free */
};

struct peer_count {
    struct peer_entry *entries; /* NULL: nothing is counted */
    size_t mask;                /* their number, a power of two, less one */
    uint64_t seed;
    uint32_t limit; /* of connections per peer */
};

/* For at most `capacity` peers at once; a limit of 0 counts nothing. Returns 0 or an errno value.
 */
int peer_count_init(struct peer_count *peers, size_t capacity, uint32_t limit);
void peer_count_destroy(struct peer_count *peers);

/* Whether the peer has as many connections as it may. */
bool peer_count_is_full(const struct peer_count *peers, const union peer_address *peer);

/* One connection more, or one less of those that were added. */
void peer_count_add(struct peer_count *peers, const union peer_address *peer);
void peer_count_remove(struct peer_count *peers, const union peer_address *peer);

#endif
