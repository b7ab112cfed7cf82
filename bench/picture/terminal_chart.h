/* SPDX-License-Identifier: MIT */
/*
 * Lines and points in a terminal: lines of Braille dots, two by four to a character, and a letter
 * for each point, so that no colour is needed. The y axis is logarithmic. Pure, but for the buffer
 * written to.
 */
#ifndef CREW_BENCH_TERMINAL_CHART_H
#define CREW_BENCH_TERMINAL_CHART_H

#include "bench/results/analysis.h"
#include "common/byte_buffer.h"

#include <stddef.h>

enum {
    TERMINAL_CHART_POINTS = RESULTS_RATE_LIMIT,
    TERMINAL_CHART_SERIES = 8,
    TERMINAL_CHART_NARROWEST = 40, /* columns: a narrower chart is drawn that wide */
    TERMINAL_CHART_WIDEST = 120,   /* and a wider one this wide */
};

/* Rises in x. A y that is not known is NAN; INFINITY is off the top, where it becomes a '^'. */
struct terminal_series {
    char name[24];
    double x[TERMINAL_CHART_POINTS];
    double y[TERMINAL_CHART_POINTS];
    size_t count;
};

/* x is a rate per second, y is in microseconds. */
struct terminal_chart {
    const char *x_name;
    const char *y_name;
    struct terminal_series series[TERMINAL_CHART_SERIES];
    size_t count;
};

/* Appends the chart, `width` columns wide; nothing when no y is known. */
void terminal_chart_write(const struct terminal_chart *chart, size_t width,
                          struct byte_buffer *out);

/*
 * Appends p99 of the response time over the offered rate, a line for each worker count, of which
 * the most telling ones are shown where there are too many. An unstable count is off the top.
 * Nothing without a latency experiment.
 */
void terminal_chart_write_latency(const struct results *results, const struct analysis *analysis,
                                  size_t width, struct byte_buffer *out);

#endif
