/* SPDX-License-Identifier: MIT */
/*
 * How long a connection may wait for its client, and for what.
 *
 * A connection has one deadline: that of what it waits for now. It begins when the wait begins and
 * is not moved by progress, so a client that drips bytes, or takes them in drips, gains nothing. It
 * ends when the connection waits for something else, or when a request has come whole: then the
 * owner calls deadline_met, and the next wait, even for the same kind of thing, has a deadline of
 * its own. Until its client has logged in, where it has to, a connection waits for that alone: no
 * request it may send meanwhile and no reply is worth another wait.
 *
 * A deadline that has passed counts only after a look: the sweep has the connection visited, the
 * visit does what can be done, and deadline_settle tells whether that was in vain.
 *
 * Owner of the connection.
 */
#ifndef CREW_SERVER_DEADLINE_H
#define CREW_SERVER_DEADLINE_H

#include "server/close_reason.h"
#include "server/connection.h"
#include "server/settings.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LINGER_MS = 1000, /* see the closing note in server/visit.c */
    DEADLINE_NOW = 1, /* ns: over whenever somebody looks */
    DEADLINE_TEXT_SIZE = 80,
};

/* What a connection waits for. */
enum deadline_cause {
    DEADLINE_NONE,    /* nothing that has begun */
    DEADLINE_IDLE,    /* the first byte of a request: --idle-timeout */
    DEADLINE_REQUEST, /* the rest of a request, record or handshake: --request-timeout */
    DEADLINE_LOGIN,   /* the password: --login-timeout */
    DEADLINE_OUTPUT,  /* that all output is taken: --output-timeout */
    DEADLINE_LINGER,  /* that the peer closes: LINGER_MS */
};

/* A request has come whole. */
static inline void deadline_met(struct connection *connection)
{
    if (connection->deadline_cause != DEADLINE_LOGIN)
        connection->deadline_cause = DEADLINE_NONE;
}

/* What is waited for is too late unless it has come by the next look, since its place is needed. */
static inline void deadline_bring_forward(struct connection *connection)
{
    atomic_store_explicit(&connection->deadline_ns, DEADLINE_NOW, memory_order_relaxed);
}

/* Nothing is waited for any longer: a PHASE_LINGERING connection is closed by its next visit. */
static inline void deadline_set_over(struct connection *connection)
{
    connection->deadline_cause = DEADLINE_LINGER;
    deadline_bring_forward(connection);
}

/*
 * At the end of a visit, when the connection holds what it will keep: starts the deadline of what
 * it waits for from now on, unless it runs already. True when it runs already and is over.
 */
bool deadline_settle(struct connection *connection, const struct settings *settings,
                     uint64_t now_ns);

/* Why to close a connection whose deadline is over, but for one that lingers: that has its reason.
 */
enum close_reason deadline_close_reason(const struct connection *connection);

/* What its client is told then, without the beginning and end of an error; false for nothing. */
bool deadline_last_word(const struct connection *connection, const struct settings *settings,
                        char text[DEADLINE_TEXT_SIZE]);

#endif
