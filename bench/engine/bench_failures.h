/* SPDX-License-Identifier: MIT */
/* How failures are named and printed; one table for every report. Any thread. */
#ifndef CREW_BENCH_BENCH_FAILURES_H
#define CREW_BENCH_BENCH_FAILURES_H

#include "bench/base/bench_json.h"
#include "bench/engine/generator.h"

#include <stdio.h>

/* Prints one line per kind that occurred; nothing when there was none. */
void bench_failures_print(FILE *out, const uint64_t failures[BENCH_FAILURES], const char *first);

/* Writes the member "errors" with a count per kind. */
void bench_failures_write(struct bench_json *json, const uint64_t failures[BENCH_FAILURES]);

#endif
