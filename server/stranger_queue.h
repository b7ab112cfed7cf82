/* SPDX-License-Identifier: MIT */
/*
 * Where connections wait that a stranger has: a client that may not use the server yet, since it
 * is amid a TLS handshake or has not given the password. The workers at the door take them from
 * here, those of the pool never do. Whatever strangers cost (a signature, a slow hash, any number
 * of them), nobody who has been let in waits behind it: all they share is the CPUs.
 *
 * First come, first served. A connection is in it at most once, so its capacity is the connection
 * limit and it cannot overflow. Any thread may call these; each takes the queue's own lock.
 */
#ifndef CREW_SERVER_STRANGER_QUEUE_H
#define CREW_SERVER_STRANGER_QUEUE_H

#include "common/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stranger_queue {
    struct lock lock;

    /* All under lock. */
    uint32_t *slots; /* a ring of connections in state QUEUED; owned */
    uint32_t capacity;
    uint32_t head;
    uint32_t length;
    bool closed;
    struct condition changed; /* one more, or closed */
};

/* Returns 0 or an errno value. */
int stranger_queue_init(struct stranger_queue *queue, size_t capacity);
void stranger_queue_destroy(struct stranger_queue *queue);

void stranger_queue_push(struct stranger_queue *queue, uint32_t slot);

/* Waits for one to serve. False once the queue is closed and empty: end the thread. */
bool stranger_queue_take(struct stranger_queue *queue, uint32_t *slot);

/* No more will come. */
void stranger_queue_close(struct stranger_queue *queue);

/* How many wait: a moment's truth. */
uint32_t stranger_queue_length(struct stranger_queue *queue);

#endif
