/* SPDX-License-Identifier: MIT */
/*
 * A small drawing surface: appends SVG 1.1 to a byte buffer. Lengths are user units, the origin is
 * at the top left. Everything is said with presentation attributes and none with CSS, so that a
 * browser and rsvg-convert draw the same picture. A coordinate that is not finite is a mistake of
 * the caller's; what has one is left out. One thread; out of memory shows in the buffer's `failed`.
 */
#ifndef CREW_BENCH_SVG_H
#define CREW_BENCH_SVG_H

#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>

#define SVG_BLACK "#111111"
#define SVG_GREY  "#767676" /* 4.5 : 1 on white: still readable as text */

struct svg {
    struct byte_buffer *out; /* not owned */
    bool path_begun;
};

struct svg_head {
    const char *id; /* unique within a page: the title's and the description's ids begin with it */
    const char *title;
    const char *description; /* what a person who does not see the picture should know */
    double width;
    double height;
};

/* How something is drawn; NULL for no line or no filling. */
struct svg_pen {
    const char *stroke;
    double width;
    const char *dash; /* lengths of strokes and gaps: "8 4"; NULL for a solid line */
    const char *fill;
    double fill_opacity; /* 0 stands for 1 */
};

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

struct svg_font {
    double size;
    enum svg_anchor anchor; /* which part of the text is at the given place */
    bool bold;
    bool grey;
};

/* Shapes that are told apart without colours. */
enum svg_shape {
    SVG_CIRCLE,
    SVG_SQUARE,
    SVG_TRIANGLE,
    SVG_DIAMOND,
    SVG_TRIANGLE_DOWN,
    SVG_PLUS,
    SVG_PENTAGON,
    SVG_CROSS, /* two strokes: has no filling */
    SVG_SHAPES,
};

/* Begins a picture with a white ground; svg_close ends it. */
void svg_open(struct svg *svg, struct byte_buffer *out, const struct svg_head *head);
void svg_close(struct svg *svg);

/* `y` is the base line. */
void svg_text(struct svg *svg, double x, double y, const struct svg_font *font, const char *text);

/* The same for the first `size` bytes of a text. */
void svg_text_bytes(struct svg *svg, double x, double y, const struct svg_font *font,
                    const char *text, size_t size);

void svg_line(struct svg *svg, double x1, double y1, double x2, double y2,
              const struct svg_pen *pen);
void svg_rectangle(struct svg *svg, double x, double y, double width, double height,
                   const struct svg_pen *pen);

/* Reaches `radius` to each side, about; centred at x, y. */
void svg_marker(struct svg *svg, enum svg_shape shape, double x, double y, double radius,
                const struct svg_pen *pen);

/* A line through the points added between begin and end. */
void svg_path_begin(struct svg *svg);
void svg_path_to(struct svg *svg, double x, double y);
void svg_path_gap(struct svg *svg); /* the next point is not joined to the last */
void svg_path_end(struct svg *svg, bool closed, const struct svg_pen *pen);

#endif
