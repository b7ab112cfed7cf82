/* SPDX-License-Identifier: MIT */
/*
 * When the requests of an open loop are due, independent of how the server does: evenly spaced,
 * or as a Poisson process, t(i) = t(i-1) - ln(U) / rate. The same seed gives the same times.
 *
 * Each of several threads runs a schedule of its own share of the rate: independent Poisson
 * processes add up to one, and evenly spaced ones interleave. One thread at a time.
 */
#ifndef CREW_BENCH_ARRIVALS_H
#define CREW_BENCH_ARRIVALS_H

#include "bench/base/bench_random.h"

#include <stddef.h>
#include <stdint.h>

enum arrival_law { ARRIVAL_POISSON, ARRIVAL_CONSTANT };

struct arrivals {
    enum arrival_law law;
    struct bench_random random;
    double gap_ns; /* mean distance of this thread's requests */
    double due_ns; /* of the next request, since the load began; the sum is exact to below 1 ns
                    * for the first 50 days */
};

/* The schedule of thread `index` of `threads`, which send `rate_rps` together. */
void arrivals_init(struct arrivals *arrivals, enum arrival_law law, double rate_rps, uint64_t seed,
                   size_t index, size_t threads);

/* Goes on to the next request. */
void arrivals_advance(struct arrivals *arrivals);

#endif
