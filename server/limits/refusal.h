/* SPDX-License-Identifier: MIT */
/*
 * Clients that are refused: each is told why, and must get the text although it may already have
 * sent a request, which would make an immediate close a reset (see the closing note in
 * server/visit.c). So its socket is shut down for writing and kept until the client closes,
 * REFUSAL_KEEP_MS have passed, it has sent REFUSAL_READ_BYTES, or REFUSAL_LIMIT others were refused
 * after it. So refusals can use up neither descriptors nor the acceptor's time.
 *
 * The acceptor's own.
 */
#ifndef CREW_SERVER_REFUSAL_H
#define CREW_SERVER_REFUSAL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/* What a client is told for which there is no place, or no longer. */
#define REFUSAL_NO_PLACE "ERR max number of clients reached"

enum {
    REFUSAL_LIMIT = 32, /* sockets kept at once */
    REFUSAL_KEEP_MS = 1000,
    REFUSAL_READ_BYTES = 64 * 1024, /* what one may send before it is cut off */
};

struct refused_client {
    int fd;
    uint32_t bytes_read;
    uint64_t refused_ns;
};

struct refusals {
    struct refused_client clients[REFUSAL_LIMIT]; /* the oldest first */
    size_t count;
};

/* Takes the socket over. `text` is a whole reply, or NULL for a client that speaks no protocol,
 * which is closed at once. */
void refusals_add(struct refusals *refusals, int fd, const char *text, uint64_t now_ns);

/* Appends what to poll for, at most REFUSAL_LIMIT; returns how many. */
nfds_t refusals_watch(const struct refusals *refusals, struct pollfd *watched);

/* Reads what has come, and closes who closed or ran out of time. */
void refusals_serve(struct refusals *refusals, uint64_t now_ns);

void refusals_close(struct refusals *refusals);

#endif
