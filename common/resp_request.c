/* SPDX-License-Identifier: MIT */
#include "common/resp_request.h"

#include "common/words.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char invalid_multibulk[] = "ERR Protocol error: invalid multibulk length";

enum { SMALLEST_BULK = sizeof("$0\r\n\r\n") - 1 };

void resp_parser_init(struct resp_parser *parser, struct resp_limits limits)
{
    *parser = (struct resp_parser){.limits = limits};
    parser->arguments = parser->few;
    parser->capacity = RESP_INLINE_ARGUMENTS;
    parser->bulk_size = SIZE_MAX;
}

void resp_parser_reset(struct resp_parser *parser)
{
    if (parser->arguments != parser->few)
        free(parser->arguments);
    resp_parser_init(parser, parser->limits);
}

void resp_parser_move(struct resp_parser *to, struct resp_parser *from)
{
    *to = *from;
    if (from->arguments == from->few)
        to->arguments = to->few;
    resp_parser_init(from, from->limits);
}

bool resp_parse_integer(const char *digits, size_t size, int64_t *value)
{
    bool negative = size > 0 && digits[0] == '-';
    size_t start = negative ? 1 : 0;
    if (start == size || size > 20)
        return false;
    if (digits[start] == '0' && (size > start + 1 || negative))
        return false;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t total = 0;
    for (size_t i = start; i < size; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        unsigned digit = (unsigned)(digits[i] - '0');
        if (total > (limit - digit) / 10)
            return false;
        total = total * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - total) : (int64_t)total;
    return true;
}

/* A bulk of the largest size must still fit together with its command's name and framing. */
static size_t whole_limit(const struct resp_parser *parser)
{
    return parser->limits.bulk_bytes + RESP_LINE_LIMIT;
}

static size_t line_limit(const struct resp_parser *parser)
{
    return parser->is_stranger ? RESP_STRANGER_BYTES : RESP_LINE_LIMIT;
}

static enum resp_result fail(struct resp_parser *parser, const char *error)
{
    parser->error = error;
    return RESP_ERROR;
}

/* Ends a request of `size` bytes: what is left of the state is for the next one. */
static enum resp_result finish(struct resp_parser *parser, enum resp_result result, size_t size)
{
    parser->size = size;
    parser->position = 0;
    parser->scanned = 0;
    parser->expected = 0;
    return result;
}

static bool add_argument(struct resp_parser *parser, size_t offset, size_t size)
{
    assert(parser->capacity >= RESP_INLINE_ARGUMENTS);
    if (parser->argument_count == parser->capacity) {
        size_t capacity = parser->capacity * 2;
        bool few = parser->arguments == parser->few;
        struct resp_span *grown =
            realloc(few ? NULL : parser->arguments, capacity * sizeof(*grown));
        if (grown == NULL)
            return false;
        if (few)
            memcpy(grown, parser->few, sizeof(parser->few));
        parser->arguments = grown;
        parser->capacity = capacity;
    }
    parser->arguments[parser->argument_count++] = (struct resp_span){offset, size};
    return true;
}

/*
 * Finds the line feed that ends the line at `position`. RESP_REQUEST sets *end to its offset;
 * a line that is too long is RESP_ERROR with `too_long`.
 */
static enum resp_result find_line(struct resp_parser *parser, const char *bytes, size_t size,
                                  const char *too_long, size_t *end)
{
    size_t from = parser->scanned > parser->position ? parser->scanned : parser->position;
    const char *feed = from < size ? memchr(bytes + from, '\n', size - from) : NULL;
    size_t reached = feed != NULL ? (size_t)(feed - bytes) : size;
    if (reached - parser->position > line_limit(parser))
        return fail(parser, too_long);
    parser->scanned = reached;
    if (feed == NULL)
        return RESP_INCOMPLETE;
    *end = reached;
    return RESP_REQUEST;
}

/* Reads the integer of a header line such as "*3\r\n" whose type byte stands at position. */
static enum resp_result read_header(struct resp_parser *parser, const char *bytes, size_t size,
                                    const char *too_long, const char *invalid, int64_t *value)
{
    size_t end = 0;
    enum resp_result found = find_line(parser, bytes, size, too_long, &end);
    if (found != RESP_REQUEST)
        return found;
    size_t digits = parser->position + 1;
    if (end <= digits || bytes[end - 1] != '\r' ||
        !resp_parse_integer(bytes + digits, end - 1 - digits, value))
        return fail(parser, invalid);
    parser->position = end + 1;
    return RESP_REQUEST;
}

static enum resp_result too_many_arguments(struct resp_parser *parser)
{
    return fail(parser, parser->is_stranger ? "ERR Protocol error: unauthenticated multibulk length"
                                            : invalid_multibulk);
}

static size_t most_arguments(const struct resp_parser *parser)
{
    return parser->is_stranger ? RESP_STRANGER_ARGUMENTS : parser->limits.arguments;
}

static enum resp_result parse_array_header(struct resp_parser *parser, const char *bytes,
                                           size_t size)
{
    int64_t count = 0;
    enum resp_result result =
        read_header(parser, bytes, size, "ERR Protocol error: too big mbulk count string",
                    invalid_multibulk, &count);
    if (result != RESP_REQUEST)
        return result;
    if (count <= 0)
        return finish(parser, RESP_EMPTY, parser->position);
    /* More arguments than could ever fit are refused before anything is stored for them. */
    if (count > INT_MAX || (uint64_t)count > whole_limit(parser) / SMALLEST_BULK)
        return fail(parser, invalid_multibulk);
    if ((size_t)count > most_arguments(parser))
        return too_many_arguments(parser);
    parser->expected = (size_t)count;
    return RESP_REQUEST;
}

static enum resp_result parse_bulk_header(struct resp_parser *parser, const char *bytes,
                                          size_t size)
{
    static const char invalid[] = "ERR Protocol error: invalid bulk length";
    if (parser->position == size)
        return RESP_INCOMPLETE;
    char type = bytes[parser->position];
    if (type != '$') {
        bool printable = type >= ' ' && type <= '~';
        snprintf(parser->error_text, sizeof(parser->error_text),
                 "ERR Protocol error: expected '$', got '%c'", printable ? type : ' ');
        return fail(parser, parser->error_text);
    }
    int64_t length = 0;
    enum resp_result result = read_header(
        parser, bytes, size, "ERR Protocol error: too big bulk count string", invalid, &length);
    if (result != RESP_REQUEST)
        return result;
    if (length < 0 || (uint64_t)length > parser->limits.bulk_bytes)
        return fail(parser, invalid);
    if (parser->is_stranger && length > RESP_STRANGER_BYTES)
        return fail(parser, "ERR Protocol error: unauthenticated bulk length");
    parser->bulk_size = (size_t)length;
    return RESP_REQUEST;
}

static enum resp_result parse_array(struct resp_parser *parser, const char *bytes, size_t size)
{
    static const char too_big[] = "ERR Protocol error: request exceeds max-request-bytes";
    while (parser->argument_count < parser->expected) {
        if (parser->bulk_size == SIZE_MAX) {
            enum resp_result result = parse_bulk_header(parser, bytes, size);
            if (result != RESP_REQUEST)
                return result;
        }
        size_t end = parser->position + parser->bulk_size + 2;
        if (end > whole_limit(parser))
            return fail(parser, too_big);
        if (end > size)
            return RESP_INCOMPLETE;
        if (bytes[end - 2] != '\r' || bytes[end - 1] != '\n')
            return fail(parser, "ERR Protocol error: bulk not ended by CRLF");
        if (!add_argument(parser, parser->position, parser->bulk_size))
            return fail(parser, "ERR out of memory");
        parser->position = end;
        parser->bulk_size = SIZE_MAX;
    }
    return finish(parser, RESP_REQUEST, parser->position);
}

static enum resp_result parse_inline(struct resp_parser *parser, char *bytes, size_t size)
{
    size_t end = 0;
    enum resp_result found =
        find_line(parser, bytes, size, "ERR Protocol error: too big inline request", &end);
    if (found != RESP_REQUEST)
        return found;
    size_t position = 0;
    for (;;) {
        crew_slice word;
        switch (words_next(bytes, end, &position, &word)) {
        case WORDS_FOUND:
            if (word.size > parser->limits.bulk_bytes)
                return fail(parser, "ERR Protocol error: too big inline request");
            if (parser->argument_count == most_arguments(parser))
                return too_many_arguments(parser);
            if (!add_argument(parser, (size_t)(word.data - bytes), word.size))
                return fail(parser, "ERR out of memory");
            break;
        case WORDS_END:
            return finish(parser, parser->argument_count > 0 ? RESP_REQUEST : RESP_EMPTY, end + 1);
        case WORDS_UNBALANCED:
            return fail(parser, "ERR Protocol error: unbalanced quotes in request");
        }
    }
}

enum resp_result resp_parse(struct resp_parser *parser, char *bytes, size_t size)
{
    if (parser->position == 0)
        parser->argument_count = 0;
    if (size == 0)
        return RESP_INCOMPLETE;
    if (parser->expected == 0) {
        if (bytes[0] != '*')
            return parse_inline(parser, bytes, size);
        enum resp_result result = parse_array_header(parser, bytes, size);
        if (result != RESP_REQUEST)
            return result;
    }
    return parse_array(parser, bytes, size);
}
