/* SPDX-License-Identifier: MIT */
#ifndef CREW_CLIENT_HELP_H
#define CREW_CLIENT_HELP_H

#include "client/command_line.h"
#include "client/session.h"
#include "client/status.h"

/*
 * Runs `help` or `help NAME [SUBCOMMAND]`: asks the server with COMMAND DOCS and prints what it
 * says. Blocks. Errors are reported; CLIENT_FAILURE leaves the session open when it was the output
 * that failed.
 */
enum client_status client_help(struct client_session *session,
                               const struct client_command_line *command);

/*
 * Appends the help in a reply to COMMAND DOCS, in RESP2 or RESP3: one line a command, under their
 * groups' headings. `in_detail` adds the lines of subcommands. Pure.
 */
void client_help_format(crew_slice docs, bool in_detail, struct byte_buffer *out);

#endif
