/* SPDX-License-Identifier: MIT */
/* What ready-queue-speed prints: a line per number of threads. Pure. */
#ifndef CREW_BENCH_QUEUE_CURVE_H
#define CREW_BENCH_QUEUE_CURVE_H

#include <stdbool.h>
#include <stddef.h>

struct queue_point {
    unsigned threads;
    double ready_queue; /* operations per second */
    double plain;
};

/*
 * Reads the lines "threads N ready_queue OPS_PER_S plain OPS_PER_S", of which there are at most
 * `limit`; others are passed over. Returns how many; 0 also when a line that begins so goes on
 * otherwise, or when there are more.
 */
size_t queue_curve_parse(const char *output, struct queue_point *points, size_t limit);

#endif
