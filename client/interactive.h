/* SPDX-License-Identifier: MIT */
#ifndef CREW_CLIENT_INTERACTIVE_H
#define CREW_CLIENT_INTERACTIVE_H

#include "client/session.h"
#include "client/settings.h"
#include "client/status.h"

/*
 * Prompts for commands on the terminal and prints their replies until the user leaves. Connects
 * again, with the next command, when the connection was lost; no command is ever sent twice.
 * Blocks, and from now on takes SIGINT for the end of a wait (client/interrupt.h).
 *
 * Returns CLIENT_OK when the user left, CLIENT_FAILURE when prompt or output failed.
 */
enum client_status client_interactive(struct client_session *session,
                                      const struct client_settings *settings);

#endif
