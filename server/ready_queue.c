/* SPDX-License-Identifier: MIT */
#include "server/ready_queue.h"

#include "common/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* See struct ready_queue: all but what is written when the poller changes. */
_Static_assert(offsetof(struct ready_queue, poller_kicked) <= 128, "two cache lines are touched");

int ready_queue_init(struct ready_queue *queue, size_t capacity, unsigned workers)
{
    *queue = (struct ready_queue){.capacity = (uint32_t)capacity, .workers = workers};
    queue->ring = calloc(capacity, sizeof(*queue->ring));
    if (queue->ring == NULL)
        return ENOMEM;
    lock_init(&queue->lock, LOCK_RANK_READY_QUEUE);
    condition_init(&queue->wake);
    return 0;
}

void ready_queue_destroy(struct ready_queue *queue)
{
    condition_destroy(&queue->wake);
    lock_destroy(&queue->lock);
    free(queue->ring);
}

static void append(struct ready_queue *queue, const struct ready_entry *entries, size_t count)
{
    lock_assert_held(&queue->lock);
    assert(queue->length + count <= queue->capacity);
    /* Starting over whenever it runs empty keeps a short queue in a few hot cache lines. */
    if (queue->length == 0 && count > 0) {
        queue->head = 0;
        queue->standing_since_ns = entries[0].queued_ns;
    }
    size_t tail = queue->head + queue->length;
    tail = tail < queue->capacity ? tail : tail - queue->capacity;
    for (size_t i = 0; i < count; i++) {
        queue->ring[tail] = entries[i];
        tail = tail + 1 < queue->capacity ? tail + 1 : 0;
    }
    queue->length += count;
    if (queue->length > queue->peak)
        queue->peak = queue->length;
}

static struct ready_taken remove_first(struct ready_queue *queue)
{
    lock_assert_held(&queue->lock);
    assert(queue->length > 0);
    struct ready_entry entry = queue->ring[queue->head];
    queue->head = queue->head + 1 < queue->capacity ? queue->head + 1 : 0;
    queue->length--;
    return (struct ready_taken){
        .slot = entry.slot,
        .queued_ns = entry.queued_ns,
        .standing_since_ns = queue->length > 0 ? queue->standing_since_ns : UINT64_MAX,
    };
}

static void wake_one(struct ready_queue *queue)
{
    lock_assert_held(&queue->lock);
    assert(queue->idle > 0);
    queue->idle--;
    queue->woken++;
    condition_signal(&queue->wake);
}

/* Interrupts the worker that waits for events, unless that was done already. */
static enum ready_kick kick_poller(struct ready_queue *queue)
{
    lock_assert_held(&queue->lock);
    if (queue->poller != POLLER_WORKER || queue->poller_kicked)
        return READY_KICK_NONE;
    queue->poller_kicked = true;
    return READY_KICK_POLLER;
}

static void wait_for_permit(struct ready_queue *queue)
{
    queue->idle++;
    while (queue->woken == 0 && !queue->closed)
        condition_wait(&queue->wake, &queue->lock);
    if (queue->woken > 0)
        queue->woken--;
    else
        queue->idle--; /* closed: nobody took this worker off the idle ones */
}

/* Rule 2: after one was taken, is what is left behind worth another worker? */
static void share_backlog(struct ready_queue *queue, const struct ready_taken *taken)
{
    if (queue->length == 0 || queue->idle == 0 || queue->woken > 0)
        return;
    if (queue->length >= READY_WAKE_LENGTH ||
        monotonic_ns() - taken->queued_ns >= READY_WAKE_WAIT_NS)
        wake_one(queue);
}

static void begin_poll(struct ready_queue *queue)
{
    lock_assert_held(&queue->lock);
    queue->poller = POLLER_WORKER;
    queue->poller_kicked = false;
}

enum ready_result ready_queue_take(struct ready_queue *queue, struct ready_taken *taken)
{
    enum ready_result result = READY_ENTRY;
    lock_acquire(&queue->lock);
    for (;;) {
        if (queue->length > 0 && queue->poller == POLLER_NONE &&
            queue->unpolled >= READY_GLANCE_AFTER) {
            begin_poll(queue);
            result = READY_GLANCE;
            break;
        }
        if (queue->length > 0) {
            queue->unpolled++;
            *taken = remove_first(queue);
            share_backlog(queue, taken);
            break;
        }
        if (queue->closed) {
            result = READY_CLOSED;
            break;
        }
        if (queue->poller != POLLER_WORKER) {
            begin_poll(queue);
            result = READY_POLL;
            break;
        }
        wait_for_permit(queue);
    }
    lock_release(&queue->lock);
    return result;
}

void ready_queue_end_poll(struct ready_queue *queue, const struct ready_entry *entries,
                          size_t count)
{
    lock_acquire(&queue->lock);
    assert(queue->poller == POLLER_WORKER);
    queue->poller = POLLER_NONE;
    queue->unpolled = 0;
    append(queue, entries, count);
    lock_release(&queue->lock);
}

enum ready_kick ready_queue_begin_slow(struct ready_queue *queue)
{
    enum ready_kick kick = READY_KICK_NONE;
    lock_acquire(&queue->lock);
    queue->slow++;
    bool unwatched = queue->poller == POLLER_NONE && queue->woken == 0;
    if (queue->idle > 0) {
        if (unwatched || queue->length > queue->woken)
            wake_one(queue);
    } else if (queue->slow == queue->workers && queue->poller == POLLER_NONE) {
        queue->poller = POLLER_ACCEPTOR;
        kick = READY_KICK_ACCEPTOR;
    } else if (queue->length > queue->woken) {
        /* The poller waits for events, but what is ready may have been fetched by the acceptor,
         * which had stood in until just now. */
        kick = kick_poller(queue);
    }
    lock_release(&queue->lock);
    return kick;
}

void ready_queue_end_slow(struct ready_queue *queue)
{
    lock_acquire(&queue->lock);
    assert(queue->slow > 0);
    queue->slow--;
    lock_release(&queue->lock);
}

void ready_queue_return(struct ready_queue *queue, const struct ready_entry *entry)
{
    lock_acquire(&queue->lock);
    append(queue, entry, 1);
    if (entry->queued_ns > queue->glance_ns) {
        queue->glance_ns = entry->queued_ns + READY_GLANCE_NS;
        queue->unpolled = READY_GLANCE_AFTER;
    }
    lock_release(&queue->lock);
}

enum ready_kick ready_queue_push(struct ready_queue *queue, const struct ready_entry *entries,
                                 size_t count)
{
    enum ready_kick kick = READY_KICK_NONE;
    lock_acquire(&queue->lock);
    append(queue, entries, count);
    if (queue->idle > 0 && queue->woken == 0)
        wake_one(queue);
    else if (queue->woken == 0)
        kick = kick_poller(queue);
    lock_release(&queue->lock);
    return kick;
}

enum ready_kick ready_queue_close(struct ready_queue *queue)
{
    lock_acquire(&queue->lock);
    queue->closed = true;
    condition_broadcast(&queue->wake);
    enum ready_kick kick = kick_poller(queue);
    lock_release(&queue->lock);
    return kick;
}

bool ready_queue_acceptor_polls(struct ready_queue *queue)
{
    lock_acquire(&queue->lock);
    bool polls = queue->poller == POLLER_ACCEPTOR;
    lock_release(&queue->lock);
    return polls;
}

struct ready_queue_figures ready_queue_read(struct ready_queue *queue)
{
    lock_acquire(&queue->lock);
    struct ready_queue_figures figures = {
        .length = queue->length,
        .peak = queue->peak,
        .idle = queue->idle,
        .slow = queue->slow,
        .lock_waits = queue->lock.waits,
        .lock_waited_ns = queue->lock.waited_ns,
    };
    lock_release(&queue->lock);
    return figures;
}

void ready_queue_reset_figures(struct ready_queue *queue)
{
    lock_acquire(&queue->lock);
    queue->peak = queue->length;
    lock_reset_waits(&queue->lock);
    lock_release(&queue->lock);
}
