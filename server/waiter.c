/* SPDX-License-Identifier: MIT */
#include "server/waiter.h"

#include "common/clock.h"
#include "common/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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

size_t waiter_poll(struct waiter *waiter, int timeout_ms, struct ready_entry entries[WAITER_BATCH],
                   bool *interrupted)
{
    struct epoll_event events[WAITER_BATCH];
    int count = epoll_wait(waiter->epoll_fd, events, WAITER_BATCH, timeout_ms);
    if (count < 0 && errno != EINTR) {
        log_write(LOG_LEVEL_ERROR, "poll_failed", "error=\"%s\"", strerror(errno));
        abort(); /* nothing but a bug or a closed descriptor leads here */
    }
    uint64_t now_ns = monotonic_ns();
    size_t ready = 0;
    *interrupted = false;
    for (int i = 0; i < count; i++) {
        uint64_t key = events[i].data.u64;
        if (key == interrupt_key) {
            *interrupted = true;
            continue;
        }
        uint32_t slot = event_key_slot(key);
        bool hangup = (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        if (connection_note_event(connection_table_at(waiter->table, slot), key, hangup))
            entries[ready++] = (struct ready_entry){slot, now_ns};
    }
    return ready;
}

void waiter_interrupt(struct waiter *waiter)
{
    uint64_t one = 1;
    ssize_t written = write(waiter->interrupt_fd, &one, sizeof(one));
    (void)written; /* a full counter has already woken the poller */
}
