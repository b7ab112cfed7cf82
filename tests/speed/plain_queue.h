/* SPDX-License-Identifier: MIT */
/*
 * The textbook's queue, which the ready queue is compared with: a ring, a mutex and a condition
 * variable, nothing checked, counted or polled. A push signals, a take waits while there is
 * nothing. Like the ready queue it cannot overflow, because its capacity is the number of entries
 * there are.
 */
#ifndef CREW_TESTS_SPEED_PLAIN_QUEUE_H
#define CREW_TESTS_SPEED_PLAIN_QUEUE_H

#include "server/ready_queue.h"

struct plain_queue {
    pthread_mutex_t mutex;
    pthread_cond_t wake;

    /* All under the mutex. */
    struct ready_entry *ring; /* owned */
    size_t capacity;
    size_t head;
    size_t length;
};

/* Returns 0 or an errno value. */
int plain_queue_init(struct plain_queue *queue, size_t capacity);
void plain_queue_destroy(struct plain_queue *queue);

/* Any thread. There is room: see above. */
void plain_queue_push(struct plain_queue *queue, const struct ready_entry *entry);

/* Any thread; blocks while the queue is empty. */
struct ready_entry plain_queue_take(struct plain_queue *queue);

#endif
