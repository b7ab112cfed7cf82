/* SPDX-License-Identifier: MIT */
#include "common/byte_buffer.h"

#include "common/block_cache.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INITIAL_CAPACITY = 256 };

void byte_buffer_free(struct byte_buffer *buffer)
{
    block_free(buffer->bytes, buffer->capacity);
    *buffer = (struct byte_buffer){0};
}

static bool reserve(struct byte_buffer *buffer, size_t size)
{
    if (buffer->failed || size > SIZE_MAX / 2 - buffer->size) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->size + size;
    if (needed <= buffer->capacity && buffer->capacity > 0)
        return true;
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : INITIAL_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    char *bytes = block_grow(buffer->bytes, &buffer->capacity, buffer->size, capacity);
    if (bytes == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    return true;
}

char *byte_buffer_extend(struct byte_buffer *buffer, size_t size)
{
    if (!reserve(buffer, size))
        return NULL;
    char *space = buffer->bytes + buffer->size;
    buffer->size += size;
    return space;
}

void byte_buffer_append(struct byte_buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0 || !reserve(buffer, size))
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void byte_buffer_append_text(struct byte_buffer *buffer, const char *text)
{
    byte_buffer_append(buffer, text, strlen(text));
}

void byte_buffer_printf(struct byte_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    /* vsnprintf writes a terminator, which is not counted as part of the buffer. */
    if (size < 0 || !reserve(buffer, (size_t)size + 1))
        return;
    va_start(arguments, format);
    vsnprintf(buffer->bytes + buffer->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)size;
}

void byte_buffer_truncate(struct byte_buffer *buffer, size_t size)
{
    if (size < buffer->size)
        buffer->size = size;
    buffer->failed = false;
}
