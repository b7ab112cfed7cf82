/* SPDX-License-Identifier: MIT */
#include "bench/picture/axis.h"

#include "bench/picture/markup.h"

#include <math.h>

/* A label may stick out of the plot by OVERHANG to the right. */
enum { LABEL_GAP = 10, LABEL_HEIGHT = 20, OVERHANG = 20, RANKS = 3 };

static const struct svg_pen grid = {.stroke = "#dddddd", .width = 1};
static const struct svg_pen axis = {.stroke = "#555555", .width = 1.2};

/* The places along an axis that labels have taken. */
struct taken {
    double begin[TICK_LIMIT];
    double end[TICK_LIMIT];
    size_t count;
};

static bool take(struct taken *taken, double begin, double end)
{
    for (size_t i = 0; i < taken->count; i++)
        if (begin < taken->end[i] && end > taken->begin[i])
            return false;
    taken->begin[taken->count] = begin;
    taken->end[taken->count++] = end;
    return true;
}

void axis_draw_x(struct svg *svg, const struct plot_area *area, const struct scale *scale,
                 const struct ticks *ticks, const char *heading)
{
    struct taken taken = {.count = 0};
    const struct svg_font font = {.size = AXIS_FONT, .anchor = SVG_MIDDLE};
    for (unsigned rank = 0; rank < RANKS; rank++) {
        for (size_t i = 0; i < ticks->count; i++) {
            const struct tick *tick = &ticks->items[i];
            double x = scale_place(scale, tick->value);
            double half = (markup_width(tick->label, AXIS_FONT) + LABEL_GAP) / 2;
            if (tick->rank != rank || x < area->left - 0.5 || x > area->right + 0.5)
                continue;
            svg_line(svg, x, area->top, x, area->bottom, &grid);
            if (take(&taken, x - half, x + half)) {
                svg_line(svg, x, area->bottom, x, area->bottom + 5, &axis);
                svg_text(svg, fmin(x, area->right + OVERHANG - half), area->bottom + 21, &font,
                         tick->label);
            }
        }
    }
    svg_line(svg, area->left, area->bottom, area->right, area->bottom, &axis);
    if (heading != NULL)
        svg_text(svg, (area->left + area->right) / 2, area->bottom + 44, &font, heading);
}

void axis_draw_y(struct svg *svg, const struct plot_area *area, const struct scale *scale,
                 const struct ticks *ticks, const char *heading)
{
    struct taken taken = {.count = 0};
    const struct svg_font font = {.size = AXIS_FONT, .anchor = SVG_END};
    for (unsigned rank = 0; rank < RANKS; rank++) {
        for (size_t i = 0; i < ticks->count; i++) {
            const struct tick *tick = &ticks->items[i];
            double y = scale_place(scale, tick->value);
            if (tick->rank != rank || y < area->top - 0.5 || y > area->bottom + 0.5)
                continue;
            svg_line(svg, area->left, y, area->right, y, &grid);
            if (take(&taken, y - LABEL_HEIGHT / 2.0, y + LABEL_HEIGHT / 2.0))
                svg_text(svg, area->left - 8, y + AXIS_FONT * 0.35, &font, tick->label);
        }
    }
    svg_line(svg, area->left, area->top, area->left, area->bottom, &axis);
    if (heading != NULL)
        svg_text(svg, 16, area->top - 11, &(struct svg_font){.size = AXIS_FONT}, heading);
}

/* Adds the point where the way from (x1, y1) to (x2, y2) crosses the horizontal at `y`. */
static void cross(struct svg *svg, double x1, double y1, double x2, double y2, double y)
{
    svg_path_to(svg, x1 + (x2 - x1) * (y - y1) / (y2 - y1), y);
}

void axis_draw_curve(struct svg *svg, const struct plot_area *area, const double *x,
                     const double *y, size_t count, const struct svg_pen *pen)
{
    double before = NAN; /* the last y within or outside; NAN after a gap */
    svg_path_begin(svg);
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(y[i])) {
            before = NAN;
            svg_path_gap(svg);
            continue;
        }
        double edge = y[i] < area->top || before < area->top ? area->top : area->bottom;
        bool inside = y[i] >= area->top && y[i] <= area->bottom;
        bool was_inside = before >= area->top && before <= area->bottom;
        if (!isnan(before) && inside != was_inside)
            cross(svg, x[i - 1], before, x[i], y[i], edge);
        if (inside)
            svg_path_to(svg, x[i], y[i]);
        else
            svg_path_gap(svg);
        before = y[i];
    }
    svg_path_end(svg, false, pen);
}
