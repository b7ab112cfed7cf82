/* SPDX-License-Identifier: MIT */
#include "bench/engine/bench_response.h"

#include "common/clock.h"

#include <math.h>

static double quantile_us(const struct histogram *histogram, double quantile, uint64_t samples)
{
    if (histogram_count(histogram) < samples)
        return NAN;
    return (double)histogram_quantile_ns(histogram, quantile) / NS_PER_US;
}

void bench_response_take(struct bench_response *response, const struct histogram *histogram)
{
    response->count = histogram_count(histogram);
    bool any = response->count > 0;
    response->mean_us = any ? histogram_mean_ns(histogram) / NS_PER_US : NAN;
    response->p50_us = quantile_us(histogram, 0.5, 1);
    response->p90_us = quantile_us(histogram, 0.9, BENCH_P90_SAMPLES);
    response->p99_us = quantile_us(histogram, 0.99, BENCH_P99_SAMPLES);
    response->p99_9_us = quantile_us(histogram, 0.999, BENCH_P99_9_SAMPLES);
    response->max_us = any ? (double)histogram_max_ns(histogram) / NS_PER_US : NAN;
}

void bench_response_write(struct bench_json *json, const char *name,
                          const struct bench_response *response)
{
    bench_json_open(json, name, '{');
    bench_json_number(json, "mean", response->mean_us);
    bench_json_number(json, "p50", response->p50_us);
    bench_json_number(json, "p90", response->p90_us);
    bench_json_number(json, "p99", response->p99_us);
    bench_json_number(json, "p99_9", response->p99_9_us);
    bench_json_number(json, "max", response->max_us);
    bench_json_count(json, "count", response->count);
    bench_json_close(json, '}');
}
