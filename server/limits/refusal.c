/* SPDX-License-Identifier: MIT */
#include "server/limits/refusal.h"

#include "common/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Reads and discards what has come; false when the client is to be closed. */
static bool discard(struct refused_client *client)
{
    char bytes[4096];
    while (client->bytes_read < REFUSAL_READ_BYTES) {
        ssize_t got = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (got <= 0)
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        client->bytes_read += (uint32_t)got;
    }
    return false;
}

static void close_oldest(struct refusals *refusals)
{
    struct refused_client *oldest = &refusals->clients[0];
    (void)discard(oldest); /* what is unread would make the close a reset */
    close(oldest->fd);
    memmove(oldest, oldest + 1, --refusals->count * sizeof(*oldest));
}

void refusals_add(struct refusals *refusals, int fd, const char *text, uint64_t now_ns)
{
    /* It has just connected, so the socket takes a short text; if not, the client is gone. */
    if (text == NULL || send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ||
        shutdown(fd, SHUT_WR) != 0) {
        close(fd);
        return;
    }
    if (refusals->count == REFUSAL_LIMIT)
        close_oldest(refusals);
    refusals->clients[refusals->count++] = (struct refused_client){.fd = fd, .refused_ns = now_ns};
}

nfds_t refusals_watch(const struct refusals *refusals, struct pollfd *watched)
{
    for (size_t i = 0; i < refusals->count; i++)
        watched[i] = (struct pollfd){.fd = refusals->clients[i].fd, .events = POLLIN};
    return refusals->count;
}

void refusals_serve(struct refusals *refusals, uint64_t now_ns)
{
    size_t kept = 0;
    for (size_t i = 0; i < refusals->count; i++) {
        struct refused_client *client = &refusals->clients[i];
        bool late = now_ns >= client->refused_ns + (uint64_t)REFUSAL_KEEP_MS * NS_PER_MS;
        if (discard(client) && !late)
            refusals->clients[kept++] = *client;
        else
            close(client->fd);
    }
    refusals->count = kept;
}

void refusals_close(struct refusals *refusals)
{
    while (refusals->count > 0)
        close_oldest(refusals);
}
