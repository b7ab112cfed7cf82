/* SPDX-License-Identifier: MIT */
/*
 * One connection to a server: connect, send, receive with a time limit, close, connect again.
 * One thread at a time. Functions that return false have closed the connection and left the
 * reason, as a sentence without a full stop, in `error`: after a failure, requests and replies
 * would be out of step.
 */
#ifndef CREW_CLIENT_SESSION_H
#define CREW_CLIENT_SESSION_H

#include "common/byte_buffer.h"
#include "common/channel.h"
#include "common/endpoint.h"
#include "common/resp_reply.h"
#include "crew.h"

#include <stdbool.h>

enum { CLIENT_SESSION_ERROR_SIZE = ENDPOINT_ERROR_SIZE };

struct client_session {
    /* Set by the caller before the first open. */
    struct endpoint server;
    struct tls_context *tls; /* not owned; NULL unless it is a tls:// server */
    int connect_timeout_ms;
    int timeout_ms;   /* until a reply begins or goes on; -1 for none */
    int interrupt_fd; /* ends waiting when it becomes readable (client/interrupt.h); -1 for none */

    /* To read only. */
    char name[ENDPOINT_TEXT_SIZE]; /* "127.0.0.1:12345" or a path; set by client_session_init */
    char error[CLIENT_SESSION_ERROR_SIZE];

    /* Private. */
    struct channel channel;      /* closed while not connected */
    struct byte_buffer input;    /* the present reply and what came after it */
    bool answered;               /* there was a reply, ever: it speaks what we speak */
    size_t reply_size;           /* of the reply that was handed out last */
    struct resp_scanner scanner; /* of the reply that is arriving */
};

/* Leaves a session that is not connected; `interrupt_fd` is -1. */
void client_session_init(struct client_session *session, const struct endpoint *server,
                         struct tls_context *tls, int connect_timeout_ms, int timeout_ms);

/* Connects anew, closing what was open. */
bool client_session_open(struct client_session *session);

/* Closes the connection, if any, and frees all memory. The session may be opened again. */
void client_session_close(struct client_session *session);

bool client_session_is_open(const struct client_session *session);

/* False when the server has closed the connection meanwhile; does not block. */
bool client_session_is_alive(struct client_session *session);

/*
 * Sends all of it, or stops early when the server has stopped listening: that is no failure yet,
 * because its last words may be waiting to be received.
 */
bool client_session_send(struct client_session *session, const struct byte_buffer *bytes);

/*
 * Receives one whole reply or push message, nested no deeper than CLIENT_REPLY_DEPTH_LIMIT. It
 * is valid until the next call with this session.
 */
bool client_session_receive(struct client_session *session, crew_slice *reply);

/*
 * Receives whatever comes until the server closes the connection, `timeout_ms` are over, or
 * `limit` bytes have come, then closes the connection. `bytes` is valid until the next call with
 * this session. Fails when nothing at all came.
 */
bool client_session_receive_to_end(struct client_session *session, size_t limit, crew_slice *bytes);

#endif
