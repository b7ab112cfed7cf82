/* SPDX-License-Identifier: MIT */
/*
 * A connection that asks the server about itself, apart from the load: one request, one reply,
 * blocking. One thread at a time.
 */
#ifndef CREW_BENCH_BENCH_CONTROL_H
#define CREW_BENCH_BENCH_CONTROL_H

#include "bench/base/bench_error.h"
#include "common/byte_buffer.h"
#include "common/endpoint.h"

#include <stdbool.h>

struct bench_control {
    int fd;         /* -1 when closed */
    int timeout_ms; /* of connecting, and of each reply */
    struct byte_buffer request;
    struct byte_buffer reply;
};

/* False after filling `error`; otherwise bench_control_close is due. */
bool bench_control_open(struct bench_control *control, const struct endpoint *target,
                        int timeout_ms, char error[BENCH_ERROR_SIZE]);
void bench_control_close(struct bench_control *control);

/*
 * Sends `command`, whose words are separated by single spaces, and waits for the reply. *text is
 * the reply's text if it is a scalar, terminated, valid until the next call; else it is empty.
 * False after filling `error`: an error reply, a lost connection, or the time is up.
 */
bool bench_control_ask(struct bench_control *control, const char *command, const char **text,
                       char error[BENCH_ERROR_SIZE]);

#endif
