/* SPDX-License-Identifier: MIT */
/*
 * How the lines of a picture are told apart: by colour, marker and dashes together, so that none
 * of them is needed. Colours are from the palette of Okabe and Ito ("Color Universal Design",
 * 2008), which people with any kind of colour blindness tell apart; its yellow is left out for
 * lines, since it hardly shows on white. Pure, but for what is drawn.
 */
#ifndef CREW_BENCH_SERIES_H
#define CREW_BENCH_SERIES_H

#include "bench/picture/svg.h"

#include <stdbool.h>
#include <stddef.h>

#define SERIES_BLUE       "#0072B2"
#define SERIES_VERMILLION "#D55E00"
#define SERIES_GREEN      "#009E73"
#define SERIES_PURPLE     "#CC79A7"
#define SERIES_ORANGE     "#E69F00"
#define SERIES_SKY        "#56B4E9"
#define SERIES_YELLOW     "#F0E442"

enum { SERIES_LIMIT = 7 };

struct series_style {
    const char *colour;
    enum svg_shape shape;
    const char *dash; /* NULL for solid */
};

/* `index` below SERIES_LIMIT. */
const struct series_style *series_style(size_t index);

struct svg_pen series_line(const struct series_style *style);

/* Filled with the style's colour, or with white. */
struct svg_pen series_marker(const struct series_style *style, bool hollow);

enum { LEGEND_LIMIT = 16, LEGEND_TEXT_SIZE = 80 };

/* What stands before a legend's text. */
enum legend_sample {
    LEGEND_LINE,
    LEGEND_MARKER,
    LEGEND_LINE_AND_MARKER,
    LEGEND_AREA,
};

struct legend_entry {
    enum legend_sample sample;
    struct svg_pen line;
    struct svg_pen marker; /* or area */
    enum svg_shape shape;
    char text[LEGEND_TEXT_SIZE];
};

struct legend {
    struct legend_entry entries[LEGEND_LIMIT];
    size_t count;
};

/* Adds an entry with a printf-formatted text; the caller sets how it is drawn. A legend that is
 * full returns its last entry once more. */
struct legend_entry *legend_add(struct legend *legend, enum legend_sample sample,
                                const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same with the line and the marker of a series. */
struct legend_entry *legend_add_series(struct legend *legend, const struct series_style *style,
                                       const char *text);

/*
 * Draws the entries from left to right, as many in a row as fit, and returns the height that takes;
 * draws nothing when `svg` is NULL.
 */
double legend_draw(struct svg *svg, const struct legend *legend, double left, double top,
                   double width);

#endif
