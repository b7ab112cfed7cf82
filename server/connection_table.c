/* SPDX-License-Identifier: MIT */
#include "server/connection_table.h"

#include "common/clock.h"
#include "server/input.h"
#include "server/limits/deadline.h"
#include "server/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { NO_SLOT = UINT32_MAX };

static void *map_array(size_t count, size_t size)
{
    return mmap(NULL, count * size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void unmap_arrays(const struct connection_table *table)
{
    munmap(table->connections, table->capacity * sizeof(*table->connections));
    munmap(table->identities, table->capacity * sizeof(*table->identities));
}

int connection_table_init(struct connection_table *table, size_t capacity, uint32_t max_per_peer)
{
    *table = (struct connection_table){.capacity = capacity, .first_free = NO_SLOT};
    void *connections = map_array(capacity, sizeof(*table->connections));
    if (connections == MAP_FAILED)
        return errno;
    void *identities = map_array(capacity, sizeof(*table->identities));
    if (identities == MAP_FAILED) {
        int error = errno;
        munmap(connections, capacity * sizeof(*table->connections));
        return error;
    }
    table->connections = connections;
    table->identities = identities;
    int error = peer_count_init(&table->peers, capacity, max_per_peer);
    if (error != 0) {
        unmap_arrays(table);
        return error;
    }
    lock_init(&table->lock, LOCK_RANK_CONNECTION_TABLE);
    return 0;
}

void connection_table_destroy(struct connection_table *table)
{
    for (uint32_t slot = 0; slot < connection_table_used(table); slot++) {
        if (connection_is_open(&table->connections[slot]))
            connection_table_close(table, &table->connections[slot]);
    }
    unmap_arrays(table);
    peer_count_destroy(&table->peers);
    lock_destroy(&table->lock);
}

static uint32_t take_slot(struct connection_table *table)
{
    lock_assert_held(&table->lock);
    uint32_t slot = table->first_free;
    if (slot != NO_SLOT) {
        table->first_free = table->connections[slot].next_free;
        return slot;
    }
    uint32_t used = atomic_load_explicit(&table->used, memory_order_relaxed);
    if (used == table->capacity)
        return NO_SLOT;
    atomic_store_explicit(&table->used, used + 1, memory_order_relaxed);
    return used;
}

bool connection_table_peer_is_full(struct connection_table *table, const union peer_address *peer)
{
    if (table->peers.limit == 0) /* constant */
        return false;
    lock_acquire(&table->lock);
    bool full = peer_count_is_full(&table->peers, peer);
    lock_release(&table->lock);
    return full;
}

struct connection *connection_table_open(struct connection_table *table, int fd,
                                         const struct listener *listener,
                                         const union peer_address *peer)
{
    lock_acquire(&table->lock);
    uint64_t now_ns = monotonic_ns(); /* under the lock, so that ids and times rise together */
    uint32_t slot = take_slot(table);
    if (slot != NO_SLOT) {
        table->identities[slot] =
            (struct client_identity){.id = ++table->last_id, .opened_ns = now_ns, .peer = *peer};
        table->connections[slot].listener = listener;
        peer_count_add(&table->peers, peer);
        atomic_store_explicit(&table->connections[slot].last_active_ns, now_ns,
                              memory_order_relaxed);
    }
    lock_release(&table->lock);
    if (slot == NO_SLOT)
        return NULL;

    struct connection *connection = &table->connections[slot];
    connection->fd = fd;
    connection->phase = PHASE_SERVING;
    connection->close_reason = CLOSE_CLIENT;
    connection->deadline_cause = DEADLINE_NONE;
    connection->must_log_in = false;
    connection->refused_logins = 0;
    connection->heard_out = false;
    atomic_store_explicit(&connection->protocol_version, 2, memory_order_relaxed);
    atomic_store_explicit(&connection->deadline_ns, 0, memory_order_relaxed);
    /* Relaxed: only the count's way down to zero orders anything. */
    atomic_fetch_add_explicit(&table->open, 1, memory_order_relaxed);
    connection_admit(connection);
    return connection;
}

void connection_table_close(struct connection_table *table, struct connection *connection)
{
    uint32_t slot = connection_table_slot(table, connection);
    transport_close(connection);
    input_free(connection->input);
    connection->input = NULL;
    byte_buffer_free(&connection->output);
    connection->output_sent = 0;

    lock_acquire(&table->lock);
    struct client_identity *identity = &table->identities[slot];
    peer_count_remove(&table->peers, &identity->peer);
    free(identity->name);
    free(identity->library_name);
    free(identity->library_version);
    *identity = (struct client_identity){0};
    connection_retire(connection);
    connection->next_free = table->first_free;
    table->first_free = slot;
    lock_release(&table->lock);
    /* Release: whoever reads zero sees everything that was done for the connections. */
    atomic_fetch_sub_explicit(&table->open, 1, memory_order_release);
}

struct connection *connection_table_at(struct connection_table *table, uint32_t slot)
{
    return &table->connections[slot];
}

uint32_t connection_table_slot(const struct connection_table *table,
                               const struct connection *connection)
{
    return (uint32_t)(connection - table->connections);
}

struct client_identity *connection_table_identity(struct connection_table *table,
                                                  const struct connection *connection)
{
    return &table->identities[connection_table_slot(table, connection)];
}

void connection_table_format_peer(struct connection_table *table,
                                  const struct connection *connection,
                                  char text[ENDPOINT_TEXT_SIZE])
{
    lock_acquire(&table->lock);
    union peer_address peer = connection_table_identity(table, connection)->peer;
    lock_release(&table->lock);
    endpoint_format_address(&peer.any, text);
}

uint32_t connection_table_open_count(const struct connection_table *table)
{
    return atomic_load_explicit(&table->open, memory_order_acquire);
}

uint32_t connection_table_used(const struct connection_table *table)
{
    return atomic_load_explicit(&table->used, memory_order_relaxed);
}
