/* SPDX-License-Identifier: MIT */
#include "bench/picture/frame.h"

#include "bench/picture/markup.h"

#include <stdio.h>
#include <string.h>

enum { TITLE_FONT = 20, TEXT_FONT = 16, SPACE = 10, SUBJECT_SIZE = 400 };

static const double text_width = FRAME_WIDTH - 2 * FRAME_MARGIN;

double frame_paragraph(struct svg *svg, double left, double top, double width,
                       const struct svg_font *font, const char *text)
{
    double step = font->size * 1.3;
    double y = top;
    for (const char *at = text; *at != '\0'; at += strspn(at, " ")) {
        size_t size = markup_line(at, font->size, width);
        if (svg != NULL)
            svg_text_bytes(svg, left, y + font->size, font, at, size);
        at += size;
        y += step;
    }
    return y - top;
}

/* Copies a text with "..." in place of what does not fit into a line. */
static void cut(char *line, size_t size, const char *text)
{
    size_t fitting = markup_fit(text, TEXT_FONT, text_width);
    if (fitting < size && text[fitting] == '\0') {
        memcpy(line, text, fitting + 1);
        return;
    }
    fitting = markup_fit(text, TEXT_FONT, text_width - markup_width("…", TEXT_FONT));
    snprintf(line, size, "%.*s…", (int)fitting, text);
}

/* Draws title and subject, unless `svg` is NULL; returns where they end. */
static double draw_head(struct svg *svg, const struct frame_head *head)
{
    const struct svg_font title = {.size = TITLE_FONT, .bold = true};
    char line[SUBJECT_SIZE];
    double y = FRAME_MARGIN - 4;
    y += frame_paragraph(svg, FRAME_MARGIN, y, text_width, &title, head->title);
    cut(line, sizeof(line), head->subject);
    if (svg != NULL)
        svg_text(svg, FRAME_MARGIN, y + TEXT_FONT, &(struct svg_font){.size = TEXT_FONT}, line);
    return y + TEXT_FONT * 1.3 + SPACE;
}

static void open_frame(struct svg *svg, struct byte_buffer *out, const struct frame_head *head,
                       const char *description, double height)
{
    char title[SUBJECT_SIZE];
    snprintf(title, sizeof(title), "%s: %s", head->title, head->subject);
    svg_open(svg, out,
             &(struct svg_head){.id = head->id,
                                .title = title,
                                .description = description,
                                .width = FRAME_WIDTH,
                                .height = height});
}

struct plot_area frame_begin(struct svg *svg, struct byte_buffer *out,
                             const struct frame_head *head, const struct legend *legend)
{
    static const struct legend none = {.count = 0};
    static const struct svg_font caption = {.size = TEXT_FONT, .grey = true};
    legend = legend != NULL ? legend : &none;
    double legend_top = draw_head(NULL, head);
    double plot_top =
        legend_top + legend_draw(NULL, legend, FRAME_MARGIN, 0, text_width) + head->above;
    double caption_top = plot_top + head->height + head->below + SPACE;
    double caption_height =
        frame_paragraph(NULL, FRAME_MARGIN, 0, text_width, &caption, head->caption);
    open_frame(svg, out, head, head->caption, caption_top + caption_height + SPACE);
    draw_head(svg, head);
    legend_draw(svg, legend, FRAME_MARGIN, legend_top, text_width);
    frame_paragraph(svg, FRAME_MARGIN, caption_top, text_width, &caption, head->caption);
    return (struct plot_area){.left = head->left > 0 ? head->left : FRAME_LEFT,
                              .top = plot_top,
                              .right = FRAME_WIDTH - FRAME_RIGHT,
                              .bottom = plot_top + head->height};
}

void frame_end(struct svg *svg)
{
    svg_close(svg);
}

void frame_absent(struct byte_buffer *out, const struct frame_head *head, const char *reason)
{
    static const struct svg_font font = {.size = TEXT_FONT};
    static const double padding = 14;
    char text[SUBJECT_SIZE];
    snprintf(text, sizeof(text), "n/a: %s", reason);
    double top = draw_head(NULL, head);
    double width = text_width - 2 * padding;
    double height = frame_paragraph(NULL, 0, 0, width, &font, text) + 2 * padding;
    struct svg svg;
    open_frame(&svg, out, head, text, top + height + FRAME_MARGIN);
    draw_head(&svg, head);
    svg_rectangle(&svg, FRAME_MARGIN, top, text_width, height,
                  &(struct svg_pen){.stroke = SVG_GREY, .width = 1, .dash = "6 4"});
    frame_paragraph(&svg, FRAME_MARGIN + padding, top + padding - 2, width, &font, text);
    svg_close(&svg);
}
