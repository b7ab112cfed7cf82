/* SPDX-License-Identifier: MIT */
#include "bench/picture/series.h"

#include "bench/picture/markup.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    LEGEND_FONT = 16,
    LEGEND_ROW = 24,
    LEGEND_SAMPLE = 34, /* width of what stands before the text */
    LEGEND_SPACE = 8,   /* between that and the text */
    LEGEND_GAP = 16,    /* between two entries */
};

static const struct series_style styles[SERIES_LIMIT] = {
    {SERIES_BLUE, SVG_CIRCLE, NULL},           {SERIES_VERMILLION, SVG_SQUARE, "9 4"},
    {SERIES_GREEN, SVG_TRIANGLE, "2.5 3"},     {SVG_BLACK, SVG_DIAMOND, "12 3 2.5 3"},
    {SERIES_PURPLE, SVG_TRIANGLE_DOWN, "5 3"}, {SERIES_ORANGE, SVG_PLUS, "14 5"},
    {SERIES_SKY, SVG_PENTAGON, "8 3 2 3 2 3"},
};

const struct series_style *series_style(size_t index)
{
    return &styles[index];
}

struct svg_pen series_line(const struct series_style *style)
{
    return (struct svg_pen){.stroke = style->colour, .width = 2.2, .dash = style->dash};
}

struct svg_pen series_marker(const struct series_style *style, bool hollow)
{
    return (struct svg_pen){.stroke = hollow ? style->colour : SVG_BLACK,
                            .width = hollow ? 2.2 : 0.8,
                            .fill = hollow ? "#ffffff" : style->colour};
}

struct legend_entry *legend_add(struct legend *legend, enum legend_sample sample,
                                const char *format, ...)
{
    if (legend->count == LEGEND_LIMIT)
        return &legend->entries[LEGEND_LIMIT - 1];
    struct legend_entry *entry = &legend->entries[legend->count++];
    *entry = (struct legend_entry){.sample = sample};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(entry->text, sizeof(entry->text), format, arguments);
    va_end(arguments);
    return entry;
}

struct legend_entry *legend_add_series(struct legend *legend, const struct series_style *style,
                                       const char *text)
{
    struct legend_entry *entry = legend_add(legend, LEGEND_LINE_AND_MARKER, "%s", text);
    entry->line = series_line(style);
    entry->marker = series_marker(style, false);
    entry->shape = style->shape;
    return entry;
}

static void draw_entry(struct svg *svg, const struct legend_entry *entry, double x, double y)
{
    static const double half = LEGEND_SAMPLE / 2.0;
    if (entry->sample == LEGEND_AREA)
        svg_rectangle(svg, x + 6, y - 8, LEGEND_SAMPLE - 12, 16, &entry->marker);
    if (entry->sample == LEGEND_LINE || entry->sample == LEGEND_LINE_AND_MARKER)
        svg_line(svg, x, y, x + LEGEND_SAMPLE, y, &entry->line);
    if (entry->sample == LEGEND_MARKER || entry->sample == LEGEND_LINE_AND_MARKER)
        svg_marker(svg, entry->shape, x + half, y, 5.5, &entry->marker);
    svg_text(svg, x + LEGEND_SAMPLE + LEGEND_SPACE, y + LEGEND_FONT * 0.35,
             &(struct svg_font){.size = LEGEND_FONT}, entry->text);
}

double legend_draw(struct svg *svg, const struct legend *legend, double left, double top,
                   double width)
{
    double x = left;
    double y = top + LEGEND_ROW / 2.0;
    for (size_t i = 0; i < legend->count; i++) {
        double wanted =
            LEGEND_SAMPLE + LEGEND_SPACE + markup_width(legend->entries[i].text, LEGEND_FONT);
        if (x > left && x + wanted > left + width) {
            x = left;
            y += LEGEND_ROW;
        }
        if (svg != NULL)
            draw_entry(svg, &legend->entries[i], x, y);
        x += wanted + LEGEND_GAP;
    }
    return legend->count > 0 ? y + LEGEND_ROW / 2.0 - top : 0;
}
