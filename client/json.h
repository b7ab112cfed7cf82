/* SPDX-License-Identifier: MIT */
/*
 * Replies as JSON, without spaces or newlines. Pure; any thread.
 *
 * Texts become strings as common/json_string.h writes them. Maps become objects; a key that is no
 * text is spelled as the JSON it would be. Errors become {"error": text}; infinities and NaN, which
 * JSON has no numbers for, become strings.
 */
#ifndef CREW_CLIENT_JSON_H
#define CREW_CLIENT_JSON_H

#include "client/reply.h"
#include "common/byte_buffer.h"

/* Appends the value that the cursor stands before, which it moves behind it. */
void client_json_write(struct client_reply_cursor *cursor, struct byte_buffer *out);

#endif
