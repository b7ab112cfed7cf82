/* SPDX-License-Identifier: MIT */
/*
 * One kind of request and which reply to it is right, as a user writes it:
 *
 *   ping             PING, answered by exactly +PONG
 *   echo:SIZE        ECHO of SIZE bytes, numbered so that a swapped reply is noticed
 *   cpu:TIME         WORK CPU us: burns CPU; sleep:TIME blocks; lock:TIME holds a shared lock
 *   cmd:COMMAND      any command, quoted as redis-cli does; any reply but an error is right
 *   text:MESSAGE     for raw:// servers: the bytes of MESSAGE; any reply but an empty one is right
 *
 * TIME is a time such as 2ms; exp:2ms, exponentially distributed with that mean; or
 * bimodal:1ms:20ms:5%, where 5 % take the longer time. A parsed kind is never written again, so
 * any number of threads may use it.
 */
#ifndef CREW_BENCH_REQUEST_KIND_H
#define CREW_BENCH_REQUEST_KIND_H

#include "bench/base/bench_error.h"
#include "bench/base/bench_random.h"
#include "common/byte_buffer.h"
#include "common/resp_reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_KIND_HELP                                                                          \
    "ping, echo:SIZE, cpu:TIME, sleep:TIME, lock:TIME, cmd:COMMAND or text:MESSAGE"

enum { REQUEST_ECHO_LIMIT = 16 * 1024 * 1024 };

/* How the time in a request is drawn; of WORK only. */
enum request_law { REQUEST_FIXED, REQUEST_EXPONENTIAL, REQUEST_BIMODAL };

struct request_kind {
    struct byte_buffer request; /* encoded; without the time argument if that is drawn */

    /* Where a request carries its number, in hexadecimal; no digits when all are alike. */
    size_t number_offset;
    size_t number_digits;

    enum request_law law;
    double time_us;      /* mean of the exponential, shorter time of the bimodal law */
    double longer_us;    /* of the bimodal law */
    double longer_share; /* of the bimodal law, 0 to 1 */

    /* The right reply: `reply` if set; else the request's own bytes from `echo_offset` on, if
     * that is set; else anything that is not an error. */
    const char *reply;
    size_t reply_size;
    size_t echo_offset;

    bool burns_cpu; /* its cost depends on the server's calibration of WORK CPU */
    bool raw;       /* for raw:// servers: one connection per request, the reply ends with it */
};

/*
 * Parses the `size` bytes at `spec`, which need not be terminated. False after filling `error`;
 * otherwise the caller frees it with request_kind_free.
 */
bool request_kind_parse(const char *spec, size_t size, struct request_kind *kind,
                        char error[BENCH_ERROR_SIZE]);
void request_kind_free(struct request_kind *kind);

/* Appends one request to `out`, numbered `number` as far as it has digits for it. */
void request_kind_encode(const struct request_kind *kind, uint64_t number,
                         struct bench_random *random, struct byte_buffer *out);

enum reply_verdict {
    REPLY_RIGHT,
    REPLY_PARTIAL,   /* call again with the same bytes and more of them */
    REPLY_ERROR,     /* a whole reply, but an error */
    REPLY_WRONG,     /* a whole reply, but not to this request */
    REPLY_MALFORMED, /* not RESP; the stream cannot be followed any further */
};

/*
 * Judges the RESP reply that starts at `bytes` and should answer request `number`. Every verdict
 * on a whole reply sets *reply_size. `scanner` is zero before each reply and keeps the place in
 * between. `size` is at least 1.
 */
enum reply_verdict request_kind_check(const struct request_kind *kind, uint64_t number,
                                      struct resp_scanner *scanner, const char *bytes, size_t size,
                                      size_t *reply_size);

#endif
