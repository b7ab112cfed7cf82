/* SPDX-License-Identifier: MIT */
/*
 * The set of parked connections: one epoll instance in which every connection is registered once,
 * edge-triggered, for life, so that parking and waking cost no system call.
 */
#ifndef CREW_SERVER_WAITER_H
#define CREW_SERVER_WAITER_H

#include "server/connection_table.h"
#include "server/ready_queue.h"

enum { WAITER_BATCH = 256 }; /* events fetched at once */

struct waiter {
    int epoll_fd;
    int interrupt_fd; /* an eventfd in the set, also edge-triggered, so it is never read */
    struct connection_table *table;
};

/* Returns 0 or an errno value. */
int waiter_init(struct waiter *waiter, struct connection_table *table);
void waiter_destroy(struct waiter *waiter);

/* Acceptor, who owns the connection: registers its socket. Returns 0 or an errno value. */
int waiter_add(struct waiter *waiter, struct connection *connection);

/*
 * Waits up to timeout_ms (-1: until something happens) and returns how many connections became
 * QUEUED and are now the caller's to push; *interrupted tells whether this call used up an
 * interrupt. If fewer than MODERATION_CROWD are ready at once, and no interrupt, it first looks
 * away for nap_ns, in which nothing interrupts it. Any thread, but only the holder of the poller's
 * role should wait.
 */
size_t waiter_poll(struct waiter *waiter, uint64_t nap_ns, int timeout_ms,
                   struct ready_entry entries[WAITER_BATCH], bool *interrupted);

/* Any thread: makes one waiter_poll that waits, or else the next one, return. */
void waiter_interrupt(struct waiter *waiter);

#endif
