/* SPDX-License-Identifier: MIT */
/* Axes and their grids around a plot. One thread. */
#ifndef CREW_BENCH_AXIS_H
#define CREW_BENCH_AXIS_H

#include "bench/picture/scale.h"
#include "bench/picture/svg.h"

enum {
    AXIS_FONT = 16,
    AXIS_X_HEIGHT = 52,  /* below a plot: labels of the ticks, and what the axis shows */
    AXIS_X_TICKS = 26,   /* the same without saying what it shows */
    AXIS_Y_HEADING = 26, /* above a plot: what the axis shows */
};

/* Where the values are drawn. */
struct plot_area {
    double left;
    double top;
    double right;
    double bottom;
};

/*
 * Draws grid lines, the labels of the ticks and what the axis shows, with its unit ("time (s)");
 * NULL for nothing. Labels that would overlap are left out, those of a higher rank first.
 */
void axis_draw_x(struct svg *svg, const struct plot_area *area, const struct scale *scale,
                 const struct ticks *ticks, const char *heading);

/* The heading stands above the axis, where it can be read without turning one's head. */
void axis_draw_y(struct svg *svg, const struct plot_area *area, const struct scale *scale,
                 const struct ticks *ticks, const char *heading);

/*
 * Draws the part of a curve that lies within the area, through `count` points of rising x; points
 * that are not finite are gaps.
 */
void axis_draw_curve(struct svg *svg, const struct plot_area *area, const double *x,
                     const double *y, size_t count, const struct svg_pen *pen);

#endif
