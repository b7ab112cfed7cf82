/* SPDX-License-Identifier: MIT */
/*
 * What `crew-bench compare` prints. Names and reasons come from files that may hold anything, so
 * control characters in them are replaced. Each appends to `out`; out of memory shows in its
 * `failed`. Pure.
 */
#ifndef CREW_BENCH_COMPARE_REPORT_H
#define CREW_BENCH_COMPARE_REPORT_H

#include "bench/results/comparison.h"
#include "bench/results/load_file.h"
#include "common/byte_buffer.h"

void compare_report_sweeps(const struct comparison *comparison,
                           const char *const paths[COMPARISON_SIDES], struct byte_buffer *out);

/* Two runs of `crew-bench load`, side by side. */
void compare_report_loads(const struct load_run runs[COMPARISON_SIDES],
                          const char *const paths[COMPARISON_SIDES], struct byte_buffer *out);

/* The same as JSON; see comparison_text.h for the schema. */
void compare_write_loads(const struct load_run runs[COMPARISON_SIDES],
                         const char *const paths[COMPARISON_SIDES], struct byte_buffer *out);

#endif
