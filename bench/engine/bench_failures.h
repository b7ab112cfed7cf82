/* SPDX-License-Identifier: MIT */
/* The ways in which a request fails, and how they are named; one table for every report. */
#ifndef CREW_BENCH_BENCH_FAILURES_H
#define CREW_BENCH_BENCH_FAILURES_H

#include "bench/base/bench_json.h"

#include <stdint.h>
#include <stdio.h>

enum { BENCH_FAILURE_TEXT_SIZE = 160 };

/* Requests lost, by why; BENCH_CONNECT counts connections that could not be opened. */
enum bench_failure {
    BENCH_CONNECT,
    BENCH_CLOSED,      /* the server closed or reset the connection before it replied */
    BENCH_ERROR_REPLY, /* an error instead of the right reply */
    BENCH_WRONG_REPLY, /* not the reply to this request */
    BENCH_MALFORMED,   /* not RESP */
    BENCH_TIMEOUT,     /* not answered within the time limit */
    BENCH_FAILURES,
};

/* The key of one kind in JSON and CSV: "connect", "closed", ... */
const char *bench_failure_key(enum bench_failure kind);

/* Prints one line per kind that occurred; nothing when there was none. */
void bench_failures_print(FILE *out, const uint64_t failures[BENCH_FAILURES], const char *first);

/* Writes the member "errors" with a count per kind. */
void bench_failures_write(struct bench_json *json, const uint64_t failures[BENCH_FAILURES]);

#endif
