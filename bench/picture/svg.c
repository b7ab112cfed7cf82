/* SPDX-License-Identifier: MIT */
#include "bench/picture/svg.h"

#include "bench/picture/markup.h"

#include <math.h>
#include <string.h>

void svg_open(struct svg *svg, struct byte_buffer *out, const struct svg_head *head)
{
    *svg = (struct svg){.out = out};
    byte_buffer_printf(out,
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                       "viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"%s-t %s-d\" "
                       "font-family=\"Helvetica, Arial, sans-serif\">\n<title id=\"%s-t\">",
                       head->width, head->height, head->width, head->height, head->id, head->id,
                       head->id);
    markup_append(out, head->title);
    byte_buffer_printf(out, "</title>\n<desc id=\"%s-d\">", head->id);
    markup_append(out, head->description);
    byte_buffer_append_text(out, "</desc>\n");
    svg_rectangle(svg, 0, 0, head->width, head->height, &(struct svg_pen){.fill = "#ffffff"});
}

void svg_close(struct svg *svg)
{
    byte_buffer_append_text(svg->out, "</svg>\n");
}

void svg_text_bytes(struct svg *svg, double x, double y, const struct svg_font *font,
                    const char *text, size_t size)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    if (!isfinite(x) || !isfinite(y))
        return;
    byte_buffer_printf(svg->out,
                       "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" text-anchor=\"%s\" "
                       "fill=\"%s\"%s>",
                       x, y, font->size, anchors[font->anchor], font->grey ? "#555555" : SVG_BLACK,
                       font->bold ? " font-weight=\"bold\"" : "");
    markup_append_bytes(svg->out, text, size);
    byte_buffer_append_text(svg->out, "</text>\n");
}

void svg_text(struct svg *svg, double x, double y, const struct svg_font *font, const char *text)
{
    svg_text_bytes(svg, x, y, font, text, strlen(text));
}

/* Ends an element with how it is drawn. */
static void append_pen(struct svg *svg, const struct svg_pen *pen)
{
    byte_buffer_printf(svg->out, " fill=\"%s\"", pen->fill != NULL ? pen->fill : "none");
    if (pen->fill != NULL && pen->fill_opacity > 0)
        byte_buffer_printf(svg->out, " fill-opacity=\"%.2f\"", pen->fill_opacity);
    if (pen->stroke != NULL)
        byte_buffer_printf(svg->out, " stroke=\"%s\" stroke-width=\"%.1f\"", pen->stroke,
                           pen->width);
    if (pen->stroke != NULL && pen->dash != NULL)
        byte_buffer_printf(svg->out, " stroke-dasharray=\"%s\"", pen->dash);
    byte_buffer_append_text(svg->out, "/>\n");
}

void svg_line(struct svg *svg, double x1, double y1, double x2, double y2,
              const struct svg_pen *pen)
{
    if (!isfinite(x1) || !isfinite(y1) || !isfinite(x2) || !isfinite(y2))
        return;
    byte_buffer_printf(svg->out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"", x1, y1,
                       x2, y2);
    append_pen(svg, pen);
}

void svg_rectangle(struct svg *svg, double x, double y, double width, double height,
                   const struct svg_pen *pen)
{
    if (!isfinite(x) || !isfinite(y) || !(width >= 0) || !(height >= 0))
        return;
    byte_buffer_printf(svg->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", x, y,
                       width, height);
    append_pen(svg, pen);
}

enum { MOST_CORNERS = 12 };

/* Of radius 1, each about as large to the eye as the circle. */
static const struct {
    size_t corners;
    double at[MOST_CORNERS][2];
} outlines[] = {
    [SVG_SQUARE] = {4, {{-0.85, -0.85}, {0.85, -0.85}, {0.85, 0.85}, {-0.85, 0.85}}},
    [SVG_TRIANGLE] = {3, {{0, -1.15}, {1.1, 0.8}, {-1.1, 0.8}}},
    [SVG_DIAMOND] = {4, {{0, -1.25}, {1.25, 0}, {0, 1.25}, {-1.25, 0}}},
    [SVG_TRIANGLE_DOWN] = {3, {{0, 1.15}, {1.1, -0.8}, {-1.1, -0.8}}},
    [SVG_PLUS] = {12,
                  {{-0.4, -1.15},
                   {0.4, -1.15},
                   {0.4, -0.4},
                   {1.15, -0.4},
                   {1.15, 0.4},
                   {0.4, 0.4},
                   {0.4, 1.15},
                   {-0.4, 1.15},
                   {-0.4, 0.4},
                   {-1.15, 0.4},
                   {-1.15, -0.4},
                   {-0.4, -0.4}}},
    [SVG_PENTAGON] = {5, {{0, -1.1}, {1.05, -0.34}, {0.65, 0.89}, {-0.65, 0.89}, {-1.05, -0.34}}},
};

void svg_marker(struct svg *svg, enum svg_shape shape, double x, double y, double radius,
                const struct svg_pen *pen)
{
    if (!isfinite(x) || !isfinite(y))
        return;
    if (shape == SVG_CIRCLE) {
        byte_buffer_printf(svg->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", x, y, radius);
        append_pen(svg, pen);
        return;
    }
    if (shape == SVG_CROSS) {
        byte_buffer_printf(svg->out, "<path d=\"M%.1f,%.1fL%.1f,%.1fM%.1f,%.1fL%.1f,%.1f\"",
                           x - radius, y - radius, x + radius, y + radius, x - radius, y + radius,
                           x + radius, y - radius);
        append_pen(svg, pen);
        return;
    }
    svg_path_begin(svg);
    for (size_t i = 0; i < outlines[shape].corners; i++)
        svg_path_to(svg, x + radius * outlines[shape].at[i][0],
                    y + radius * outlines[shape].at[i][1]);
    svg_path_end(svg, true, pen);
}

void svg_path_begin(struct svg *svg)
{
    byte_buffer_append_text(svg->out, "<path d=\"");
    svg->path_begun = false;
}

void svg_path_to(struct svg *svg, double x, double y)
{
    if (!isfinite(x) || !isfinite(y))
        return;
    byte_buffer_printf(svg->out, "%c%.1f,%.1f", svg->path_begun ? 'L' : 'M', x, y);
    svg->path_begun = true;
}

void svg_path_gap(struct svg *svg)
{
    svg->path_begun = false;
}

void svg_path_end(struct svg *svg, bool closed, const struct svg_pen *pen)
{
    byte_buffer_append_text(svg->out, closed && svg->path_begun ? "Z\"" : "\"");
    append_pen(svg, pen);
}
