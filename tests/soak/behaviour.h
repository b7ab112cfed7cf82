/* SPDX-License-Identifier: MIT */
/*
 * The kinds of clients: what each sends, how it sends and takes it, and how it leaves. One table,
 * so that a new kind of client is a row.
 */
#ifndef CREW_TESTS_SOAK_BEHAVIOUR_H
#define CREW_TESTS_SOAK_BEHAVIOUR_H

#include "tests/soak/compose.h"

#include <stdbool.h>
#include <stddef.h>

/* Where it connects to. */
enum soak_listener {
    LISTENER_TCP,
    LISTENER_UNIX,
    LISTENER_RAW,
    LISTENER_TLS, /* the last one: it is not always there, and its clients then stay away */
    LISTENER_COUNT
};

/* How it leaves once it has sent its requests. */
enum leaving {
    LEAVE_ANSWERED,      /* when all is answered: closes, or asks for the close by QUIT */
    LEAVE_RESET_AFTER,   /* when all is answered: by a reset, which leaves no TIME_WAIT behind */
    LEAVE_HALF_CLOSE,    /* shuts its sending side, takes all answers and then the end */
    LEAVE_TO_SERVER,     /* waits for the server to close */
    LEAVE_AMID_REQUEST,  /* resets when half of the last request is out */
    LEAVE_AMID_REPLY,    /* resets when a part of the last reply is there */
    LEAVE_AFTER_HOLDING, /* stays for hold_ms and resets */
};

struct behaviour {
    const char *name;
    unsigned clients; /* at once */
    enum soak_listener listener;
    compose_function *compose;
    unsigned requests_most; /* of one connection; at least one unless this is 0 */
    unsigned depth_most;    /* that wait for a reply at once */
    size_t payload_most;    /* bytes of a token */
    size_t piece_most;      /* bytes of one send */
    enum leaving leaving;
    size_t read_most;  /* bytes of one read; 0: as many as there are */
    unsigned hold_ms;  /* at most; of LEAVE_AFTER_HOLDING */
    unsigned every_ms; /* all come together, so often; 0: each when the last one of it has left */
    bool orderly;      /* never goes away before its answers: sends counted ECHOs */
    bool deaf;         /* reads nothing; over TLS, it breaks off the handshake */
    bool in_the_clear; /* does not encrypt, though the listener is for TLS */
    bool stranger;     /* logs in only where its requests do; the others do it by themselves */
    bool rubbish;      /* any error and any end is good enough */
    bool at_the_stop;  /* comes only just before the server is told to stop */
};

/* The mixed load, and the short lives of --connections. */
extern const struct behaviour mixed_behaviours[];
extern const size_t mixed_behaviour_count;
extern const struct behaviour short_behaviours[];
extern const size_t short_behaviour_count;

#endif
