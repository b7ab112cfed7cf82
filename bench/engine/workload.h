/* SPDX-License-Identifier: MIT */
/*
 * What one request is and which reply is right. A workload is written as
 *
 *   ping             PING, answered by exactly +PONG
 *   echo:SIZE        ECHO of SIZE bytes, numbered so that a swapped reply is noticed
 *   cpu:TIME         WORK CPU us: burns CPU; sleep:TIME blocks; lock:TIME holds a shared lock
 *   cmd:COMMAND      any command, quoted as redis-cli does; any reply but an error is right
 *
 * A parsed workload is never written again, so any number of threads may use it.
 */
#ifndef CREW_BENCH_WORKLOAD_H
#define CREW_BENCH_WORKLOAD_H

#include "bench/base/bench_error.h"
#include "common/byte_buffer.h"
#include "common/resp_reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKLOAD_HELP "ping, echo:SIZE, cpu:TIME, sleep:TIME, lock:TIME or cmd:COMMAND"

enum { WORKLOAD_ECHO_LIMIT = 16 * 1024 * 1024 };

struct workload {
    const char *spec;           /* as the user wrote it; not owned */
    struct byte_buffer request; /* one request, encoded */

    /* Where a request carries its number, in hexadecimal; no digits when all are alike. */
    size_t number_offset;
    size_t number_digits;

    /* The right reply: `reply` if set; else the request's own bytes from `echo_offset` on, if
     * that is set; else anything that is not an error. */
    const char *reply;
    size_t reply_size;
    size_t echo_offset;

    bool burns_cpu; /* its cost depends on the server's calibration of WORK CPU */
};

/* False after filling `error`; otherwise the caller frees it with workload_free. */
bool workload_parse(const char *spec, struct workload *workload, char error[BENCH_ERROR_SIZE]);
void workload_free(struct workload *workload);

/* Writes `number` into one encoded request, cut to the digits it has; needs number_digits > 0. */
void workload_set_number(const struct workload *workload, char *request, uint64_t number);

enum workload_verdict {
    WORKLOAD_RIGHT,
    WORKLOAD_PARTIAL,     /* call again with the same bytes and more of them */
    WORKLOAD_ERROR_REPLY, /* a whole reply, but an error */
    WORKLOAD_WRONG,       /* a whole reply, but not to this request */
    WORKLOAD_MALFORMED,   /* not RESP; the stream cannot be followed any further */
};

/*
 * Judges the reply that starts at `bytes` against the `request` that it should answer. Every
 * verdict on a whole reply sets *reply_size. `scanner` is zero before each reply and keeps the
 * place in between. `size` is at least 1.
 */
enum workload_verdict workload_check(const struct workload *workload, const char *request,
                                     struct resp_scanner *scanner, const char *bytes, size_t size,
                                     size_t *reply_size);

#endif
