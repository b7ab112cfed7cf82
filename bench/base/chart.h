/* SPDX-License-Identifier: MIT */
/* Horizontal bars of Unicode blocks, an eighth of a column fine. */
#ifndef CREW_BENCH_CHART_H
#define CREW_BENCH_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    CHART_WIDEST = 200,
    CHART_BAR_SIZE = CHART_WIDEST * 3 + 1, /* bytes: a block takes three in UTF-8 */
};

/*
 * A bar that fills `share` (0 to 1) of `width` columns (at most CHART_WIDEST), then spaces up to
 * that width. Returns `text`. Pure.
 */
const char *chart_bar(char text[CHART_BAR_SIZE], double share, size_t width);

/*
 * One column per value, as high as its share of the largest, which goes to *top; a NAN leaves its
 * column empty. `count` is at most CHART_WIDEST. Returns `text`. Pure.
 */
const char *chart_sparkline(char text[CHART_BAR_SIZE], const double *values, size_t count,
                            double *top);

struct chart_row {
    char label[24];
    double value;  /* 0 or more */
    char text[64]; /* printed after the bar */
    bool marked;   /* stands out: in colour, or by an arrow without colours */
};

/* Prints a bar for each row, scaled to the largest value and to `width` columns in all. */
void chart_print(FILE *out, const struct chart_row *rows, size_t count, size_t width, bool colour);

#endif
