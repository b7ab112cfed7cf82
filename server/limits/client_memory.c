/* SPDX-License-Identifier: MIT */
/*
 * Memory order: every figure here is relaxed. The sum and its parts are figures that order nothing;
 * what is done to a connection is ordered by its state word.
 */
#include "server/limits/client_memory.h"

#include "server/input.h"
#include "server/limits/deadline.h"
#include "server/pool.h"
#include "server/raw.h"
#include "server/transport.h"

#include <stdint.h>

static const char told[] = "-ERR max-client-memory reached: this client held most of it\r\n";

void client_memory_init(struct client_memory *memory, size_t limit)
{
    *memory = (struct client_memory){.limit = limit};
    lock_init(&memory->evicting, LOCK_RANK_CLIENT_MEMORY);
}

void client_memory_destroy(struct client_memory *memory)
{
    lock_destroy(&memory->evicting);
}

static size_t memory_of(const struct connection *connection)
{
    size_t input = connection->input != NULL ? input_memory(connection->input) : 0;
    return input + connection->output.capacity + transport_memory(connection);
}

static bool is_too_much(const struct client_memory *memory, size_t held)
{
    return memory->limit != 0 && held > memory->limit;
}

static void raise_peak(struct client_memory *memory, size_t held)
{
    size_t peak = atomic_load_explicit(&memory->peak, memory_order_relaxed);
    while (held > peak &&
           !atomic_compare_exchange_weak_explicit(&memory->peak, &peak, held, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

/* Sets what the connection counts for; returns the new sum. */
static size_t count(struct client_memory *memory, struct connection *connection, size_t before,
                    size_t now)
{
    atomic_store_explicit(&connection->memory_held, now, memory_order_relaxed);
    size_t more = now - before; /* or less, modulo the size of the type */
    return atomic_fetch_add_explicit(&memory->held, more, memory_order_relaxed) + more;
}

bool client_memory_count(struct client_memory *memory, struct connection *connection)
{
    size_t before = atomic_load_explicit(&connection->memory_held, memory_order_relaxed);
    size_t now = memory_of(connection);
    if (now == 0 && before == 0)
        return false;
    size_t held =
        now != before ? count(memory, connection, before, now) : client_memory_held(memory);
    if (now > before)
        raise_peak(memory, held);
    return now > 0 && is_too_much(memory, held);
}

void client_memory_forget(struct client_memory *memory, struct connection *connection)
{
    size_t before = atomic_load_explicit(&connection->memory_held, memory_order_relaxed);
    if (before > 0)
        (void)count(memory, connection, before, 0);
}

/* Takes all it holds from a connection that the caller seized, and leaves word of that to its next
 * visit: an error to be sent, or, where that would fall into the midst of a reply or mean nothing
 * to the client, or need the encryption that was taken as well, a deadline that is over. */
static void evict(struct client_memory *memory, struct connection *connection)
{
    bool can_be_told = connection->phase == PHASE_SERVING && connection->output.size == 0 &&
                       connection->tls == NULL && !raw_is_awaited(connection);
    transport_drop_encryption(connection);
    input_free(connection->input);
    connection->input = NULL;
    byte_buffer_free(&connection->output);
    connection->output_sent = 0;
    connection->close_reason = CLOSE_MEMORY_LIMIT;
    if (can_be_told)
        byte_buffer_append(&connection->output, told, sizeof(told) - 1);
    if (connection->output.size > 0) {
        connection->phase = PHASE_FINISHING;
    } else {
        connection->phase = PHASE_LINGERING;
        deadline_set_over(connection);
    }
    (void)client_memory_count(memory, connection);
}

/* What those hold whom nobody is serving, and who of them holds most. */
struct holders {
    size_t held;
    size_t most;
    struct connection *largest; /* NULL when nobody holds anything */
    uint64_t key;               /* of the largest */
};

static struct holders find_holders(struct connection_table *table)
{
    struct holders found = {0};
    uint32_t used = connection_table_used(table);
    for (uint32_t slot = 0; slot < used; slot++) {
        struct connection *connection = connection_table_at(table, slot);
        uint64_t key = connection_event_key(slot, connection);
        size_t held = atomic_load_explicit(&connection->memory_held, memory_order_relaxed);
        if (held == 0 || !connection_is_waiting(connection))
            continue;
        found.held += held;
        if (held <= found.most)
            continue;
        found.most = held;
        found.largest = connection;
        found.key = key;
    }
    return found;
}

/* False when those who wait hold no more than `bar`: then nobody is to be evicted. */
static bool evict_largest(struct pool *pool, size_t bar)
{
    struct holders found = find_holders(&pool->connections);
    bool was_parked;
    if (found.largest == NULL || found.held <= bar)
        return false;
    if (!connection_seize(found.largest, found.key, &was_parked))
        return true; /* it has just been taken from the queue, or closed: look again */
    /* Meanwhile its worker may have served it: then it is not the largest any more. */
    if (atomic_load_explicit(&found.largest->memory_held, memory_order_relaxed) >= found.most)
        evict(&pool->memory, found.largest);
    connection_requeue(found.largest);
    if (was_parked)
        pool_submit(pool, found.largest);
    return true;
}

void client_memory_make_room(struct pool *pool)
{
    struct client_memory *memory = &pool->memory;
    lock_acquire(&memory->evicting);
    size_t bar = memory->limit == 0 ? SIZE_MAX : memory->limit;
    /* Once it has looked for the largest, it makes so much room that it need not soon again. */
    while (client_memory_held(memory) > bar && evict_largest(pool, bar))
        bar = memory->limit - memory->limit / 8;
    lock_release(&memory->evicting);
}

size_t client_memory_held(const struct client_memory *memory)
{
    return atomic_load_explicit(&memory->held, memory_order_relaxed);
}

size_t client_memory_peak(const struct client_memory *memory)
{
    return atomic_load_explicit(&memory->peak, memory_order_relaxed);
}
