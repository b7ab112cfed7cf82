/* SPDX-License-Identifier: MIT */
#ifndef CREW_CLIENT_RAW_EXCHANGE_H
#define CREW_CLIENT_RAW_EXCHANGE_H

#include "client/command_line.h"
#include "client/session.h"
#include "client/status.h"

/*
 * Talks to a server that speaks no protocol: connects, sends the words joined by spaces (or, when
 * there are none, standard input), and prints what comes until the server closes the connection
 * or the session's timeout is over. A newline is added if the reply does not end with one.
 * Blocks. Errors are reported: no connection, nothing received, or more than 64 MiB of it.
 */
enum client_status client_raw_exchange(struct client_session *session,
                                       const struct client_command_line *command);

#endif
