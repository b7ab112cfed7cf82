/* SPDX-License-Identifier: MIT */
#include "bench/engine/workload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char mix_rule[] =
    "needs up to 8 shares that add up to 100 %: mix:90%ping,10%sleep:10ms";

static const char mix_prefix[] = "mix:";

static bool fail(const char *spec, char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "workload '%.200s' %s", spec, mix_rule);
    return false;
}

static bool add_kind(struct workload *workload, const char *spec, size_t size, char *error)
{
    struct request_kind *kind = &workload->kinds[workload->kind_count];
    if (!request_kind_parse(spec, size, kind, error))
        return false;
    workload->kind_count++;
    workload->burns_cpu = workload->burns_cpu || kind->burns_cpu;
    workload->raw = workload->raw || kind->raw;
    return true;
}

static bool parse_mix(struct workload *workload, const char *parts, char *error)
{
    double sum = 0;
    for (const char *at = parts;; at++) {
        size_t size = strcspn(at, ",");
        char *end = NULL;
        double percent = strtod(at, &end);
        if (end == at || *end != '%' || !(percent > 0) || workload->kind_count == WORKLOAD_PARTS)
            return fail(workload->spec, error);
        const char *kind = end + 1;
        if (!add_kind(workload, kind, size - (size_t)(kind - at), error))
            return false;
        sum += percent / 100;
        workload->share_up_to[workload->kind_count - 1] = sum;
        at += size;
        if (*at == '\0')
            break;
    }
    if (fabs(sum - 1) > 1e-9)
        return fail(workload->spec, error);
    /* A request to a raw server ends its connection, so nothing can follow it there. */
    if (workload->raw && workload->kind_count > 1) {
        snprintf(error, BENCH_ERROR_SIZE,
                 "workload '%.200s': text: is not allowed in a mix: it is for raw:// servers",
                 workload->spec);
        return false;
    }
    workload->share_up_to[workload->kind_count - 1] = 1;
    return true;
}

bool workload_parse(const char *spec, struct workload *workload, char error[BENCH_ERROR_SIZE])
{
    *workload = (struct workload){.spec = spec};
    bool parsed = false;
    if (strncasecmp(spec, mix_prefix, strlen(mix_prefix)) == 0) {
        parsed = parse_mix(workload, spec + strlen(mix_prefix), error);
    } else {
        workload->share_up_to[0] = 1;
        parsed = add_kind(workload, spec, strlen(spec), error);
    }
    if (!parsed)
        workload_free(workload);
    return parsed;
}

void workload_free(struct workload *workload)
{
    for (size_t i = 0; i < workload->kind_count; i++)
        request_kind_free(&workload->kinds[i]);
    workload->kind_count = 0;
}

size_t workload_draw(const struct workload *workload, struct bench_random *random)
{
    if (workload->kind_count == 1)
        return 0;
    double unit = bench_random_unit(random);
    size_t kind = 0;
    while (kind + 1 < workload->kind_count && unit > workload->share_up_to[kind])
        kind++;
    return kind;
}

size_t workload_request_size(const struct workload *workload)
{
    size_t largest = 0;
    for (size_t i = 0; i < workload->kind_count; i++)
        if (workload->kinds[i].request.size > largest)
            largest = workload->kinds[i].request.size;
    return largest;
}
