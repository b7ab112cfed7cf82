/* SPDX-License-Identifier: MIT */
#include "bench/selftest/queue_recursion.h"

double queue_recursion_add(struct queue_recursion *queue, double came, double service)
{
    size_t next = 0;
    for (size_t i = 1; i < queue->workers; i++)
        if (queue->free_at[i] < queue->free_at[next])
            next = i;
    double begins = queue->free_at[next] > came ? queue->free_at[next] : came;
    queue->free_at[next] = begins + service;
    queue->waits += begins - came;
    queue->count++;
    return begins - came;
}
