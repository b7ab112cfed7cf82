/* SPDX-License-Identifier: MIT */
#ifndef CREW_CLIENT_LOGIN_H
#define CREW_CLIENT_LOGIN_H

#include "client/session.h"
#include "client/settings.h"
#include "client/status.h"

/*
 * Connects, logs in with AUTH if there is a password, and asks for RESP3 if it is wanted. Blocks.
 * What goes wrong is reported; after CLIENT_ERROR_REPLY, a refusal, the session is open.
 */
enum client_status client_login(struct client_session *session,
                                const struct client_settings *settings);

#endif
