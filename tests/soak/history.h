/* SPDX-License-Identifier: MIT */
/*
 * What one connection sent and got back, checked against what the server promises:
 *
 *   - every request that was sent whole is answered exactly once, in order, byte for byte, and no
 *     request is answered before it was sent whole;
 *   - the server closes a connection only for a reason: its last request asked for it or was
 *     malformed, the client half-closed and has all its answers, there were too many connections
 *     (which also ends one that has not logged in yet), or the server was told to stop; then all
 *     that had been sent whole by that time is answered;
 *   - a connection never ends inside a reply, nor does anything follow a last reply;
 *   - nothing is executed twice, and nothing that was refused is executed at all.
 *
 * The last one shows in sums. Of the commands that the server counts for this check, over all
 * connections that have ended:
 *
 *   executed_least = answered      by their own result
 *   executed_most  = answered + sent whole, but left unanswered when the client itself went away
 *
 * and executed_least <= calls that the server counted <= executed_most. Where no client went away
 * early the two are equal, so one call too many or too few shows.
 *
 * Refused means answered with one of the errors that any request may meet: "-OVERLOADED ..." for
 * the request, "-ERR max number of clients reached" for the connection.
 *
 * Pure: bytes and events in, verdict out. One thread.
 */
#ifndef CREW_TESTS_SOAK_HISTORY_H
#define CREW_TESTS_SOAK_HISTORY_H

#include "common/byte_buffer.h"
#include "common/resp_reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HISTORY_DEEPEST = 64, /* requests that wait for their replies at most */
    HISTORY_TEXT_SIZE = 320,
};

/* What the reply to a request has to be. */
enum history_reply {
    HISTORY_TOKEN,   /* a bulk with the request's token (token.h), of `size` bytes */
    HISTORY_TEXT,    /* exactly `text`, its framing included */
    HISTORY_FAILURE, /* an error that begins with `text`, such as "-ERR Protocol error" */
    HISTORY_ANY,     /* one whole reply, and no error */
    HISTORY_BYTES,   /* exactly `text`, which is no RESP: a raw listener's */
};

struct history_request {
    enum history_reply reply;
    const char *text; /* static storage */
    size_t size;
    size_t bytes; /* that it takes on the wire */
    bool counted; /* its command is one of those that the server's calls are compared for */
    bool ends;    /* the server closes after the reply; whatever is sent after it is ignored */
};

/* Sums over the connections of one kind, and what was found wrong with any of them. */
struct history_totals {
    uint64_t connections; /* that ended */
    uint64_t sent;        /* requests sent whole */
    uint64_t answered;    /* as they should be */
    uint64_t refused;     /* requests */
    uint64_t turned_away; /* connections: one too many */
    uint64_t unanswered;  /* sent whole, and the connection ended */
    uint64_t executed_least;
    uint64_t executed_most;
    uint64_t breaches;
    char first_breach[HISTORY_TEXT_SIZE];
};

struct history {
    struct history_totals *totals;
    uint64_t connection;
    struct history_request requests[HISTORY_DEEPEST]; /* a ring */
    uint64_t begun;                                   /* requests; each one's number is its place */
    uint64_t whole;                                   /* of them, sent whole */
    uint64_t answered;                                /* of them, in order; also refused ones */
    size_t part_sent;                                 /* of the first that is not whole */
    uint64_t due_at_stop;                             /* so many had reached the server then */
    struct byte_buffer reply;                         /* what came of replies that are not whole */
    struct resp_scanner scanner;
    bool half_closed; /* by the client: no more requests follow */
    bool stopping;
    bool wordless; /* a raw or tls listener's: who is one too many is closed without a text */
    bool let_in;   /* and this one is known to be none */
    bool is_user;  /* it was told what no stranger is told, so it need not make room for others */
    bool lenient;  /* the client sends rubbish: any error and any end will do */
    bool ended;    /* by a last reply */
    bool turned_away; /* there were too many connections */
    bool broken;      /* a breach was found; the rest is not looked at */
};

/* How a connection came to its end. */
enum history_end {
    HISTORY_LEFT,   /* the client went away, politely or not */
    HISTORY_CLOSED, /* the server closed it */
    HISTORY_RESET,  /* a reset arrived */
};

/* `connection` makes its tokens unique. Must be followed by history_end. */
void history_begin(struct history *history, struct history_totals *totals, uint64_t connection);

/* Whether one more request may be begun. */
bool history_has_room(const struct history *history);

/* The number of the next request, for its token. */
uint64_t history_next(const struct history *history);

/* The next request's bytes are to be sent from now on. */
void history_request(struct history *history, const struct history_request *request);

/* So many bytes went out, in order of the requests. */
void history_sent(struct history *history, size_t bytes);

/* The client shut its sending side: it will take all answers, and then the end. */
void history_half_close(struct history *history);

/* The server is about to be told to stop: what has reached it whole must be answered, what follows
 * may be. The last `on_their_way` of the bytes that were sent have not reached it. */
void history_stop(struct history *history, size_t on_their_way);

/* Bytes that came back. */
void history_received(struct history *history, const char *bytes, size_t size);

/* All that was begun is answered, or a breach was found, and there is nothing to wait for. */
bool history_settled(const struct history *history);

/* What came of the next reply so far: false at a boundary between replies. */
bool history_inside_reply(const struct history *history);

/* A tls:// client has shaken hands, so it is not one too many that is told nothing. */
void history_let_in(struct history *history);

/* The client found out what the bytes do not tell: something has not come in time, say. */
void history_breach(struct history *history, const char *what);

/* Judges how the connection ended, adds it to the totals and frees what the history holds. */
void history_end(struct history *history, enum history_end how);

/* Adds `from` to `sum`; the first breach stays. */
void history_add(struct history_totals *sum, const struct history_totals *from);

/* Whether the server's count of calls fits; if not, the sum gets one more breach. */
bool history_check_executed(struct history_totals *sum, const char *command, uint64_t calls);

#endif
