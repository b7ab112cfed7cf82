/* SPDX-License-Identifier: MIT */
/* The searches as JSON: the answers, and every trial behind them. One thread. */
#ifndef CREW_BENCH_SLO_JSON_H
#define CREW_BENCH_SLO_JSON_H

#include "bench/commands/slo_line.h"
#include "bench/commands/slo_settings.h"
#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct slo_file {
    const struct slo_settings *settings;
    const struct slo_line *lines;
    size_t count;
    const char *started_utc;
    double elapsed_s;
    double cpu_iterations_per_us; /* of WORK CPU, the same on all servers; 0: unused */
    bool complete;                /* every search came to its end */
};

/* Schema "crew-bench/slo/1": fields are only ever added within a version. Out of memory shows in
 * the buffer's `failed`. */
void slo_json_write(const struct slo_file *file, struct byte_buffer *out);

#endif
