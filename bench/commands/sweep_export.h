/* SPDX-License-Identifier: MIT */
/* A sweep as other programs read it. Single-threaded; out of memory shows in `out->failed`. */
#ifndef CREW_BENCH_SWEEP_EXPORT_H
#define CREW_BENCH_SWEEP_EXPORT_H

#include "bench/commands/sweep_summary.h"
#include "common/byte_buffer.h"

#include <stdbool.h>

struct sweep_outcome {
    const struct sweep_settings *settings;
    const struct sweep_trial *trials; /* in the order in which they ran */
    size_t trial_count;
    const struct sweep_summary *summaries; /* one per workload that was begun */
    size_t summary_count;
    int64_t cpu_iterations; /* 0 when no workload needed a calibration */
    bool complete;          /* no trial is missing */
};

/* Schema "crew-bench/sweep/1": fields are only ever added within a version. */
void sweep_export_json(const struct sweep_outcome *outcome, struct byte_buffer *out);

/* RFC 4180 but for bare line feeds: a header, then a line per complete trial. Empty: not known. */
void sweep_export_csv(const struct sweep_outcome *outcome, struct byte_buffer *out);

#endif
