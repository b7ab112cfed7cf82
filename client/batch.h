/* SPDX-License-Identifier: MIT */
#ifndef CREW_CLIENT_BATCH_H
#define CREW_CLIENT_BATCH_H

#include "client/session.h"
#include "client/settings.h"
#include "client/status.h"

/*
 * Connects, runs the commands on standard input, one a line and one after the other, and prints
 * each reply. Blank lines are skipped; a line with bad quotes is reported, counts as an error and
 * is not sent. Blocks. Returns the worst that happened, and stops early only when the connection
 * or the output fails.
 */
enum client_status client_batch(struct client_session *session,
                                const struct client_settings *settings);

#endif
