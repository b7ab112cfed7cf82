/* SPDX-License-Identifier: MIT */
/*
 * The lines typed in earlier sessions, in a file that only its owner may read: one line each,
 * oldest first. History is a comfort: a file that cannot be read or written is left alone without
 * a word. One thread; several processes may append to the same file.
 */
#ifndef CREW_CLIENT_HISTORY_H
#define CREW_CLIENT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

enum { CLIENT_HISTORY_LINES = 1000 };

/* True when the line logs in, with AUTH or HELLO: it must not be kept. Pure. */
bool client_history_is_secret(const char *line, size_t size);

/*
 * Opens or creates a history file and gives it mode 0600; the caller closes it. -1 for none, also
 * when `directory` is NULL.
 */
int client_history_open(const char *directory);

/*
 * Hands the last CLIENT_HISTORY_LINES lines to `each`, oldest first, and cuts the file down to
 * them. Nothing happens for -1.
 */
void client_history_load(int fd, void (*each)(void *context, const char *line), void *context);

/* Appends a line, given without its newline. Nothing happens for -1. */
void client_history_append(int fd, const char *line, size_t size);

#endif
