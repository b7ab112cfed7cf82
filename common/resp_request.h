/* SPDX-License-Identifier: MIT */
/*
 * Parser for requests in RESP (arrays of bulk strings) and inline form. doc/protocol.md has the
 * format and every error text.
 *
 * Pure and resumable: bytes in; request, incomplete or error out. It makes no system call, keeps
 * no pointer into the bytes (only offsets), and never scans a byte twice, so bytes that drip in
 * one at a time cost no more than bytes that arrive together, and the buffer may move in between.
 */
#ifndef CREW_COMMON_RESP_REQUEST_H
#define CREW_COMMON_RESP_REQUEST_H

#include "crew.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RESP_LINE_LIMIT = 64 * 1024, /* of an inline request, or the digits of one header */
    RESP_INLINE_ARGUMENTS = 8,   /* more than these take heap memory */
    RESP_STRANGER_ARGUMENTS = 10,
    RESP_STRANGER_BYTES = 16 * 1024, /* of one argument, or of an inline request */
};

enum resp_result {
    RESP_REQUEST,    /* whole; *arguments* are set; the next call starts after it */
    RESP_EMPTY,      /* an empty request, which gets no reply; go on after it */
    RESP_INCOMPLETE, /* call again with the same bytes and more of them */
    RESP_ERROR,      /* `error` says why; the stream cannot be followed any further */
};

struct resp_span {
    size_t offset; /* from the first byte of the request */
    size_t size;
};

/* What a request may be at most. */
struct resp_limits {
    size_t bulk_bytes; /* of one argument; a whole request may take 64 KiB more */
    size_t arguments;
};

struct resp_parser {
    struct resp_limits limits;

    /* The client has yet to log in: RESP_STRANGER_ARGUMENTS and RESP_STRANGER_BYTES are its limits.
     * May be changed between two requests. */
    bool is_stranger;

    /* Valid after RESP_REQUEST, until the next call of resp_parse. */
    struct resp_span *arguments;
    size_t argument_count;
    size_t size; /* bytes the request took, also after RESP_EMPTY */

    const char *error; /* after RESP_ERROR: reply text without CRLF */

    /* Private: where an unfinished request stands. */
    size_t position;  /* everything before it is parsed */
    size_t scanned;   /* no line end lies between position and here */
    size_t expected;  /* arguments that the array header announced; 0 outside an array */
    size_t bulk_size; /* of the bulk whose header was read; SIZE_MAX outside */
    size_t capacity;  /* of `arguments` */
    struct resp_span few[RESP_INLINE_ARGUMENTS];
    char error_text[64];
};

/* Must not be copied afterwards (it points into itself): use resp_parser_move. */
void resp_parser_init(struct resp_parser *parser, struct resp_limits limits);

/* Frees what it holds; the parser may be used again for a new request. */
void resp_parser_reset(struct resp_parser *parser);

/* Moves an unfinished request's state to `to`, which is overwritten; `from` is reset. */
void resp_parser_move(struct resp_parser *to, struct resp_parser *from);

/*
 * Parses one request from `bytes`, which start at the request's first byte and hold everything
 * received of it so far. Inline requests are unescaped in place. Fails with "out of memory" as
 * an ordinary error.
 */
enum resp_result resp_parse(struct resp_parser *parser, char *bytes, size_t size);

/* Decimal integer as RESP writes it: optional minus, no plus, no leading zeros, no spaces. */
bool resp_parse_integer(const char *digits, size_t size, int64_t *value);

#endif
