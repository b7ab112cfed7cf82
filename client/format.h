/* SPDX-License-Identifier: MIT */
/* Replies as text. Pure; any thread. */
#ifndef CREW_CLIENT_FORMAT_H
#define CREW_CLIENT_FORMAT_H

#include "common/byte_buffer.h"
#include "crew.h"

enum client_format {
    CLIENT_FORMAT_TERMINAL, /* types shown, strings quoted, aggregates numbered: for people */
    CLIENT_FORMAT_RAW,      /* bare payloads, one a line: for scripts */
    CLIENT_FORMAT_JSON,     /* client/json.h */
};

/*
 * Appends a whole reply as client_session_receive gives it, and a newline. The first two formats
 * are those of redis-cli, but for the second newline that it writes after a raw error.
 */
void client_format_reply(enum client_format format, crew_slice reply, struct byte_buffer *out);

/* Appends the bytes in double quotes, with escapes for all that is not printable ASCII. */
void client_format_quoted(const char *bytes, size_t size, struct byte_buffer *out);

#endif
