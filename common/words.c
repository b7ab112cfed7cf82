/* SPDX-License-Identifier: MIT */
#include "common/words.h"

#include <stdbool.h>

struct cursor {
    char *line;
    size_t size;
    size_t read;
    size_t write; /* never passes read */
};

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == '\0';
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

static void put(struct cursor *at, char byte)
{
    at->line[at->write++] = byte;
}

/* Stands on the byte after a backslash inside double quotes. */
static void take_escape(struct cursor *at)
{
    char byte = at->line[at->read++];
    if (byte == 'x' && at->size - at->read >= 2) {
        int high = hex_digit(at->line[at->read]);
        int low = hex_digit(at->line[at->read + 1]);
        if (high >= 0 && low >= 0) {
            at->read += 2;
            put(at, (char)(high * 16 + low));
            return;
        }
    }
    switch (byte) {
    case 'n':
        put(at, '\n');
        break;
    case 'r':
        put(at, '\r');
        break;
    case 't':
        put(at, '\t');
        break;
    case 'b':
        put(at, '\b');
        break;
    case 'a':
        put(at, '\a');
        break;
    default:
        put(at, byte);
    }
}

/* Stands after the opening quote; false when the closing one is missing or glued to more text. */
static bool take_quoted(struct cursor *at, char quote)
{
    while (at->read < at->size) {
        char byte = at->line[at->read++];
        if (byte == quote)
            return at->read == at->size || is_space(at->line[at->read]);
        bool escaped = byte == '\\' && at->read < at->size;
        if (escaped && quote == '"') {
            take_escape(at);
        } else if (escaped && at->line[at->read] == '\'') {
            at->read++;
            put(at, '\'');
        } else {
            put(at, byte);
        }
    }
    return false;
}

enum words_result words_next(char *line, size_t size, size_t *position, crew_slice *word)
{
    struct cursor at = {.line = line, .size = size, .read = *position};
    while (at.read < size && is_space(line[at.read]))
        at.read++;
    if (at.read == size) {
        *position = size;
        return WORDS_END;
    }
    size_t start = at.read;
    at.write = start;
    while (at.read < size && !is_space(line[at.read])) {
        char byte = line[at.read++];
        if (byte != '"' && byte != '\'') {
            put(&at, byte);
        } else if (!take_quoted(&at, byte)) {
            return WORDS_UNBALANCED;
        }
    }
    *word = (crew_slice){line + start, at.write - start};
    *position = at.read;
    return WORDS_FOUND;
}
