/* SPDX-License-Identifier: MIT */
/*
 * Results as one HTML page that needs nothing else: no script, no font, no link to another place.
 * For each workload first the recommendation, then what is uncertain about it, pictures and tables;
 * at the end how it was measured and how to measure it again. Pure.
 */
#ifndef CREW_BENCH_HTML_H
#define CREW_BENCH_HTML_H

#include "bench/results/analysis.h"
#include "common/byte_buffer.h"

/* Appends the page; there is one analysis for each of the settings' workloads. Out of memory shows
 * in the buffer's `failed`. */
void html_write(const struct results *results, struct analysis *const *analyses,
                struct byte_buffer *out);

#endif
