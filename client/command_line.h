/* SPDX-License-Identifier: MIT */
/* The words of one command. One thread at a time. */
#ifndef CREW_CLIENT_COMMAND_LINE_H
#define CREW_CLIENT_COMMAND_LINE_H

#include "crew.h"

#include <stdbool.h>
#include <stddef.h>

/* All zero is empty. The array is owned, the words' bytes are not. */
struct client_command_line {
    crew_slice *words;
    size_t count;
    size_t capacity;
};

/* False when memory ran out, which is reported. */
bool client_command_line_append(struct client_command_line *command, crew_slice word);

enum client_split { CLIENT_SPLIT_OK, CLIENT_SPLIT_UNBALANCED, CLIENT_SPLIT_NO_MEMORY };

/*
 * Replaces the words by those of a line, quoted as in common/words.h; they point into the line,
 * which is changed. CLIENT_SPLIT_UNBALANCED leaves the words before the bad quote. Running out of
 * memory is reported, bad quotes are not.
 */
enum client_split client_command_line_split(struct client_command_line *command, char *line,
                                            size_t size);

/* True when there is such a word and it is `text`, in any case of letters. */
bool client_command_line_is(const struct client_command_line *command, size_t index,
                            const char *text);

/* Frees the array and leaves an empty command. */
void client_command_line_free(struct client_command_line *command);

#endif
