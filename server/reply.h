/* SPDX-License-Identifier: MIT */
/*
 * Writes one reply in the connection's codec and checks that it is exactly one: the crew_reply
 * functions of crew.h end up here. Owned by the worker that runs the request.
 */
#ifndef CREW_SERVER_REPLY_H
#define CREW_SERVER_REPLY_H

#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reply_codec {
    REPLY_RESP2 = 2,
    REPLY_RESP3 = 3,
    REPLY_RAW, /* payloads alone, without framing */
};

struct reply {
    struct byte_buffer *out;
    enum reply_codec codec;
    size_t start;       /* of this reply in `out` */
    size_t limit;       /* of its size; larger ones are replaced */
    size_t outstanding; /* values that are still due */
    bool overrun;       /* more values were written than are due */
    bool too_large;     /* a value was left out for its size */
    bool is_error;      /* the reply is an error */
};

void reply_begin(struct reply *reply, struct byte_buffer *out, enum reply_codec codec,
                 size_t limit);

/*
 * Ends the reply. If it is not exactly one whole value, is larger than the limit, or memory ran
 * out, replaces it by an error. The log names `command` if its handler is to blame. False when
 * there was no memory even for that.
 */
bool reply_end(struct reply *reply, const char *command);

void reply_error(struct reply *reply, const char *text);

#endif
