/* SPDX-License-Identifier: MIT */
/* Stands in for the files that know OpenSSL where crew is built without it: there are no contexts,
 * and so no streams. */
#include "common/tls.h"

#include <errno.h>
#include <stdio.h>

bool tls_is_available(void)
{
    return false;
}

static struct tls_context *refuse(char *message)
{
    snprintf(message, TLS_MESSAGE_SIZE, "this program was built without TLS");
    return NULL;
}

struct tls_context *tls_context_for_server(const struct tls_files *files,
                                           enum tls_verification clients,
                                           char message[TLS_MESSAGE_SIZE])
{
    (void)files;
    (void)clients;
    return refuse(message);
}

struct tls_context *tls_context_for_client(const struct tls_files *files,
                                           enum tls_verification server,
                                           char message[TLS_MESSAGE_SIZE])
{
    (void)files;
    (void)server;
    return refuse(message);
}

bool tls_context_accept_tickets(struct tls_context *context, const struct tls_context *before)
{
    (void)context;
    (void)before;
    return true;
}

struct tls_context *tls_context_share(struct tls_context *context)
{
    return context;
}

void tls_context_release(struct tls_context *context)
{
    (void)context;
}

struct tls_stream *tls_stream_create(struct tls_context *context, int fd, const char *host)
{
    (void)context;
    (void)fd;
    (void)host;
    return NULL;
}

void tls_stream_free(struct tls_stream *stream)
{
    (void)stream;
}

int tls_stream_handshake(struct tls_stream *stream)
{
    (void)stream;
    errno = EPROTO;
    return -1;
}

ssize_t tls_stream_receive(struct tls_stream *stream, void *bytes, size_t size)
{
    (void)stream;
    (void)bytes;
    (void)size;
    errno = EPROTO;
    return -1;
}

ssize_t tls_stream_send(struct tls_stream *stream, const void *bytes, size_t size)
{
    (void)stream;
    (void)bytes;
    (void)size;
    errno = EPROTO;
    return -1;
}

int tls_stream_end(struct tls_stream *stream)
{
    (void)stream;
    errno = EPROTO;
    return -1;
}

short tls_stream_events(const struct tls_stream *stream)
{
    (void)stream;
    return 0;
}

const char *tls_stream_reason(const struct tls_stream *stream)
{
    (void)stream;
    return "";
}

enum tls_trouble tls_stream_trouble(const struct tls_stream *stream)
{
    (void)stream;
    return TLS_TROUBLE_OTHER;
}

size_t tls_stream_burden(const struct tls_stream *stream)
{
    (void)stream;
    return 0;
}

bool tls_stream_is_drained(const struct tls_stream *stream)
{
    (void)stream;
    return true;
}

bool tls_stream_has_pending(const struct tls_stream *stream)
{
    (void)stream;
    return false;
}

size_t tls_stream_memory(const struct tls_stream *stream)
{
    (void)stream;
    return 0;
}

bool tls_stream_is_resumed(const struct tls_stream *stream)
{
    (void)stream;
    return false;
}
