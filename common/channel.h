/* SPDX-License-Identifier: MIT */
/*
 * A client's connection to a server, encrypted or not. One thread at a time. Transfers return like
 * recv(2) and send(2) on a non-blocking socket: a count, 0 for the end of what is received, or -1
 * with errno, which is EAGAIN when the socket must first become ready, and never EINTR.
 */
#ifndef CREW_COMMON_CHANNEL_H
#define CREW_COMMON_CHANNEL_H

#include "common/endpoint.h"
#include "common/tls.h"

#include <sys/types.h>

struct channel {
    int fd;                 /* owned; -1 while closed */
    struct tls_stream *tls; /* owned; NULL without encryption */
};

/*
 * Connects, and agrees on encryption with a tls:// server, which `tls` is for (else NULL). Blocks
 * for at most `timeout_ms` per address and as long for the handshake, resolving aside. False after
 * filling `error` with where to and why it failed; the channel is then closed.
 */
bool channel_open(struct channel *channel, const struct endpoint *server, struct tls_context *tls,
                  int timeout_ms, char error[ENDPOINT_ERROR_SIZE]);

/* A closed channel may be closed again. */
void channel_close(struct channel *channel);

ssize_t channel_receive(struct channel *channel, void *bytes, size_t size);
/* After EAGAIN the same bytes come first in the next call. */
ssize_t channel_send(struct channel *channel, const void *bytes, size_t size);

/* After EAGAIN: which of poll's events to wait for. `events` is what it would be without TLS. */
short channel_events(const struct channel *channel, short events);

/* Whether more may be received at once although the socket need not be readable. */
bool channel_has_pending(const struct channel *channel);

/* The last transfer failed with errno `error`: why, in words; valid until the next call. */
const char *channel_reason(const struct channel *channel, int error);

#endif
