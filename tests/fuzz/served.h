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

/*
 * Sends the stream, cut as it says, takes what the server sends after every read, tells the server
 * that no more will come (before the last part is looked at, if `early`), and waits for its end.
 * The worker's buffer has room for `read_bytes`. Aborts when the server resets the connection or
 * keeps it.
 */
void serve_stream(const struct fuzz_stream *stream, size_t max_request_bytes, size_t read_bytes,
                  bool early, struct served *served);

#endif
