/* SPDX-License-Identifier: MIT */
/*
 * What all pictures have around them: a title that says what is seen, a line below it that says of
 * what, a legend, and below the plot how to read it. All of it is text that is measured before the
 * plot is placed, so nothing overlaps.
 *
 * Pictures are FRAME_WIDTH wide. Shown 350 CSS pixels wide, on a phone, their text of 16 units is
 * 9 pixels high. One thread.
 */
#ifndef CREW_BENCH_FRAME_H
#define CREW_BENCH_FRAME_H

#include "bench/picture/axis.h"
#include "bench/picture/series.h"
#include "bench/picture/svg.h"

enum { FRAME_WIDTH = 600, FRAME_MARGIN = 16, FRAME_LEFT = 78, FRAME_RIGHT = 18 };

struct frame_head {
    const char *id; /* unique within a page */
    const char *title;
    const char *subject; /* the workload and how it was loaded; cut where it is too long */
    const char *caption; /* how to read it */
    double left;         /* of the plot; 0 stands for FRAME_LEFT */
    double above;        /* room between the legend and the plot */
    double height;       /* of the plot */
    double below;        /* room between the plot and the caption */
};

/* Begins a picture and draws all but the plot; `legend` may be NULL. Returns where the plot is. */
struct plot_area frame_begin(struct svg *svg, struct byte_buffer *out,
                             const struct frame_head *head, const struct legend *legend);

void frame_end(struct svg *svg);

/* A whole picture that says why there is none: "n/a: reason". Uses only id, title and subject. */
void frame_absent(struct byte_buffer *out, const struct frame_head *head, const char *reason);

/* Draws `text` in as many lines as it takes and returns their height; only that if `svg` is NULL.
 */
double frame_paragraph(struct svg *svg, double left, double top, double width,
                       const struct svg_font *font, const char *text);

#endif
