/* SPDX-License-Identifier: MIT */
/* One request and its reply. Blocks for as long as the session allows. One thread at a time. */
#ifndef CREW_CLIENT_EXCHANGE_H
#define CREW_CLIENT_EXCHANGE_H

#include "client/command_line.h"
#include "client/format.h"
#include "client/session.h"
#include "client/status.h"

/*
 * Sends a request and waits for its reply, which is valid until the session is used again. Push
 * messages before the reply are dropped. Returns CLIENT_ERROR_REPLY for an error reply, and
 * CLIENT_FAILURE without reporting when the connection failed: session->error says why.
 */
enum client_status client_request(struct client_session *session,
                                  const struct client_command_line *command, crew_slice *reply);

/* The same for words known beforehand; the list ends with a NULL. */
enum client_status client_request_words(struct client_session *session, const char *const *words,
                                        crew_slice *reply);

/*
 * Sends a request and prints its reply, and any push messages before it. Returns CLIENT_FAILURE
 * after reporting why; then the session is still open when it was the output that failed.
 */
enum client_status client_exchange(struct client_session *session,
                                   const struct client_command_line *command,
                                   enum client_format format);

#endif
