/* SPDX-License-Identifier: MIT */
/* Clocks, in nanoseconds. Any thread; none blocks and none fails on Linux. */
#ifndef CREW_COMMON_CLOCK_H
#define CREW_COMMON_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { NS_PER_US = 1000, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

static inline uint64_t clock_read_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Never steps; the only clock for durations and deadlines. */
static inline uint64_t monotonic_ns(void)
{
    return clock_read_ns(CLOCK_MONOTONIC);
}

/* CPU time of the calling thread alone. */
static inline uint64_t thread_cpu_ns(void)
{
    return clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* Time of day since 1970, for people; may step. */
static inline uint64_t wall_ns(void)
{
    return clock_read_ns(CLOCK_REALTIME);
}

#endif
