/* SPDX-License-Identifier: MIT */
/*
 * Walks one whole reply, value by value, in the order in which it was sent. Attributes are passed
 * over. Pure; any thread.
 */
#ifndef CREW_CLIENT_REPLY_H
#define CREW_CLIENT_REPLY_H

#include "common/resp_reply.h"
#include "crew.h"

#include <stdbool.h>
#include <stddef.h>

/* Who walks a reply recursively needs a bound; honest replies nest less than ten deep. */
enum { CLIENT_REPLY_DEPTH_LIMIT = 128 };

/* Stands before a value; a copy of it remembers the place. The reply's bytes must stay. */
struct client_reply_cursor {
    const char *at;
    const char *end;
    bool in_key; /* inside a map's key; for writers to whom that makes a difference */
};

/* `reply` must be whole, as found by resp_scan_reply. */
struct client_reply_cursor client_reply_begin(crew_slice reply);

/* Takes one scalar or the head of one aggregate; a RESP_NULL after the last. */
struct resp_token client_reply_next(struct client_reply_cursor *cursor);

/* Passes over so many values, each with all that it contains. */
void client_reply_skip(struct client_reply_cursor *cursor, size_t values);

/* True when no value stands inside more than CLIENT_REPLY_DEPTH_LIMIT others. */
bool client_reply_depth_is_allowed(crew_slice reply);

bool client_reply_type_is_failure(enum resp_type type);

/* Type of the reply's outermost value. */
enum resp_type client_reply_type(crew_slice reply);

#endif
