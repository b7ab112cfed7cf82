/* SPDX-License-Identifier: MIT */
/*
 * Makes requests: appends the bytes of one to a buffer and tells the history what has to come back.
 * One thread.
 */
#ifndef CREW_TESTS_SOAK_COMPOSE_H
#define CREW_TESTS_SOAK_COMPOSE_H

#include "bench/base/bench_random.h"
#include "common/byte_buffer.h"
#include "tests/soak/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compose {
    struct bench_random *random;
    struct history *history;
    struct byte_buffer *out; /* the request goes behind what it holds */
    size_t payload_most;
    bool *must_log_in; /* in and out: whether the server expects a password when it comes to the
                          next request; NULL where it never does */
    bool last;         /* of the connection */
    bool orderly;      /* counted as ECHO; as PING else */
};

typedef void compose_function(const struct compose *compose);

/* The two commands that the server's calls are compared for: ECHO is sent by clients that take all
 * their answers, PING with a token by those that may go away before. */
#define COMPOSE_ORDERLY_COMMAND "echo"
#define COMPOSE_OTHER_COMMAND   "ping"

/* From 0 to below - 1. */
uint64_t compose_draw(struct bench_random *random, uint64_t below);

compose_function compose_token;   /* one counted request, as an array */
compose_function compose_orderly; /* counted ones, array and inline, and all sorts of others; the
                                     last may be QUIT */
compose_function compose_slow;    /* the same among short WORK */
compose_function compose_long_sleep;
compose_function compose_greeting;  /* of a raw listener */
compose_function compose_malformed; /* counted ones; the last breaks the protocol */
compose_function compose_rubbish;   /* random bytes */
compose_function compose_login;
compose_function compose_logging_out; /* counted ones, RESET, and both of the next behind it */
compose_function compose_stranger;    /* what is refused without a password */
compose_function compose_guesses; /* the last are wrong passwords until none is taken any more */
compose_function compose_foreign; /* rubbish, or the beginning of a TLS handshake */

#endif
