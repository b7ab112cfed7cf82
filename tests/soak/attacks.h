/* SPDX-License-Identifier: MIT */
/*
 * How much memory the server takes under each of a few attacks, alone, beside what its limits
 * allow. Each attack has a fresh server, so that the peak is its own. One thread.
 *
 * What the limits allow, above the memory of a server at rest:
 *
 *   --max-client-memory
 *   + for each worker, a request and a reply that it has in its hands: --max-request-bytes, twice
 *     while a buffer grows, and --max-output-bytes, likewise
 *   + the spare blocks of common/block_cache.h
 *   + a kibibyte for each connection: its slot, its names, and the allocator's own
 *   + ATTACK_REST_KIB for stacks and what the allocator has not given back
 */
#ifndef CREW_TESTS_SOAK_ATTACKS_H
#define CREW_TESTS_SOAK_ATTACKS_H

#include "bench/base/bench_error.h"
#include "tests/soak/report.h"

#include <stdbool.h>
#include <stdint.h>

enum { ATTACK_REST_KIB = 4096 };

/* Runs each attack for this long against `program`, prints a table and adds a promise for each.
 * False after filling `error` when one could not be run. */
bool attacks_run(const char *program, uint64_t duration_ns, uint64_t seed,
                 struct promises *promises, char error[BENCH_ERROR_SIZE]);

#endif
