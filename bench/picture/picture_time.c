/* SPDX-License-Identifier: MIT */
#include "bench/picture/frame.h"
#include "bench/picture/markup.h"
#include "bench/picture/picture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PARTS = 5, TOTAL_WIDTH = 92, FEW_ROWS = 12, TALL_ROW = 34, LOW_ROW = 24 };

/* Light enough for black text on all of them. */
static const struct {
    const char *name;
    const char *colour;
    size_t offset; /* in struct server_figures */
} parts[PARTS] = {
    {"queue", SERIES_SKY, offsetof(struct server_figures, queue_wait_mean_us)},
    {"CPU", SERIES_ORANGE, offsetof(struct server_figures, worker_cpu_us)},
    {"lock", SERIES_PURPLE, offsetof(struct server_figures, lock_wait_us)},
    {"run queue", SERIES_YELLOW, offsetof(struct server_figures, run_queue_us)},
    {"blocked", "#70c8ae", offsetof(struct server_figures, blocked_us)}, /* a tint of green */
};

static double measured_us(const struct capacity_line *line, size_t part)
{
    double us = 0;
    memcpy(&us, (const char *)&line->server + parts[part].offset, sizeof(us));
    return us;
}

/* 0 where it is not known. */
static double part_us(const struct capacity_line *line, size_t part)
{
    double us = measured_us(line, part);
    return us > 0 && isfinite(us) ? us : 0;
}

static double total_us(const struct capacity_line *line)
{
    double total = 0;
    for (size_t part = 0; part < PARTS; part++)
        total += part_us(line, part);
    return total;
}

static bool known_anywhere(const struct analysis *analysis, size_t part)
{
    for (size_t i = 0; i < analysis->capacity_count; i++)
        if (!isnan(measured_us(&analysis->capacity[i], part)))
            return true;
    return false;
}

/* The part's name and time, or the time, or nothing: whatever fits. */
static void label_part(struct svg *svg, double left, double width, double base, size_t part,
                       double us)
{
    static const double padding = 5;
    char time[TICK_LABEL_SIZE];
    char both[2 * TICK_LABEL_SIZE];
    tick_format_us(time, us);
    snprintf(both, sizeof(both), "%s %s", parts[part].name, time);
    const char *text = both;
    if (markup_width(text, AXIS_FONT) + 2 * padding > width)
        text = time;
    if (markup_width(text, AXIS_FONT) + 2 * padding <= width)
        svg_text(svg, left + width / 2, base,
                 &(struct svg_font){.size = AXIS_FONT, .anchor = SVG_MIDDLE}, text);
}

static void draw_row(struct svg *svg, const struct scale *share, double top, double height,
                     const struct capacity_line *line, bool chosen)
{
    static const struct svg_pen none = {.stroke = SVG_GREY, .width = 1, .dash = "4 3"};
    double total = total_us(line);
    double base = top + height / 2 + AXIS_FONT * 0.35 - 2;
    char text[TICK_LABEL_SIZE];
    snprintf(text, sizeof(text), "%s%u", chosen ? "▶ " : "", line->workers);
    svg_text(svg, share->begin - 8, base,
             &(struct svg_font){.size = AXIS_FONT, .anchor = SVG_END, .bold = chosen}, text);
    double before = 0;
    for (size_t part = 0; part < PARTS && total > 0; part++) {
        double us = part_us(line, part);
        double left = scale_place(share, before / total);
        double width = scale_place(share, (before + us) / total) - left;
        struct svg_pen pen = {.stroke = "#ffffff", .width = 1.5, .fill = parts[part].colour};
        if (us > 0) {
            svg_rectangle(svg, left, top, width, height - 4, &pen);
            label_part(svg, left, width, base, part, us);
        }
        before += us;
    }
    snprintf(text, sizeof(text), "n/a");
    if (total > 0)
        tick_format_us(text, total);
    else
        svg_rectangle(svg, share->begin, top, share->end - share->begin, height - 4, &none);
    svg_text(svg, FRAME_WIDTH - FRAME_MARGIN, base,
             &(struct svg_font){.size = AXIS_FONT, .anchor = SVG_END, .bold = chosen}, text);
}

static void fill_legend(const struct analysis *analysis, struct legend *legend)
{
    for (size_t part = 0; part < PARTS; part++) {
        struct legend_entry *entry = legend_add(legend, LEGEND_AREA, "%s%s", parts[part].name,
                                                known_anywhere(analysis, part) ? "" : ": n/a");
        entry->marker = (struct svg_pen){.fill = parts[part].colour};
    }
}

static void format_share(char label[TICK_LABEL_SIZE], double share)
{
    snprintf(label, TICK_LABEL_SIZE, "%.0f %%", share * 100);
}

static void draw_rows(struct svg *svg, const struct scene *scene, const struct plot_area *area,
                      double row)
{
    const struct analysis *analysis = scene->analysis;
    struct ticks ticks = {.count = 0};
    struct scale share = {.kind = SCALE_LINEAR, .high = 1, .begin = area->left, .end = area->right};
    const struct svg_font heading = {.size = AXIS_FONT};
    const struct svg_font right_heading = {.size = AXIS_FONT, .anchor = SVG_END};
    ticks_linear(&ticks, 0, 1, 5, format_share);
    axis_draw_x(svg, area, &share, &ticks, "share of a request's time in the server");
    svg_text(svg, FRAME_MARGIN, area->top - 10, &heading, "workers");
    svg_text(svg, FRAME_WIDTH - FRAME_MARGIN, area->top - 10, &right_heading, "mean in all");
    for (size_t i = 0; i < analysis->capacity_count; i++)
        draw_row(svg, &share, area->top + (double)i * row + 2, row, &analysis->capacity[i],
                 scene_chosen(scene) == &analysis->capacity[i]);
}

void picture_time(const struct scene *scene, struct byte_buffer *out)
{
    const struct analysis *analysis = scene->analysis;
    double row = analysis->capacity_count > FEW_ROWS ? LOW_ROW : TALL_ROW;
    char id[SCENE_ID_SIZE];
    char subject[SCENE_TEXT_SIZE];
    char reason[SCENE_TEXT_SIZE];
    struct frame_head head = {
        .id = scene_id(scene, "time", id),
        .title = "Where a request's time goes",
        .subject = scene_subject(scene, EXPERIMENT_CAPACITY, subject),
        .caption = "Mean times per request. Queue: no worker has taken it yet. Run queue: its "
                   "worker waits for a core. Blocked: it sleeps or waits for something else. "
                   "A share that shrinks is no longer what holds requests up.",
        .above = AXIS_Y_HEADING + 8,
        .height = (double)analysis->capacity_count * row,
        .below = AXIS_X_HEIGHT,
    };
    double largest = 0;
    for (size_t i = 0; i < analysis->capacity_count; i++)
        largest = fmax(largest, total_us(&analysis->capacity[i]));
    if (!(largest > 0)) {
        frame_absent(out, &head,
                     analysis->capacity_count == 0 ? scene_no_capacity(scene, reason)
                                                   : "the server's own figures are not known");
        return;
    }
    struct svg svg;
    struct legend legend = {.count = 0};
    fill_legend(analysis, &legend);
    struct plot_area area = frame_begin(&svg, out, &head, &legend);
    area.right = FRAME_WIDTH - FRAME_MARGIN - TOTAL_WIDTH;
    draw_rows(&svg, scene, &area, row);
    frame_end(&svg);
}
