/* SPDX-License-Identifier: MIT */
/* A service level objective: a percentile of the response time, and its limit. Pure. */
#ifndef CREW_BENCH_SLO_H
#define CREW_BENCH_SLO_H

#include <stdbool.h>
#include <stddef.h>

#define SLO_RULE "it takes a percentile and a limit, such as p99<10ms, p99.9<50ms or p50<300us"

enum { SLO_TEXT_SIZE = 64 };

/* "p99<10ms" is quantile 0.99 and limit 10000; percentiles are above 0 and below 100. */
bool slo_parse(const char *text, double *quantile, double *limit_us);

/* The reverse; returns `text`. */
const char *slo_format(char text[SLO_TEXT_SIZE], double quantile, double limit_us);

#endif
