/* SPDX-License-Identifier: MIT */
/*
 * Reads lines from the terminal on stdin. Two files implement this, of which one is linked:
 * line_editor_libedit.c edits, recalls and completes; line_editor_plain.c leaves editing to the
 * terminal and does neither of the others. One thread.
 */
#ifndef CREW_CLIENT_LINE_EDITOR_H
#define CREW_CLIENT_LINE_EDITOR_H

#include "client/command_names.h"
#include "common/byte_buffer.h"

#include <stdio.h>

struct client_line_editor;

enum client_line { CLIENT_LINE_READ, CLIENT_LINE_CANCELLED, CLIENT_LINE_END };

/*
 * `terminal` takes prompt and echo. `interrupt_fd` is as in client/interrupt.h, or -1. `names` are
 * the names to complete; the editor looks at them while it reads. All three stay the caller's, who
 * keeps them until the editor is destroyed. NULL when memory or the terminal fails.
 */
struct client_line_editor *client_line_editor_create(FILE *terminal, int interrupt_fd,
                                                     const struct client_command_names *names);

void client_line_editor_destroy(struct client_line_editor *editor);

/* Adds a line, which is copied, to those that can be recalled. */
void client_line_editor_remember(struct client_line_editor *editor, const char *line);

/*
 * Blocks until a line is there and appends it, without newline, to `line`; or until ctrl-C
 * cancelled it, or the input ended or failed.
 */
enum client_line client_line_editor_read(struct client_line_editor *editor, const char *prompt,
                                         struct byte_buffer *line);

#endif
