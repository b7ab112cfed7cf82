/* SPDX-License-Identifier: MIT */
#ifndef CREW_CLIENT_ONE_SHOT_H
#define CREW_CLIENT_ONE_SHOT_H

#include "client/command_line.h"
#include "client/session.h"
#include "client/settings.h"
#include "client/status.h"

/*
 * Connects and runs one command, as often as settings->repeat says, printing each reply. Blocks.
 * Returns the worst that happened; errors are reported.
 */
enum client_status client_one_shot(struct client_session *session,
                                   const struct client_settings *settings,
                                   const struct client_command_line *command);

#endif
