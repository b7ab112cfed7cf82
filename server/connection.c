/* SPDX-License-Identifier: MIT */
/*
 * Memory order. A transition that gives the connection away (admit, note_event, claim, park,
 * requeue, retire) releases what the giver wrote; one that takes it (note_event and claim from
 * PARKED, seize, begin_visit, a failed park) acquires it. A queue's lock orders the hand-over from
 * the pusher to the worker as well. Park is sequentially consistent, because a stop must not miss a
 * connection: see the drain note in server/pool.h.
 */
#include "server/connection.h"

#include "common/happens_before.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>

enum { GENERATION_SHIFT = 32 };

static uint32_t generation_of(uint64_t word)
{
    return (uint32_t)(word >> GENERATION_SHIFT);
}

static unsigned state_of(uint64_t word)
{
    return (unsigned)(word & CONNECTION_STATE_MASK);
}

static uint64_t with_state(uint64_t word, enum connection_state state)
{
    return (word & ~(uint64_t)CONNECTION_STATE_MASK) | state;
}

uint64_t connection_event_key(uint32_t slot, const struct connection *connection)
{
    /* Relaxed: the caller owns the connection, so that its generation does not change, or will find
     * out that it has. */
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    return (uint64_t)slot << GENERATION_SHIFT | generation_of(word);
}

uint32_t event_key_slot(uint64_t key)
{
    return (uint32_t)(key >> GENERATION_SHIFT);
}

bool connection_note_event(struct connection *connection, uint64_t key, bool hangup)
{
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    uint64_t changed;
    unsigned state;
    do {
        state = state_of(word);
        if (generation_of(word) != (uint32_t)key || state == CONNECTION_FREE)
            return false;
        changed = word | (hangup ? CONNECTION_HANGUP : 0U);
        if (state == CONNECTION_PARKED)
            changed = with_state(changed, CONNECTION_QUEUED);
        else if (state == CONNECTION_RUNNING)
            changed = with_state(changed, CONNECTION_RUNNING_DIRTY);
        /* Acquire-release even when nothing changes: whoever takes a QUEUED connection next must
         * see the socket as it was when this event was fetched. */
    } while (!atomic_compare_exchange_weak_explicit(&connection->word, &word, changed,
                                                    memory_order_acq_rel, memory_order_relaxed));
    return state == CONNECTION_PARKED;
}

bool connection_claim(struct connection *connection)
{
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_seq_cst);
    while (state_of(word) == CONNECTION_PARKED) {
        uint64_t changed = with_state(word, CONNECTION_QUEUED);
        if (atomic_compare_exchange_weak_explicit(&connection->word, &word, changed,
                                                  memory_order_seq_cst, memory_order_seq_cst))
            return true;
    }
    return false;
}

void connection_begin_visit(struct connection *connection)
{
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    while (state_of(word) != CONNECTION_QUEUED ||
           !atomic_compare_exchange_weak_explicit(&connection->word, &word,
                                                  with_state(word, CONNECTION_RUNNING),
                                                  memory_order_acquire, memory_order_relaxed)) {
        if (state_of(word) == CONNECTION_QUEUED)
            continue;
        assert(state_of(word) == CONNECTION_RUNNING || state_of(word) == CONNECTION_RUNNING_DIRTY);
        sched_yield(); /* it is seized for a moment */
        word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    }
    HAPPENS_AFTER(connection);
}

bool connection_is_waiting(const struct connection *connection)
{
    unsigned state = state_of(atomic_load_explicit(&connection->word, memory_order_relaxed));
    return state == CONNECTION_PARKED || state == CONNECTION_QUEUED;
}

bool connection_seize(struct connection *connection, uint64_t key, bool *was_parked)
{
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    unsigned state;
    do {
        state = state_of(word);
        if (generation_of(word) != (uint32_t)key ||
            (state != CONNECTION_PARKED && state != CONNECTION_QUEUED))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&connection->word, &word,
                                                    with_state(word, CONNECTION_RUNNING),
                                                    memory_order_acquire, memory_order_relaxed));
    HAPPENS_AFTER(connection);
    *was_parked = state == CONNECTION_PARKED;
    return true;
}

bool connection_hung_up(const struct connection *connection)
{
    /* Acquire: a read that follows must see the end of stream that was noted. */
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_acquire);
    return (word & CONNECTION_HANGUP) != 0;
}

bool connection_is_stranger(const struct connection *connection)
{
    /* Relaxed: whoever asks to know where to hand it over has acquired it before. */
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    return (word & CONNECTION_STRANGER) != 0;
}

bool connection_is_undecided(const struct connection *connection)
{
    /* Relaxed: a moment's truth, unless the caller has claimed it. */
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    return (word & (CONNECTION_STRANGER | CONNECTION_DECIDED)) == CONNECTION_STRANGER;
}

/* What the owner knows when it gives a connection up; its last look at the fields. Who was turned
 * away stays a stranger: what such a client still sends has to be read and discarded. */
static uint64_t client_flags(const struct connection *connection)
{
    bool leaves = connection->phase > PHASE_SERVING;
    bool stranger = connection->phase == PHASE_HANDSHAKING || connection->must_log_in ||
                    (leaves && connection_is_stranger(connection));
    return (stranger ? CONNECTION_STRANGER : 0U) | (leaves || !stranger ? CONNECTION_DECIDED : 0U);
}

/* The word with the state in which its owner leaves it, and with what it knows of the client. */
static uint64_t given_up(uint64_t word, enum connection_state state, uint64_t client)
{
    return (with_state(word, state) & ~(uint64_t)CONNECTION_STRANGER) | client;
}

bool connection_park(struct connection *connection, bool reading)
{
    uint64_t client = client_flags(connection);
    HAPPENS_BEFORE(connection);
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    for (;;) {
        bool parked =
            state_of(word) == CONNECTION_RUNNING && !(reading && (word & CONNECTION_HANGUP) != 0);
        uint64_t changed = given_up(word, parked ? CONNECTION_PARKED : CONNECTION_RUNNING, client);
        if (atomic_compare_exchange_weak_explicit(&connection->word, &word, changed,
                                                  memory_order_seq_cst, memory_order_relaxed))
            return parked;
    }
}

void connection_requeue(struct connection *connection)
{
    uint64_t client = client_flags(connection);
    HAPPENS_BEFORE(connection);
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&connection->word, &word,
                                                  given_up(word, CONNECTION_QUEUED, client),
                                                  memory_order_release, memory_order_relaxed)) {
    }
}

void connection_admit(struct connection *connection)
{
    /* Relaxed load: the table's lock orders this after the last tenant's retirement. */
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    assert(state_of(word) == CONNECTION_FREE);
    HAPPENS_BEFORE(connection);
    atomic_store_explicit(&connection->word, with_state(word, CONNECTION_QUEUED),
                          memory_order_release);
}

void connection_retire(struct connection *connection)
{
    /* A store, not a swap: from RUNNING nobody but the owner moves the word on, and a note that
     * the store overwrites was for the tenant that leaves. */
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    uint64_t generation = (uint64_t)generation_of(word) + 1;
    atomic_store_explicit(&connection->word, generation << GENERATION_SHIFT | CONNECTION_FREE,
                          memory_order_release);
}

bool connection_is_open(const struct connection *connection)
{
    uint64_t word = atomic_load_explicit(&connection->word, memory_order_relaxed);
    return state_of(word) != CONNECTION_FREE;
}
