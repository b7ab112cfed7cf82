/* SPDX-License-Identifier: MIT */
/*
 * crew.h: the public handler API.
 *
 * A command is one row of a table: a name, how many arguments it takes, some flags and a handler.
 * The handler runs on one of the pool's worker threads. It sees its arguments and writes its
 * reply; sockets, buffers and threads are none of its business. It may block: that is what the
 * pool is for.
 *
 * Every function here is called from inside a handler, on the thread that runs it, with the
 * crew_call that was passed to it. A call is valid until its handler returns. No function here
 * blocks, and none needs a lock.
 *
 * A handler replies exactly once: either one scalar, or one array or map followed by all its
 * elements. If it replies too little or too much, or memory for the reply runs out, the server
 * discards what was written and answers with an error instead, as it does when the reply is larger
 * than --max-output-bytes, so that replies never lose step
 * with requests.
 */
#ifndef CREW_H
#define CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes that somebody else owns; not terminated, may hold any byte. */
typedef struct {
    const char *data;
    size_t size;
} crew_slice;

typedef struct crew_call crew_call;
typedef void crew_handler(crew_call *call);

/*
 * CREW_FAST promises that the handler neither blocks nor burns CPU: it ends within microseconds.
 * Only then may the server run it without first making sure that another worker is watching the
 * other connections. Leave the flag out when in doubt.
 *
 * CREW_EXEMPT lets it run although its request waited too long for a worker, when others are turned
 * away: for what clients need to begin, end and find out. In a row with `subcommands` it holds for
 * them all.
 *
 * CREW_BEFORE_AUTH lets clients run the command before they have logged in, where the server asks
 * for a password. Its arguments are taken for secret: they are wiped after it has run.
 */
enum {
    CREW_FAST = 1U << 0,
    CREW_EXEMPT = 1U << 1,
    CREW_BEFORE_AUTH = 1U << 2,
};

/*
 * One row. `arity` counts the command's own name (and a subcommand's): 2 means exactly two words,
 * -2 means two or more. In a row with `subcommands` (a table ended by a row without name, one level
 * deep) a second word chooses the row to run; such a row's own `run`, which may be NULL if its
 * arity asks for a second word, is for the command without one.
 *
 * The strings and tables must last as long as the server. Only `syntax` may be NULL. A name, or a
 * container's and subcommand's together, has at most 46 bytes, and stands only once.
 */
typedef struct crew_command {
    const char *name;    /* upper case, as help prints it */
    const char *syntax;  /* what follows the name, for example "<message>" */
    const char *summary; /* one sentence for help */
    const char *group;   /* heading under which help lists it */
    int arity;
    unsigned flags;
    crew_handler *run;
    const struct crew_command *subcommands;
} crew_command;

/* ---- arguments: owned by the call; word 0 is the command's name as the client wrote it ---- */

/* `index` must be below the count: anything else ends the server. */
size_t crew_argument_count(const crew_call *call);
crew_slice crew_argument(const crew_call *call, size_t index);

/* True when the argument is `word`, in any case of letters. */
bool crew_argument_is(const crew_call *call, size_t index, const char *word);

/* Reads a decimal integer within [minimum, maximum]; false leaves *value alone. */
bool crew_argument_integer(const crew_call *call, size_t index, int64_t minimum, int64_t maximum,
                           int64_t *value);

/* ---- replies: each call writes one value; what it is given is copied ---- */

void crew_reply_status(crew_call *call, const char *text);
void crew_reply_integer(crew_call *call, int64_t value);
void crew_reply_bulk(crew_call *call, const void *data, size_t size);
void crew_reply_text(crew_call *call, const char *text);
void crew_reply_null(crew_call *call);
void crew_reply_array(crew_call *call, size_t count);
void crew_reply_map(crew_call *call, size_t pairs);

/* Bulk text that is typed `txt` in RESP3, so that clients print it as it is. */
void crew_reply_verbatim(crew_call *call, const char *data, size_t size);

/*
 * Begins a bulk of `size` bytes and returns where they go; the handler must fill all of them
 * before it calls anything else of this API. NULL when memory ran out or it is too large: return at
 * once.
 */
char *crew_reply_bulk_space(crew_call *call, size_t size);

/* An error: "CODE message", for example "ERR value is out of range", cut at 511 bytes. In errors
 * and statuses, control bytes become spaces. */
void crew_reply_error(crew_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
