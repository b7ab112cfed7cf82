/* SPDX-License-Identifier: MIT */
/*
 * Writes the pieces of RESP at the end of a byte buffer. One thread at a time; out of memory
 * shows in the buffer's `failed`.
 */
#ifndef CREW_COMMON_RESP_ENCODE_H
#define CREW_COMMON_RESP_ENCODE_H

#include "common/byte_buffer.h"
#include "crew.h"

#include <stdint.h>

/* A type byte, a decimal number and CRLF: an integer, or the head of a bulk or aggregate. */
void resp_encode_number(struct byte_buffer *buffer, char type, int64_t number);

/* A type byte, one line and CRLF; control bytes in the text become spaces. */
void resp_encode_line(struct byte_buffer *buffer, char type, const char *text, size_t size);

void resp_encode_bulk(struct byte_buffer *buffer, const void *data, size_t size);

/* A whole request: an array of bulks. */
void resp_encode_request(struct byte_buffer *buffer, const crew_slice *words, size_t count);

#endif
