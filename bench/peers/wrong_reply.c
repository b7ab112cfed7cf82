/* SPDX-License-Identifier: MIT */
#include "bench/peers/wrong_reply.h"

#include <stdio.h>

enum { SHOWN_BYTES = 40, SHOWN_SIZE = SHOWN_BYTES * 4 + 4 };

static void show(char text[SHOWN_SIZE], const char *bytes, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < size && i < SHOWN_BYTES; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        char *at = text + used;
        if (byte == '\r' || byte == '\n')
            used += (size_t)snprintf(at, SHOWN_SIZE - used, "\\%c", byte == '\r' ? 'r' : 'n');
        else if (byte >= ' ' && byte < 0x7f)
            used += (size_t)snprintf(at, SHOWN_SIZE - used, "%c", byte);
        else
            used += (size_t)snprintf(at, SHOWN_SIZE - used, "\\x%02x", byte);
    }
    if (size > SHOWN_BYTES)
        snprintf(text + used, SHOWN_SIZE - used, "...");
}

void wrong_reply_explain(size_t at, const char *came, size_t came_size, const char *wanted,
                         size_t wanted_size, char error[BENCH_ERROR_SIZE])
{
    char shown_came[SHOWN_SIZE];
    char shown_wanted[SHOWN_SIZE];
    size_t same = 0;
    while (same < came_size && same < wanted_size && came[same] == wanted[same])
        same++;
    show(shown_came, came + same, came_size - same);
    show(shown_wanted, wanted + same, wanted_size - same);
    snprintf(error, BENCH_ERROR_SIZE, "wrong reply: from byte %zu on it is '%s' instead of '%s'",
             at + same, shown_came, shown_wanted);
}
