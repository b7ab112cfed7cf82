/* SPDX-License-Identifier: MIT */
#include "server/stranger_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int stranger_queue_init(struct stranger_queue *queue, size_t capacity)
{
    *queue = (struct stranger_queue){.capacity = (uint32_t)capacity};
    queue->slots = calloc(capacity, sizeof(*queue->slots));
    if (queue->slots == NULL)
        return ENOMEM;
    lock_init(&queue->lock, LOCK_RANK_STRANGER_QUEUE);
    condition_init(&queue->changed);
    return 0;
}

void stranger_queue_destroy(struct stranger_queue *queue)
{
    condition_destroy(&queue->changed);
    lock_destroy(&queue->lock);
    free(queue->slots);
}

void stranger_queue_push(struct stranger_queue *queue, uint32_t slot)
{
    lock_acquire(&queue->lock);
    assert(queue->length < queue->capacity);
    size_t tail = (size_t)queue->head + queue->length;
    queue->slots[tail < queue->capacity ? tail : tail - queue->capacity] = slot;
    queue->length++;
    condition_signal(&queue->changed);
    lock_release(&queue->lock);
}

bool stranger_queue_take(struct stranger_queue *queue, uint32_t *slot)
{
    lock_acquire(&queue->lock);
    while (queue->length == 0 && !queue->closed)
        condition_wait(&queue->changed, &queue->lock);
    bool taken = queue->length > 0;
    if (taken) {
        *slot = queue->slots[queue->head];
        queue->head = queue->head + 1 < queue->capacity ? queue->head + 1 : 0;
        queue->length--;
    }
    lock_release(&queue->lock);
    return taken;
}

void stranger_queue_close(struct stranger_queue *queue)
{
    lock_acquire(&queue->lock);
    queue->closed = true;
    condition_broadcast(&queue->changed);
    lock_release(&queue->lock);
}

uint32_t stranger_queue_length(struct stranger_queue *queue)
{
    lock_acquire(&queue->lock);
    uint32_t length = queue->length;
    lock_release(&queue->lock);
    return length;
}
