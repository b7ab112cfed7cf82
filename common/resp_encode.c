/* SPDX-License-Identifier: MIT */
#include "common/resp_encode.h"

#include <string.h>

void resp_encode_number(struct byte_buffer *buffer, char type, int64_t number)
{
    /* By hand, because every bulk has one of these and printf costs more than all the rest. */
    char text[24];
    size_t start = sizeof(text);
    text[--start] = '\n';
    text[--start] = '\r';
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        text[--start] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        text[--start] = '-';
    text[--start] = type;
    byte_buffer_append(buffer, text + start, sizeof(text) - start);
}

void resp_encode_line(struct byte_buffer *buffer, char type, const char *text, size_t size)
{
    char *line = byte_buffer_extend(buffer, size + 3);
    if (line == NULL)
        return;
    line[0] = type;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        line[1 + i] = (char)(byte < ' ' || byte == 0x7f ? ' ' : byte);
    }
    memcpy(line + 1 + size, "\r\n", 2);
}

void resp_encode_bulk(struct byte_buffer *buffer, const void *data, size_t size)
{
    resp_encode_number(buffer, '$', (int64_t)size);
    byte_buffer_append(buffer, data, size);
    byte_buffer_append(buffer, "\r\n", 2);
}

void resp_encode_request(struct byte_buffer *buffer, const crew_slice *words, size_t count)
{
    resp_encode_number(buffer, '*', (int64_t)count);
    for (size_t i = 0; i < count; i++)
        resp_encode_bulk(buffer, words[i].data, words[i].size);
}
