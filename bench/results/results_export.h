/* SPDX-License-Identifier: MIT */
/*
 * Results in the formats of other programs. Each function appends to `out`; out of memory shows in
 * its `failed`. CSV is that of RFC 4180, but for bare line feeds: a header, then lines; a field is
 * empty when its figure is not known, which is so for all figures of a trial that did not run to
 * its end. Pure.
 */
#ifndef CREW_BENCH_RESULTS_EXPORT_H
#define CREW_BENCH_RESULTS_EXPORT_H

#include "bench/results/results.h"
#include "common/byte_buffer.h"

/* A line per trial. */
void results_export_csv(const struct results *results, struct byte_buffer *out);

/* A line per row of each trial's series. */
void results_export_series_csv(const struct results *results, struct byte_buffer *out);

/*
 * The text format of Go benchmarks, which benchstat compares (https://pkg.go.dev/golang.org/x/perf/
 * cmd/benchstat): a line per usable trial, controls left out, with as many iterations as requests.
 * ns/op is the mean response time.
 */
void results_export_benchstat(const struct results *results, struct byte_buffer *out);

/*
 * The percentile distribution that HdrHistogram prints (.hgrm) with five lines per half of the
 * distance to 100 %; values are milliseconds, which its first line says. For a histogram that is
 * not empty.
 */
void results_export_hgrm(const struct histogram *histogram, struct byte_buffer *out);

#endif
