/* SPDX-License-Identifier: MIT */
/*
 * One client's connection, and the state word that decides who may touch it.
 *
 *            push                 take                 park
 *   PARKED ---------> QUEUED ---------> RUNNING ---------------> PARKED
 *                       ^                |   ^                 (no event came meanwhile)
 *                       |    requeue     |   | park fails: look again
 *                       +----------------+   |
 *                                        v   |
 *                                   RUNNING_DIRTY   (an event came while it was served)
 *
 * Ownership note. Exactly one thread owns a connection at a time: whoever moved it out of PARKED
 * until it is in a queue, then the worker that took it from there, until that worker parks,
 * requeues or retires it. Only the owner may read, write or close the socket or touch the fields
 * marked "owner". Handing over is the last touch: after a successful park or push the giver does
 * not look at the connection again.
 *
 * Stale-event note. Slots are recycled but never unmapped, and the word carries a generation that
 * changes when a connection is retired. An epoll event names slot and generation, so an event
 * for a connection that another worker has just closed fails its compare-and-swap, and can
 * neither wake nor touch the slot's next tenant.
 *
 * Seizure note. When memory must be taken from a connection at once
 * (server/limits/client_memory.h), a worker seizes it out of PARKED, or out of QUEUED although it
 * stays in the queue, and is its owner until it has made it QUEUED again, which is a matter of
 * freeing buffers. A worker that takes it from the queue meanwhile waits for that.
 *
 * Hang-up note. The socket is registered edge-triggered for life. A read that returns less than
 * it asked for has drained the socket, and later data brings a new edge; but an end of stream that
 * was reported together with data brings none. The poller therefore leaves HANGUP in the word, and
 * a connection that has it is read to its end. Under TLS the read that counts is the one from the
 * socket, and what it brought may wait inside the stream: server/transport.h tells whether all is
 * drained.
 */
#ifndef CREW_SERVER_CONNECTION_H
#define CREW_SERVER_CONNECTION_H

#include "common/byte_buffer.h"
#include "server/close_reason.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct input;
struct listener;
struct tls_stream;

enum connection_state {
    CONNECTION_FREE, /* the slot has no tenant */
    CONNECTION_PARKED,
    CONNECTION_QUEUED,
    CONNECTION_RUNNING,
    CONNECTION_RUNNING_DIRTY,
};

enum {
    CONNECTION_STATE_MASK = 0x7,
    CONNECTION_HANGUP = 0x8,    /* the peer will send no more; set by the poller, stays */
    CONNECTION_STRANGER = 0x10, /* its client has not been let in; see connection_is_stranger */
    CONNECTION_DECIDED = 0x20,  /* its client has been let in, once, or turned away; stays */
};

/* What a visit does with the connection; owner. */
enum connection_phase {
    PHASE_HANDSHAKING, /* encryption is being agreed on; of a tls:// listener's */
    PHASE_SERVING,     /* reads requests */
    PHASE_FINISHING,   /* its last reply is written; to be flushed, then shut down */
    PHASE_LINGERING,   /* shut down for writing; reads and discards until the peer closes */
};

struct connection {
    /* Generation << 32 | flags | state. Every change is one compare-and-swap or, by the owner of a
     * RUNNING connection that retires it, one store; acquire and release as argued in the .c */
    _Atomic uint64_t word;

    int fd;                           /* owner */
    uint8_t phase : 2;                /* owner; enum connection_phase */
    bool must_log_in : 1;             /* owner; before it runs other than CREW_BEFORE_AUTH */
    uint8_t refused_logins : 4;       /* owner */
    bool heard_out : 1;               /* owner; amid a stop: see the reading note in visit.c */
    uint8_t close_reason;             /* owner; enum close_reason, once PHASE_FINISHING */
    uint8_t deadline_cause;           /* owner; enum deadline_cause: what `deadline_ns` is for */
    _Atomic uint8_t protocol_version; /* 2 or 3; owner writes, CLIENT LIST reads: relaxed */
    uint32_t polled_round;            /* holder of the poller's role; see server/moderation.h */
    uint32_t next_free;               /* of the table's free list, under the table's lock */
    struct input *input;              /* owner; a partial request, or NULL */
    struct byte_buffer output;        /* owner; what the peer has not taken yet */
    size_t output_sent;               /* owner; how much of `output` is gone */
    struct tls_stream *tls;           /* owner; NULL: not, not yet, or no longer encrypted */
    uint64_t left_since_ns; /* owner; when what its last turn left to run was read, or 0 */

    /* Until when it may wait, 0 for ever; see server/limits/deadline.h. The owner writes it before
     * it parks. The sweep may read an old value, but only claims the connection for a visit, whose
     * worker then reads it as the owner: relaxed. */
    _Atomic uint64_t deadline_ns;
    _Atomic uint64_t last_active_ns; /* owner writes, CLIENT LIST reads: relaxed */
    _Atomic size_t memory_held; /* owner writes, who evicts reads: relaxed, since it looks again */

    const struct listener *listener; /* where it was accepted; set under the table's lock */
};

/* What an epoll event carries. */
uint64_t connection_event_key(uint32_t slot, const struct connection *connection);
uint32_t event_key_slot(uint64_t key);

/*
 * Poller: notes an event. True: the connection was PARKED and is now QUEUED, and the caller must
 * push it. False: its owner will see the event, or the event is stale.
 */
bool connection_note_event(struct connection *connection, uint64_t key, bool hangup);

/* The same for a connection that needs a visit without an event. Any thread. */
bool connection_claim(struct connection *connection);

/* Whether it is PARKED or QUEUED: a moment's truth. */
bool connection_is_waiting(const struct connection *connection);

/* Worker: PARKED or QUEUED to RUNNING, if the key is still that of its tenant; see the seizure
 * note. The caller must requeue it soon and, if it was parked, push it. */
bool connection_seize(struct connection *connection, uint64_t key, bool *was_parked);

/* Worker, on what it took from a queue: QUEUED to RUNNING. */
void connection_begin_visit(struct connection *connection);

/*
 * Whether its client may not use the server yet, since it is amid a TLS handshake or has not given
 * the password, or never will, since it was turned away: as it was when the connection was last
 * parked or requeued. Any thread.
 */
bool connection_is_stranger(const struct connection *connection);

/* Whether it is a stranger's that was never let in, and not turned away either. Any thread. */
bool connection_is_undecided(const struct connection *connection);

/* Owner: whether the peer is known to send no more; see the hang-up note. */
bool connection_hung_up(const struct connection *connection);

/*
 * Owner: gives the connection up until its next event. False when an event came since the visit
 * began or the last park failed: the connection is still the caller's, who must look again.
 * `reading` tells that the caller would go on reading, so that a hang-up also counts as news.
 */
bool connection_park(struct connection *connection, bool reading);

/* Owner: RUNNING, or QUEUED and new, to QUEUED; the caller must push it. */
void connection_requeue(struct connection *connection);

/* Table: FREE to QUEUED, for a new tenant. Owner: anything to FREE with the next generation. */
void connection_admit(struct connection *connection);
void connection_retire(struct connection *connection);

/* Any thread, a moment's truth for lists. */
bool connection_is_open(const struct connection *connection);

#endif
