/* SPDX-License-Identifier: MIT */
#include "server/waiter.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/moderation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const uint64_t interrupt_key = UINT64_MAX; /* no slot has this number */

int waiter_init(struct waiter *waiter, struct connection_table *table)
{
    *waiter = (struct waiter){.table = table};
    waiter->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (waiter->epoll_fd < 0)
        return errno;
    waiter->interrupt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = interrupt_key};
    if (waiter->interrupt_fd >= 0 &&
        epoll_ctl(waiter->epoll_fd, EPOLL_CTL_ADD, waiter->interrupt_fd, &event) == 0)
        return 0;
    int error = errno;
    waiter_destroy(waiter);
    return error;
}

void waiter_destroy(struct waiter *waiter)
{
    if (waiter->interrupt_fd >= 0)
        close(waiter->interrupt_fd);
    close(waiter->epoll_fd);
}

int waiter_add(struct waiter *waiter, struct connection *connection)
{
    uint32_t slot = connection_table_slot(waiter->table, connection);
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.u64 = connection_event_key(slot, connection),
    };
    return epoll_ctl(waiter->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) == 0 ? 0 : errno;
}

/* Returns how many events were added at `events`, none when a signal came first. */
static int fetch(const struct waiter *waiter, struct epoll_event *events, int room, int timeout_ms)
{
    int count = epoll_wait(waiter->epoll_fd, events, room, timeout_ms);
    if (count >= 0)
        return count;
    if (errno != EINTR) {
        log_write(LOG_LEVEL_ERROR, "poll_failed", "error=\"%s\"", strerror(errno));
        abort(); /* nothing but a bug or a closed descriptor leads here */
    }
    return 0;
}

static bool is_crowd(const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == interrupt_key) /* somebody wants more than events */
            return true;
    }
    return count >= MODERATION_CROWD;
}

/* Adds what comes within a nap to `count` events that are too few; returns how many are there. A
 * connection may be among both; it is QUEUED when its second event is noted. */
static int gather_crowd(const struct waiter *waiter, uint64_t nap_ns, struct epoll_event *events,
                        int count)
{
    if (is_crowd(events, count))
        return count;
    struct timespec nap = {.tv_nsec = (long)nap_ns};
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL); /* a signal may end it early */
    return count + fetch(waiter, events + count, WAITER_BATCH - count, 0);
}

/* Notes the event; true when its connection is the caller's to push. */
static bool note(const struct waiter *waiter, const struct epoll_event *event, uint32_t *slot)
{
    uint64_t key = event->data.u64;
    *slot = event_key_slot(key);
    bool hangup = (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    return connection_note_event(connection_table_at(waiter->table, *slot), key, hangup);
}

size_t waiter_poll(struct waiter *waiter, uint64_t nap_ns, int timeout_ms,
                   struct ready_entry entries[WAITER_BATCH], bool *interrupted)
{
    struct epoll_event events[WAITER_BATCH];
    int early = 0; /* fetched before the nap, and so ready since then */
    int count = 0;
    uint64_t early_ns = 0;
    if (nap_ns > 0) {
        early = fetch(waiter, events, WAITER_BATCH, 0);
        early_ns = monotonic_ns();
        count = gather_crowd(waiter, nap_ns, events, early);
    }
    if (count == 0)
        count = fetch(waiter, events, WAITER_BATCH, timeout_ms);
    uint64_t now_ns = monotonic_ns();
    size_t ready = 0;
    *interrupted = false;
    for (int i = 0; i < count; i++) {
        uint32_t slot;
        if (events[i].data.u64 == interrupt_key)
            *interrupted = true;
        else if (note(waiter, &events[i], &slot))
            entries[ready++] = (struct ready_entry){slot, i < early ? early_ns : now_ns};
    }
    return ready;
}

void waiter_interrupt(struct waiter *waiter)
{
    uint64_t one = 1;
    ssize_t written = write(waiter->interrupt_fd, &one, sizeof(one));
    (void)written; /* a full counter has already woken the poller */
}
