/* SPDX-License-Identifier: MIT */
/* What is worth knowing about the machine that a result comes from. Any thread. */
#ifndef CREW_BENCH_BENCH_HOST_H
#define CREW_BENCH_BENCH_HOST_H

#include "bench/base/bench_json.h"

#include <stddef.h>

enum { BENCH_HOST_TEXT_SIZE = 128 };

struct bench_host {
    double cpus; /* what this process may use: affinity, and the cgroup's limit if it is lower */
    char cpu_model[BENCH_HOST_TEXT_SIZE];
    char kernel[BENCH_HOST_TEXT_SIZE];
    char machine[BENCH_HOST_TEXT_SIZE];
};

/* Fills all fields; "unknown" for what cannot be found out. */
void bench_host_take(struct bench_host *host);

/*
 * CPUs that a cgroup's limit allows, from the text of cpu.max: "QUOTA PERIOD" or "max PERIOD"
 * (kernel: Documentation/admin-guide/cgroup-v2.rst). INFINITY for no limit, or no such text.
 */
double bench_host_cgroup_cpus(const char *cpu_max);

/* Writes the member "host". */
void bench_host_write(struct bench_json *json, const struct bench_host *host);

#endif
