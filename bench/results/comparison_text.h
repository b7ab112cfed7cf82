/* SPDX-License-Identifier: MIT */
/*
 * A comparison in words, and as JSON ("crew-bench/compare/1": members are only ever added within a
 * version). Each appends to `out`; out of memory shows in its `failed`. Pure.
 */
#ifndef CREW_BENCH_COMPARISON_TEXT_H
#define CREW_BENCH_COMPARISON_TEXT_H

#include "bench/results/comparison.h"
#include "common/byte_buffer.h"

#define COMPARISON_SCHEMA "crew-bench/compare/1"

/* How the intervals came about, in a paragraph. */
extern const char comparison_method[];

/* What is to be said about one workload, in one line without its end. */
void comparison_append_sentence(const struct comparison_workload *workload,
                                struct byte_buffer *out);

/* `paths` are those of the files. */
void comparison_append_json(const struct comparison *comparison,
                            const char *const paths[COMPARISON_SIDES], struct byte_buffer *out);

/* "+1.2 % [-0.3, +2.7]": by how much B is above A; "n/a" without an interval. */
void comparison_append_ratio(const struct interval *ratio, struct byte_buffer *out);

#endif
