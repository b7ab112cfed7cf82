/* SPDX-License-Identifier: MIT */
/*
 * Received bytes and the parser that stands in them. Each worker has one for whatever it serves;
 * a connection gets one of its own only while it holds an unfinished request, or requests that
 * wait for its output to be taken. One thread at a time: its worker, or the connection's owner.
 *
 * Wiping note. While the parser reads for a stranger, what is here may hold a password. A whole
 * request is wiped by who runs it; here a copy is wiped when the bytes move elsewhere, and the rest
 * when they are dropped.
 */
#ifndef CREW_SERVER_INPUT_H
#define CREW_SERVER_INPUT_H

#include "common/resp_request.h"

#include <stdbool.h>
#include <stddef.h>

enum { INPUT_SIZE = 64 * 1024 }; /* of a worker's; a connection's grows by doubling */

struct input {
    char *bytes; /* owned */
    size_t capacity;
    size_t start; /* of the first request that is not yet served */
    size_t end;   /* of what was received */
    struct resp_parser parser;
};

/* With room for `capacity` bytes; NULL when memory ran out. input_free takes NULL too. */
struct input *input_create(size_t capacity, struct resp_limits limits);
void input_free(struct input *input);

static inline size_t input_left(const struct input *input)
{
    return input->end - input->start;
}

/* Bytes of memory that it takes, as allocated. */
size_t input_memory(const struct input *input);

/* Where the next bytes go, and how many may. Moves what is left to the front when that helps. */
char *input_room(struct input *input, size_t *room);

/* Doubles the room; false when memory ran out. */
bool input_grow(struct input *input);

/* Drops everything; keeps the memory. */
void input_clear(struct input *input);

/* Moves what `from` holds, its parser's state included, to a new input; `from` is cleared. NULL
 * when memory ran out. */
struct input *input_detach(struct input *from);

#endif
