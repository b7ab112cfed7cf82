/* SPDX-License-Identifier: MIT */
/*
 * How long a connection may wait for its client, and for what.
 *
 * A connection has one deadline: that of what it waits for now. It begins when the wait begins and
 * is not moved by progress, so a client that drips bytes, or takes them in drips, gains nothing. It
 * ends when the connection waits for something else, or when a request has come whole: then the
 * owner calls deadline_met, and the next wait, even for the same kind of thing, has a deadline of
 * its own.
 *
 * A deadline that has passed counts only after a look: the sweep has the connection visited, the
 * visit does what can be done, and deadline_settle tells whether that was in vain.
 *
 * Owner of the connection.
 */
#ifndef CREW_SERVER_DEADLINE_H
#define CREW_SERVER_DEADLINE_H

#include "server/connection.h"
#include "server/settings.h"

#include <stdbool.h>
#include <stdint.h>

enum { LINGER_MS = 1000 }; /* see the closing note in server/visit.c */

/* What a connection waits for. */
enum deadline_cause {
    DEADLINE_NONE,    /* nothing that has begun */
    DEADLINE_IDLE,    /* the first byte of a request: --idle-timeout */
    DEADLINE_REQUEST, /* the rest of a request, record or handshake: --request-timeout */
    DEADLINE_OUTPUT,  /* that all output is taken: --output-timeout */
    DEADLINE_LINGER,  /* that the peer closes: LINGER_MS */
};

/* A request has come whole. */
static inline void deadline_met(struct connection *connection)
{
    connection->deadline_cause = DEADLINE_NONE;
}

/* Nothing is waited for any longer: a PHASE_LINGERING connection is closed by its next visit. */
static inline void deadline_set_over(struct connection *connection)
{
    connection->deadline_cause = DEADLINE_LINGER;
    atomic_store_explicit(&connection->deadline_ns, 1, memory_order_relaxed);
}

/*
 * At the end of a visit, when the connection holds what it will keep: starts the deadline of what
 * it waits for from now on, unless it runs already. True when it runs already and is over.
 */
bool deadline_settle(struct connection *connection, const struct settings *settings,
                     uint64_t now_ns);

#endif
