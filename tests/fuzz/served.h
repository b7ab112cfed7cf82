/* SPDX-License-Identifier: MIT */
/*
 * A server without threads: everything between its sockets is what crew-server runs, but who polls,
 * takes and visits is the caller. One thread; tests/fuzz/guest.h has its clients.
 *
 * Commands that take long when they are asked to are held back: WORK refuses large amounts.
 */
#ifndef CREW_TESTS_FUZZ_SERVED_H
#define CREW_TESTS_FUZZ_SERVED_H

#include "common/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVED_PASSWORD "secret"

struct serving {
    size_t max_request_bytes;
    size_t read_bytes;       /* room in the workers' buffers */
    bool with_password;      /* SERVED_PASSWORD lets a client in */
    const char *raw_command; /* for raw clients; NULL: ECHO */
    uint64_t clients_before; /* as many were there already, which their successors' ids show */
};

/* Its clients find a server on which nobody was before. */
void served_begin(const struct serving *serving);

/* A client's end of a new connection, non-blocking and the caller's. `*number`, below 4, is the
 * client's until it has gone. */
int served_connect(enum endpoint_scheme scheme, unsigned *number);

/* Serves until nothing is left to do before a client's next move. */
void served_run(void);

/* Whether the client ran a command whose replies are never the same twice. */
bool served_was_unsteady(unsigned number);

/* Whether it holds anything that counts as clients' memory. */
bool served_holds_memory(void);

/* After all clients have gone. Aborts when the server still holds a connection, what counts as
 * clients' memory, or a descriptor. */
void served_end(void);

#endif
