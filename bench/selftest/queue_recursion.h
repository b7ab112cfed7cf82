/* SPDX-License-Identifier: MIT */
/*
 * How long requests wait for one of several workers, first come first served, worked out request
 * by request from when each came and how long each was served (Kiefer and Wolfowitz 1955, "On the
 * theory of queues with many servers"): whoever comes next goes to the worker that is free first.
 * It knows of no law, so it agrees with the formulas of queueing theory (bench/statistics/
 * queueing.h) only if both are right. Pure; one thread at a time.
 */
#ifndef CREW_BENCH_QUEUE_RECURSION_H
#define CREW_BENCH_QUEUE_RECURSION_H

#include <stddef.h>

enum { QUEUE_RECURSION_WORKERS = 64 };

struct queue_recursion {
    size_t workers;                          /* 1 to QUEUE_RECURSION_WORKERS */
    double free_at[QUEUE_RECURSION_WORKERS]; /* zero at first: all are idle */
    double waits;                            /* sum */
    size_t count;
};

/* The next request; `came` does not fall. All in one unit of time. Returns how long it waits. */
double queue_recursion_add(struct queue_recursion *queue, double came, double service);

#endif
