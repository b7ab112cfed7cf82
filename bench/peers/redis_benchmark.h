/* SPDX-License-Identifier: MIT */
/*
 * redis-benchmark as a generator: everybody can repeat what it says. It runs as a child and
 * decides by a number of requests when to end.
 */
#ifndef CREW_BENCH_REDIS_BENCHMARK_H
#define CREW_BENCH_REDIS_BENCHMARK_H

#include "bench/base/bench_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redis_benchmark {
    const char *program;
    uint16_t port;
    size_t connections;
    size_t depth;      /* requests that each sends at once */
    uint64_t requests; /* a multiple of `depth`, so that so many are sent and no more */
};

struct redis_benchmark_result {
    double rate_rps;
    double p50_us;          /* it tells whole microseconds */
    double generator_share; /* of one CPU, while it sent */
};

/*
 * Finds the last line "PING_MBULK: RATE requests per second, p50=MS msec" of what it printed with
 * -q; before it come states that are overwritten by carriage returns. Leaves generator_share alone;
 * false when there is no such line. Pure.
 */
bool redis_benchmark_parse(const char *output, struct redis_benchmark_result *result);

/* How many requests take about so long at this rate: a multiple of `depth`, and at least one for
 * each place in the pipelines. Pure. */
uint64_t redis_benchmark_requests(double rate_rps, double seconds, size_t connections,
                                  size_t depth);

/* Sends PINGs as arrays and waits for the end. False after filling `error` (empty after Ctrl-C).
 */
bool redis_benchmark_run(const struct redis_benchmark *benchmark,
                         struct redis_benchmark_result *result, char error[BENCH_ERROR_SIZE]);

#endif
