/* SPDX-License-Identifier: MIT */
/*
 * Reader for replies in RESP2 and RESP3. Pure: bytes in; whole, incomplete or malformed out.
 * A reply is a tree written in prefix order: a token says how many values follow it.
 */
#ifndef CREW_COMMON_RESP_REPLY_H
#define CREW_COMMON_RESP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum resp_reply_result {
    RESP_REPLY_WHOLE,
    RESP_REPLY_INCOMPLETE, /* call again with the same bytes and more of them */
    RESP_REPLY_MALFORMED,  /* not RESP; the stream cannot be followed any further */
};

/* The first byte of each value, which is its type. */
enum resp_type {
    RESP_STATUS = '+',
    RESP_FAILURE = '-',
    RESP_INTEGER = ':',
    RESP_BULK = '$',
    RESP_ARRAY = '*',
    RESP_NULL = '_',
    RESP_BOOLEAN = '#',
    RESP_DOUBLE = ',',
    RESP_BIG_NUMBER = '(',
    RESP_BULK_FAILURE = '!',
    RESP_VERBATIM = '=',
    RESP_MAP = '%',
    RESP_SET = '~',
    RESP_PUSH = '>',
    RESP_ATTRIBUTE = '|',
};

/* One scalar, or the head of an aggregate. The RESP2 nulls `$-1` and `*-1` read as RESP_NULL. */
struct resp_token {
    enum resp_type type;
    int64_t number;   /* of an integer; 0 or 1 for a boolean */
    size_t values;    /* that follow inside this aggregate: elements, or keys and values */
    const char *text; /* of any scalar, without framing; points into the input */
    size_t text_size;
    size_t size; /* bytes this token took */
};

/* Reads the token that starts at `bytes`. */
enum resp_reply_result resp_read_token(const char *bytes, size_t size, struct resp_token *token);

/* Finds where a reply ends, however deep it is; resumable: no token is read twice. */
struct resp_scanner {
    size_t position;    /* bytes of the current reply scanned so far; its size once whole */
    size_t outstanding; /* values still to come; 0 before a reply's first token */
};

/*
 * Scans the reply that starts at `bytes`, which hold everything received of it so far. After
 * RESP_REPLY_WHOLE the reply's size is scanner->position; set the scanner to zero for the next.
 */
enum resp_reply_result resp_scan_reply(struct resp_scanner *scanner, const char *bytes,
                                       size_t size);

#endif
