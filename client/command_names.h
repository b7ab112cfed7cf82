/* SPDX-License-Identifier: MIT */
/* The names of the server's commands, for tab completion. One thread at a time. */
#ifndef CREW_CLIENT_COMMAND_NAMES_H
#define CREW_CLIENT_COMMAND_NAMES_H

#include "client/status.h"
#include "crew.h"

#include <stdbool.h>
#include <stddef.h>

enum { CLIENT_COMMAND_NAME_SIZE = 64 };

struct client_command_name {
    char text[CLIENT_COMMAND_NAME_SIZE]; /* printable ASCII without spaces */
};

/* Sorted, in any case of letters. All zero is empty. */
struct client_command_names {
    struct client_command_name *items; /* owned */
    size_t count;
};

/*
 * Replaces the names by those of a reply to COMMAND, and adds those of `own`, which ends with a
 * NULL. What is no name is passed over; so is the reply as a whole if it is an error. Leaves the
 * names empty when memory runs out.
 */
void client_command_names_set(struct client_command_names *names, crew_slice reply,
                              const char *const *own);

void client_command_names_free(struct client_command_names *names);

/* What Tab does after the beginning of a name. */
struct client_completion {
    size_t first; /* the names that begin so: count of them from here on */
    size_t count;
    char rest[CLIENT_COMMAND_NAME_SIZE + 1]; /* what they go on with, all of them; may be "" */
};

/*
 * Completes the last word of the line up to the cursor, if that is where a command's name stands:
 * first, or after "help". `rest` is in upper case unless the beginning has a small letter, and
 * ends with a space when there is only one such name.
 */
struct client_completion client_command_names_complete(const struct client_command_names *names,
                                                       const char *line, size_t size);

#endif
