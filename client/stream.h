/* SPDX-License-Identifier: MIT */
/* Standard input and output, whole and unbuffered. They block; one thread at a time. */
#ifndef CREW_CLIENT_STREAM_H
#define CREW_CLIENT_STREAM_H

#include "common/byte_buffer.h"

#include <stdbool.h>

/*
 * Makes sure that no file that is opened later becomes a standard stream: /dev/null stands in for
 * a closed stdin or stderr. False after reporting that stdout is closed, for then there is nowhere
 * to print. Call it first of all.
 */
bool client_stream_secure(void);

/* Writes all of it to stdout; false after reporting why not, also when `bytes` ran out of memory.
 */
bool client_stream_write(const struct byte_buffer *bytes);

/* Appends stdin up to its end; false after reporting why not. */
bool client_stream_read_all(struct byte_buffer *bytes);

#endif
