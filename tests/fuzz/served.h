/* SPDX-License-Identifier: MIT */
/*
 * A server without threads, for one client at a time: everything between its sockets is what
 * crew-server runs, but who polls, takes and visits is the caller. One thread.
 *
 * Commands that take long when they are asked to are held back: WORK refuses large amounts.
 */
#ifndef CREW_TESTS_FUZZ_SERVED_H
#define CREW_TESTS_FUZZ_SERVED_H

#include "common/byte_buffer.h"
#include "tests/fuzz/fuzz_target.h"

#include <stdbool.h>
#include <stddef.h>

struct served {
    struct byte_buffer replies; /* owned: all that the server sent */
    bool ended;                 /* by the server, before the client had sent all */
    bool unsteady;              /* a command was run whose replies are never the same twice */
};

/* How the server is set up, and how its client behaves. */
struct serving {
    size_t max_request_bytes;
    size_t read_bytes;  /* room in the worker's buffer */
    bool with_password; /* SERVED_PASSWORD lets a client in */
    bool early_end;     /* the client says that it will send no more before its last part is read */
};

#define SERVED_PASSWORD "secret"

/*
 * Sends the stream, cut as it says, takes what the server sends after every read, tells the server
 * that no more will come, and waits for its end. Aborts when the server resets the connection,
 * keeps it, or keeps a reply until the client's end.
 */
void serve_stream(const struct fuzz_stream *stream, const struct serving *serving,
                  struct served *served);

#endif
