/* SPDX-License-Identifier: MIT */
#include "bench/peers/redis_benchmark.h"

#include "bench/peers/child_program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 120000, TEXT_SIZE = 24, US_PER_MS = 1000 };

/* Reads a number that `behind` follows; NULL when it is otherwise. */
static const char *read_number(const char *text, const char *behind, double *number)
{
    char *end = NULL;
    if (*text < '0' || *text > '9') /* it also prints "nan" */
        return NULL;
    *number = strtod(text, &end);
    size_t size = strlen(behind);
    return strncmp(end, behind, size) == 0 ? end + size : NULL;
}

bool redis_benchmark_parse(const char *output, struct redis_benchmark_result *result)
{
    static const char name[] = "PING_MBULK: ";
    bool found = false;
    for (const char *at = strstr(output, name); at != NULL; at = strstr(at, name)) {
        double rate_rps = 0;
        double p50_ms = 0;
        at += sizeof(name) - 1;
        const char *rest = read_number(at, " requests per second, p50=", &rate_rps);
        if (rest == NULL || read_number(rest, " msec", &p50_ms) == NULL)
            continue;
        result->rate_rps = rate_rps;
        result->p50_us = p50_ms * US_PER_MS;
        found = true;
    }
    return found;
}

uint64_t redis_benchmark_requests(double rate_rps, double seconds, size_t connections, size_t depth)
{
    double batches = rate_rps * seconds / (double)depth;
    return (batches > (double)connections ? (uint64_t)batches : connections) * depth;
}

bool redis_benchmark_run(const struct redis_benchmark *benchmark,
                         struct redis_benchmark_result *result, char error[BENCH_ERROR_SIZE])
{
    char port[TEXT_SIZE];
    char connections[TEXT_SIZE];
    char requests[TEXT_SIZE];
    char depth[TEXT_SIZE];
    struct byte_buffer output = {0};
    double cpu_s = 0;
    snprintf(port, sizeof(port), "%u", benchmark->port);
    snprintf(connections, sizeof(connections), "%zu", benchmark->connections);
    snprintf(requests, sizeof(requests), "%" PRIu64, benchmark->requests);
    snprintf(depth, sizeof(depth), "%zu", benchmark->depth);
    const char *const words[] = {"-h",        "127.0.0.1",  "-p",     port, "-c",
                                 connections, "-n",         requests, "-P", depth,
                                 "-t",        "ping_mbulk", "-q",     NULL};
    bool good = child_program_run(benchmark->program, words, TIMEOUT_MS, &output, &cpu_s, error);
    if (good && !redis_benchmark_parse(output.bytes, result)) {
        good = false;
        snprintf(error, BENCH_ERROR_SIZE, "redis-benchmark did not say how fast it was: %.1000s",
                 output.bytes);
    }
    if (good)
        result->generator_share = cpu_s * result->rate_rps / (double)benchmark->requests;
    byte_buffer_free(&output);
    return good;
}
