/* SPDX-License-Identifier: MIT */
#include "bench/engine/bench_failures.h"

#include "bench/base/bench_number.h"

static const struct {
    const char *key;
    const char *meaning;
} kinds[BENCH_FAILURES] = {
    [BENCH_CONNECT] = {"connect", "connections that could not be opened"},
    [BENCH_CLOSED] = {"closed", "requests on connections that were closed or reset"},
    [BENCH_ERROR_REPLY] = {"error_reply", "error replies"},
    [BENCH_WRONG_REPLY] = {"wrong_reply", "replies that do not match their request"},
    [BENCH_MALFORMED] = {"malformed", "requests on connections that sent malformed replies"},
    [BENCH_TIMEOUT] = {"timeout", "requests without any reply within --timeout"},
};

void bench_failures_print(FILE *out, const uint64_t failures[BENCH_FAILURES], const char *first)
{
    char number[BENCH_NUMBER_SIZE];
    for (size_t i = 0; i < BENCH_FAILURES; i++)
        if (failures[i] > 0)
            fprintf(out, "  error      %s %s\n", bench_number_count(number, failures[i]),
                    kinds[i].meaning);
    if (first[0] != '\0')
        fprintf(out, "  first      %s\n", first);
}

void bench_failures_write(struct bench_json *json, const uint64_t failures[BENCH_FAILURES])
{
    bench_json_open(json, "errors", '{');
    for (size_t i = 0; i < BENCH_FAILURES; i++)
        bench_json_count(json, kinds[i].key, failures[i]);
    bench_json_close(json, '}');
}

const char *bench_failure_key(enum bench_failure kind)
{
    return kinds[kind].key;
}
