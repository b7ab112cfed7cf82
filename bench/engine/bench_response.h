/* SPDX-License-Identifier: MIT */
/*
 * The figures that sum up a histogram of response times, in microseconds. A percentile that too
 * few samples stand behind is NAN ("n/a" for people, null in JSON). Pure.
 */
#ifndef CREW_BENCH_BENCH_RESPONSE_H
#define CREW_BENCH_BENCH_RESPONSE_H

#include "bench/base/bench_json.h"
#include "common/histogram.h"

#include <stdint.h>

/*
 * Fewest samples of which one lies above the quantile q with confidence c: ln(1 - c) / ln(q).
 * 99 % confidence up to p99, 95 % for p99.9.
 */
enum {
    BENCH_P90_SAMPLES = 44,
    BENCH_P99_SAMPLES = 459,
    BENCH_P99_9_SAMPLES = 2995,
};

struct bench_response {
    uint64_t count;
    double mean_us;
    double p50_us;
    double p90_us;
    double p99_us;
    double p99_9_us;
    double max_us; /* all NAN when count is 0 */
};

void bench_response_take(struct bench_response *response, const struct histogram *histogram);

/* Writes the member `name`: "response_us", "wire_us", ... */
void bench_response_write(struct bench_json *json, const char *name,
                          const struct bench_response *response);

#endif
