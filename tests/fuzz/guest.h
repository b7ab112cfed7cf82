/* SPDX-License-Identifier: MIT */
/*
 * The clients of the server without threads (tests/fuzz/served.h), which serves whenever one of
 * them settles. Any number may be there at once. They abort when the server resets a connection, or
 * keeps one that its client has ended. One thread.
 */
#ifndef CREW_TESTS_FUZZ_GUEST_H
#define CREW_TESTS_FUZZ_GUEST_H

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/served.h"

struct guest {
    int fd;                     /* -1: it has vanished */
    unsigned number;            /* see served_connect */
    bool may_be_reset;          /* it broke off itself, and is not to complain */
    bool ended;                 /* by the server; once it has left: before it said it would */
    bool unsteady;              /* see served_was_unsteady; once it has left */
    struct byte_buffer replies; /* owned; all that the server sent */
};

/* After served_begin. */
void guest_enter(struct guest *guest, enum endpoint_scheme scheme);

/* The server does not serve before the client has sent all, if its socket takes that. */
void guest_send(struct guest *guest, const char *bytes, size_t size);

/* Lets the server do all it can, and takes what it sends. */
void guest_settle(struct guest *guest);

/* Says that no more will come, waits for the server's end, and closes. */
void guest_leave(struct guest *guest);

/* Closes without a word, and without taking what it was sent. */
void guest_vanish(struct guest *guest);

void guest_free(struct guest *guest);

crew_slice guest_replies(const struct guest *guest);
crew_slice guest_replies_from(const struct guest *guest, size_t start);

/*
 * One client's whole stay, alone on a server of its own. It sends the stream, cut as that says, and
 * settles after every part; with `early_end` not after the last one, so that its end comes at the
 * same time. Without, no reply may wait for that end. To be freed.
 */
void guest_stay(const struct serving *serving, enum endpoint_scheme scheme,
                const struct fuzz_stream *stream, bool early_end, struct guest *guest);

#endif
