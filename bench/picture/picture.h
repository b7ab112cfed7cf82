/* SPDX-License-Identifier: MIT */
/*
 * The pictures of one workload. Each appends a whole SVG document to `out`: one that says "n/a"
 * and why where there is nothing to show. One thread; out of memory shows in the buffer's `failed`.
 */
#ifndef CREW_BENCH_PICTURE_H
#define CREW_BENCH_PICTURE_H

#include "bench/picture/scene.h"
#include "common/byte_buffer.h"

/* Throughput over the number of workers: trials, intervals, fitted curves, recommended set. */
void picture_throughput(const struct scene *scene, struct byte_buffer *out);

/* p50, p99 and p99.9 of the response time over the offered rate. */
void picture_latency(const struct scene *scene, struct byte_buffer *out);

/* Response and wire time by percentile. */
void picture_percentiles(const struct scene *scene, struct byte_buffer *out);

/* Where a request's time goes: queue, CPU, lock, run queue, blocked. */
void picture_time(const struct scene *scene, struct byte_buffer *out);

/* Paired differences of throughput to the reference count, with intervals. */
void picture_difference(const struct scene *scene, struct byte_buffer *out);

/* Throughput and p99 over the time of one trial. */
void picture_series(const struct scene *scene, struct byte_buffer *out);

enum { PICTURES = 6 };

struct picture {
    const char *name; /* for files and ids: "throughput" */
    void (*draw)(const struct scene *scene, struct byte_buffer *out);
};

/* All of them, in the order in which they are shown. */
extern const struct picture pictures[PICTURES];

#endif
