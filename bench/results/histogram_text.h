/* SPDX-License-Identifier: MIT */
/*
 * A histogram as a line of text that says all it holds. Most buckets are empty, so only runs of
 * others are listed: the counts of neighbouring buckets, and "+N" for N empty ones before the next.
 *
 *   log-linear/7/42 sum=1234567 max=5120 +310 5 7 12 +2 1
 *
 * The first word is the shape (common/histogram.h); sum and max are exact, in nanoseconds. There
 * is one text for each histogram. One thread.
 */
#ifndef CREW_BENCH_HISTOGRAM_TEXT_H
#define CREW_BENCH_HISTOGRAM_TEXT_H

#include "common/byte_buffer.h"
#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>

enum { HISTOGRAM_TEXT_ERROR_SIZE = 160 };

void histogram_text_append(const struct histogram *histogram, struct byte_buffer *out);

/*
 * Fills `histogram` with what `text` says. False after filling `error` when the text is not what
 * histogram_text_append writes, or when its sum or maximum contradict its buckets; the histogram
 * is then of no use.
 */
bool histogram_text_parse(const char *text, struct histogram *histogram,
                          char error[HISTOGRAM_TEXT_ERROR_SIZE]);

#endif
