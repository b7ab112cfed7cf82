/* SPDX-License-Identifier: MIT */
#include "tests/speed/plain_queue.h"

#include <errno.h>
#include <stdlib.h>

int plain_queue_init(struct plain_queue *queue, size_t capacity)
{
    *queue = (struct plain_queue){.capacity = capacity};
    queue->ring = calloc(capacity, sizeof(*queue->ring));
    if (queue->ring == NULL)
        return ENOMEM;
    int error = pthread_mutex_init(&queue->mutex, NULL);
    if (error == 0) {
        error = pthread_cond_init(&queue->wake, NULL);
        if (error == 0)
            return 0;
        (void)pthread_mutex_destroy(&queue->mutex);
    }
    free(queue->ring);
    return error;
}

void plain_queue_destroy(struct plain_queue *queue)
{
    (void)pthread_cond_destroy(&queue->wake);
    (void)pthread_mutex_destroy(&queue->mutex);
    free(queue->ring);
}

void plain_queue_push(struct plain_queue *queue, const struct ready_entry *entry)
{
    pthread_mutex_lock(&queue->mutex);
    size_t tail = queue->head + queue->length;
    queue->ring[tail < queue->capacity ? tail : tail - queue->capacity] = *entry;
    queue->length++;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
}

struct ready_entry plain_queue_take(struct plain_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->length == 0)
        pthread_cond_wait(&queue->wake, &queue->mutex);
    struct ready_entry entry = queue->ring[queue->head];
    queue->head = queue->head + 1 < queue->capacity ? queue->head + 1 : 0;
    queue->length--;
    pthread_mutex_unlock(&queue->mutex);
    return entry;
}
