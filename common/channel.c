/* SPDX-License-Identifier: MIT */
#include "common/channel.h"

#include "common/clock.h"
#include "common/dial.h"
#include "common/socket_io.h"
#include "common/tls_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Returns 0 or an errno value. */
static int shake_hands(struct channel *channel, int timeout_ms)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    while (tls_stream_handshake(channel->tls) != 0) {
        if (errno != EAGAIN)
            return errno;
        if (!wait_for_socket(channel->fd, tls_stream_events(channel->tls),
                             milliseconds_left(deadline_ns)))
            return ETIMEDOUT;
    }
    return 0;
}

static bool begin_encryption(struct channel *channel, const struct endpoint *server,
                             struct tls_context *tls, int timeout_ms, char *error)
{
    channel->tls = tls_stream_create(tls, channel->fd, server->host);
    int reason = channel->tls != NULL ? shake_hands(channel, timeout_ms) : ENOMEM;
    if (reason == 0)
        return true;
    enum tls_trouble trouble = TLS_TROUBLE_OTHER;
    if (reason == EPROTO)
        trouble = tls_stream_trouble(channel->tls);
    else if (reason == ETIMEDOUT) /* others than crew-server wait for the rest of a line */
        trouble = TLS_TROUBLE_NO_TLS;
    snprintf(error, ENDPOINT_ERROR_SIZE, "no TLS with %.200s:%s: %s%s", server->host, server->port,
             reason == ECONNRESET ? "the server closed the connection amid the handshake"
                                  : channel_reason(channel, reason),
             tls_client_hint(trouble));
    channel_close(channel);
    return false;
}

bool channel_open(struct channel *channel, const struct endpoint *server, struct tls_context *tls,
                  int timeout_ms, char error[ENDPOINT_ERROR_SIZE])
{
    *channel = (struct channel){.fd = dial(server, timeout_ms, error)};
    return channel->fd >= 0 &&
           (tls == NULL || begin_encryption(channel, server, tls, timeout_ms, error));
}

void channel_close(struct channel *channel)
{
    tls_stream_free(channel->tls);
    channel->tls = NULL;
    if (channel->fd >= 0)
        close(channel->fd);
    channel->fd = -1;
}

ssize_t channel_receive(struct channel *channel, void *bytes, size_t size)
{
    if (channel->tls != NULL)
        return tls_stream_receive(channel->tls, bytes, size);
    return socket_receive(channel->fd, bytes, size);
}

ssize_t channel_send(struct channel *channel, const void *bytes, size_t size)
{
    if (channel->tls != NULL)
        return tls_stream_send(channel->tls, bytes, size);
    return socket_send(channel->fd, bytes, size);
}

short channel_events(const struct channel *channel, short events)
{
    return channel->tls != NULL ? tls_stream_events(channel->tls) : events;
}

bool channel_has_pending(const struct channel *channel)
{
    return channel->tls != NULL && !tls_stream_is_drained(channel->tls);
}

const char *channel_reason(const struct channel *channel, int error)
{
    return error == EPROTO && channel->tls != NULL ? tls_stream_reason(channel->tls)
                                                   : strerror(error);
}
