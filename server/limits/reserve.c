/* SPDX-License-Identifier: MIT */
#include "server/limits/reserve.h"

#include "common/clock.h"
#include "server/limits/deadline.h"
#include "server/pool.h"

enum {
    RESERVED_PART = 8,      /* one in so many places */
    LEAVE_FOR_NEWCOMER = 2, /* more than one, or the reserve would not grow */
    REACH = 256,            /* slots looked at for each; some microseconds */
};

/* In which who means well is let in. */
static const uint64_t LOGIN_NS = NS_PER_S;

/* A parked stranger that has had its time, now the caller's; NULL if none is in reach. */
static struct connection *claim_stranger(struct pool *pool, uint64_t now_ns)
{
    struct connection_table *table = &pool->connections;
    struct connection *found = NULL;
    lock_acquire(&table->lock); /* so that no slot gets another tenant meanwhile */
    uint32_t used = connection_table_used(table);
    for (uint32_t looked = 0; looked < REACH && found == NULL; looked++) {
        pool->reserve_hand = (pool->reserve_hand + 1) % used;
        struct connection *connection = connection_table_at(table, pool->reserve_hand);
        if (connection_is_undecided(connection) &&
            now_ns - connection_table_identity(table, connection)->opened_ns >= LOGIN_NS &&
            connection_claim(connection))
            found = connection;
    }
    lock_release(&table->lock);
    return found;
}

void reserve_restore(struct pool *pool)
{
    size_t capacity = pool->connections.capacity;
    size_t free_places = capacity - connection_table_open_count(&pool->connections);
    if (free_places > capacity / RESERVED_PART)
        return;
    for (int i = 0; i < LEAVE_FOR_NEWCOMER; i++) {
        struct connection *stranger = claim_stranger(pool, monotonic_ns());
        if (stranger == NULL)
            return;
        if (connection_is_undecided(stranger)) /* still, now that nobody else can decide */
            deadline_bring_forward(stranger);
        pool_submit(pool, stranger);
    }
}
