/* SPDX-License-Identifier: MIT */
/* What the figures were measured on. Any thread. */
#ifndef CREW_BENCH_BENCH_HOST_H
#define CREW_BENCH_BENCH_HOST_H

#include "bench/base/bench_json.h"

#include <stddef.h>

/* CPUs that this process may run on. */
size_t bench_host_cpus(void);

/* Writes the members "crew_version" and "host", which every report has. */
void bench_host_write(struct bench_json *json);

#endif
