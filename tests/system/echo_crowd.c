/* SPDX-License-Identifier: MIT */
#include "tests/system/echo_crowd.h"

#include "tests/system/fixture.h"
#include "tests/system/wire.h"

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DEEPEST = 8,  /* requests that one member pipelines at most */
    LARGEST = 96, /* bytes of one request or reply */
    EVENTS = 256,
};

struct echo_member {
    int fd;
    uint32_t number;
    uint32_t next;                 /* request to build */
    uint32_t answered;             /* replies checked */
    char batch[DEEPEST * LARGEST]; /* requests that are being sent */
    size_t ends[DEEPEST];          /* where each of them ends */
    size_t batch_size;
    size_t batch_sent;
    uint32_t batch_count;
    uint32_t batch_whole; /* of them were sent whole */
    char reply[LARGEST];  /* that is awaited */
    size_t reply_size;
    size_t reply_read;
    bool ended;
};

/* xorshift64*, Vigna 2016: "An experimental exploration of Marsaglia's xorshift generators". */
static uint32_t draw(struct echo_crowd *crowd, uint32_t below)
{
    ck_assert_uint_gt(below, 0);
    crowd->random ^= crowd->random >> 12;
    crowd->random ^= crowd->random << 25;
    crowd->random ^= crowd->random >> 27;
    return (uint32_t)((crowd->random * UINT64_C(2685821657736338717)) >> 33) % below;
}

/* A payload that names member and request, of a length that varies. */
static int payload(char *text, size_t size, uint32_t member, uint32_t request)
{
    static const char filling[] = "abcdefghijklmnopqrstuvwxyz";
    return snprintf(text, size, "%u:%u:%.*s", member, request, (int)(request % 26), filling);
}

static void build_batch(struct echo_member *member, uint32_t requests)
{
    member->batch_size = 0;
    member->batch_sent = 0;
    member->batch_whole = 0;
    member->batch_count = requests;
    for (uint32_t i = 0; i < requests; i++) {
        char text[LARGEST / 2];
        int size = payload(text, sizeof(text), member->number, member->next++);
        member->batch_size += (size_t)snprintf(member->batch + member->batch_size, LARGEST,
                                               "*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n", size, text);
        member->ends[i] = member->batch_size;
    }
}

static void await_reply(struct echo_member *member)
{
    char text[LARGEST / 2];
    int size = payload(text, sizeof(text), member->number, member->answered);
    member->reply_size =
        (size_t)snprintf(member->reply, sizeof(member->reply), "$%d\r\n%s\r\n", size, text);
    member->reply_read = 0;
}

void echo_crowd_open(struct echo_crowd *crowd, const char *url, size_t count, uint32_t requests,
                     uint64_t seed)
{
    *crowd = (struct echo_crowd){.count = count, .requests = requests, .random = seed};
    crowd->members = calloc(count, sizeof(*crowd->members));
    crowd->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    ck_assert(crowd->members != NULL && crowd->epoll_fd >= 0);
    for (size_t i = 0; i < count; i++) {
        struct echo_member *member = &crowd->members[i];
        member->number = (uint32_t)i;
        member->fd = wire_connect(url);
        await_reply(member);
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
        ck_assert_int_eq(epoll_ctl(crowd->epoll_fd, EPOLL_CTL_ADD, member->fd, &event), 0);
    }
}

/* Starts a batch of random depth once the last one is answered; false when all were sent. */
static bool next_batch(struct echo_crowd *crowd, struct echo_member *member)
{
    uint32_t left = crowd->requests - member->next;
    if (left == 0 || member->answered < member->next)
        return false;
    build_batch(member, 1 + draw(crowd, left < DEEPEST ? left : DEEPEST));
    return true;
}

/* Sends one piece of random length; true when a byte went out. */
static bool send_piece(struct echo_crowd *crowd, struct echo_member *member)
{
    if (member->batch_sent == member->batch_size && !next_batch(crowd, member))
        return false;
    size_t left = member->batch_size - member->batch_sent;
    size_t piece = 1 + draw(crowd, (uint32_t)left);
    ssize_t sent = send(member->fd, member->batch + member->batch_sent, piece, MSG_NOSIGNAL);
    if (sent < 0) {
        ck_assert_msg(errno == EAGAIN, "send: %s", strerror(errno));
        return false;
    }
    member->batch_sent += (size_t)sent;
    for (; member->batch_whole < member->batch_count &&
           member->ends[member->batch_whole] <= member->batch_sent;
         member->batch_whole++)
        crowd->sent_whole++;
    return sent > 0;
}

/* Checks bytes against the replies that are due, in order. */
static void check_bytes(struct echo_crowd *crowd, struct echo_member *member, const char *bytes,
                        size_t size)
{
    while (size > 0) {
        size_t due = member->reply_size - member->reply_read;
        size_t part = size < due ? size : due;
        ck_assert_msg(memcmp(bytes, member->reply + member->reply_read, part) == 0,
                      "member %u, reply %u: '%.*s' instead of '%.*s'", member->number,
                      member->answered, (int)part, bytes, (int)part,
                      member->reply + member->reply_read);
        bytes += part;
        size -= part;
        member->reply_read += part;
        if (member->reply_read < member->reply_size)
            continue;
        member->answered++;
        crowd->answered++;
        await_reply(member);
    }
}

/* Reads what is there. A connection that ends outside of echo_crowd_finish fails the test. */
static void read_replies(struct echo_crowd *crowd, struct echo_member *member, bool may_end)
{
    char bytes[4096];
    ssize_t got = recv(member->fd, bytes, sizeof(bytes), 0);
    if (got > 0) {
        check_bytes(crowd, member, bytes, (size_t)got);
        return;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    ck_assert_msg(may_end && got == 0, "member %u: the connection ended: %s", member->number,
                  got == 0 ? "closed" : strerror(errno));
    ck_assert_msg(member->reply_read == 0, "member %u: closed inside reply %u", member->number,
                  member->answered);
    member->ended = true;
    epoll_ctl(crowd->epoll_fd, EPOLL_CTL_DEL, member->fd, NULL);
}

static void poll_replies(struct echo_crowd *crowd, int timeout_ms, bool may_end)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(crowd->epoll_fd, events, EVENTS, timeout_ms);
    ck_assert_msg(count > 0 || timeout_ms == 0, "no reply within %d ms; %lu answered", timeout_ms,
                  (unsigned long)crowd->answered);
    for (int i = 0; i < count; i++)
        read_replies(crowd, &crowd->members[events[i].data.u64], may_end);
}

void echo_crowd_run(struct echo_crowd *crowd, uint64_t goal)
{
    while (crowd->answered < goal) {
        bool sent = false;
        for (size_t i = 0; i < crowd->count && crowd->answered < goal; i++)
            sent |= send_piece(crowd, &crowd->members[i]);
        poll_replies(crowd, sent ? 0 : PATIENCE_MS, false);
    }
}

void echo_crowd_finish(struct echo_crowd *crowd)
{
    size_t open = crowd->count;
    while (open > 0) {
        poll_replies(crowd, PATIENCE_MS, true);
        open = 0;
        for (size_t i = 0; i < crowd->count; i++)
            open += !crowd->members[i].ended;
    }
}

uint64_t echo_crowd_outstanding(const struct echo_crowd *crowd)
{
    return crowd->sent_whole - crowd->answered;
}

void echo_crowd_close(struct echo_crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++)
        close(crowd->members[i].fd);
    close(crowd->epoll_fd);
    free(crowd->members);
}
