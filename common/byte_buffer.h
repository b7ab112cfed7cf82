/* SPDX-License-Identifier: MIT */
/*
 * A growable run of bytes. One thread at a time. A failed allocation sets `failed`, after which
 * appends do nothing: a writer appends freely and checks once at the end.
 */
#ifndef CREW_COMMON_BYTE_BUFFER_H
#define CREW_COMMON_BYTE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct byte_buffer {
    char *bytes; /* owned; NULL while capacity is 0 */
    size_t size;
    size_t capacity;
    bool failed;
};

/* Frees the bytes and leaves an empty buffer, ready for use again. An all-zero buffer is empty. */
void byte_buffer_free(struct byte_buffer *buffer);

/* Room for `size` more bytes; they count as appended and the caller fills them. NULL on failure. */
char *byte_buffer_extend(struct byte_buffer *buffer, size_t size);

void byte_buffer_append(struct byte_buffer *buffer, const void *bytes, size_t size);
void byte_buffer_append_text(struct byte_buffer *buffer, const char *text);
void byte_buffer_printf(struct byte_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops what comes after the first `size` bytes, and a failure since then. */
void byte_buffer_truncate(struct byte_buffer *buffer, size_t size);

#endif
