/* SPDX-License-Identifier: MIT */
#include "bench/picture/frame.h"
#include "bench/picture/picture.h"

#include <math.h>
#include <stdio.h>

enum { PANEL_HEIGHT = 150, PANEL_STEP = PANEL_HEIGHT + AXIS_X_TICKS + 36 };

static const struct svg_pen rate_line = {.stroke = SERIES_BLUE, .width = 2};
static const struct svg_pen p99_line = {.stroke = SERIES_VERMILLION, .width = 2};
static const struct svg_pen warm_up_area = {.fill = SERIES_ORANGE, .fill_opacity = 0.22};
static const struct svg_pen warm_up_edge = {.stroke = SVG_BLACK, .width = 1, .dash = "4 3"};
static const struct svg_pen mean_line = {.stroke = SVG_BLACK, .width = 1.4, .dash = "8 4"};
static const struct svg_pen failure_mark = {.stroke = SVG_BLACK, .width = 2};

/* A figure of one interval. */
typedef double row_value(const struct series_row *row);

static double rate_of(const struct series_row *row)
{
    return row->throughput_rps;
}

static double p99_of(const struct series_row *row)
{
    return row->p99_us > 0 ? row->p99_us : NAN;
}

/* The usable trial of the recommended count whose throughput is nearest to the count's mean. */
static const struct trial *find_trial(const struct scene *scene)
{
    const struct capacity_line *line = scene_typical(scene);
    const struct trial *found = NULL;
    for (size_t i = 0; line != NULL && i < scene->results->trial_count; i++) {
        const struct trial *trial = &scene->results->trials[i];
        if (!scene_has(scene, trial, EXPERIMENT_CAPACITY) || trial->workers != line->workers ||
            !trial_usable(trial) || trial->measurement.series_count < 2)
            continue;
        double distance = fabs(trial->measurement.throughput_rps - line->rate_rps);
        if (found == NULL || distance < fabs(found->measurement.throughput_rps - line->rate_rps))
            found = trial;
    }
    return found;
}

static double largest(const struct measurement *measurement, row_value *value)
{
    double most = 0;
    for (size_t i = 0; i < measurement->series_count; i++)
        most = fmax(most, value(&measurement->series[i])); /* passes over NAN */
    return most;
}

static double smallest(const struct measurement *measurement, row_value *value)
{
    double least = INFINITY;
    for (size_t i = 0; i < measurement->series_count; i++)
        least = fmin(least, value(&measurement->series[i]));
    return least;
}

/* A figure holds for its whole interval: a step, not a point. */
static void draw_steps(struct svg *svg, const struct scale *x, const struct scale *y,
                       const struct measurement *measurement, row_value *value,
                       const struct svg_pen *pen)
{
    double begin_s = 0;
    svg_path_begin(svg);
    for (size_t i = 0; i < measurement->series_count; i++) {
        const struct series_row *row = &measurement->series[i];
        double figure = value(row);
        if (isnan(figure)) {
            svg_path_gap(svg);
        } else {
            svg_path_to(svg, scale_place(x, begin_s), scale_place(y, figure));
            svg_path_to(svg, scale_place(x, row->end_s), scale_place(y, figure));
        }
        begin_s = row->end_s;
    }
    svg_path_end(svg, false, pen);
}

static void draw_warm_up(struct svg *svg, const struct plot_area *area, const struct scale *x,
                         const struct measurement *measurement)
{
    double end = fmin(scale_place(x, measurement->warm_up_s), area->right);
    if (!(measurement->warm_up_s > 0))
        return;
    svg_rectangle(svg, area->left, area->top, end - area->left, area->bottom - area->top,
                  &warm_up_area);
    svg_line(svg, end, area->top, end, area->bottom, &warm_up_edge);
}

static void draw_failures(struct svg *svg, const struct plot_area *area, const struct scale *x,
                          const struct measurement *measurement)
{
    double begin_s = 0;
    for (size_t i = 0; i < measurement->series_count; i++) {
        const struct series_row *row = &measurement->series[i];
        if (row->failures > 0)
            svg_marker(svg, SVG_CROSS, scale_place(x, (begin_s + row->end_s) / 2), area->bottom - 8,
                       4, &failure_mark);
        begin_s = row->end_s;
    }
}

static void draw_rate(struct svg *svg, const struct plot_area *area, const struct scale *x,
                      const struct ticks *x_ticks, const struct measurement *measurement)
{
    struct ticks ticks = {.count = 0};
    double high = fmax(largest(measurement, rate_of), measurement->throughput_rps) * 1.08;
    struct scale y = {
        .kind = SCALE_LINEAR, .high = high > 0 ? high : 1, .begin = area->bottom, .end = area->top};
    ticks_linear(&ticks, 0, y.high, 4, tick_format_rate);
    draw_warm_up(svg, area, x, measurement);
    axis_draw_x(svg, area, x, x_ticks, NULL);
    axis_draw_y(svg, area, &y, &ticks, "throughput (requests/s)");
    svg_line(svg, fmin(scale_place(x, measurement->warm_up_s), area->right),
             scale_place(&y, measurement->throughput_rps), area->right,
             scale_place(&y, measurement->throughput_rps), &mean_line);
    draw_steps(svg, x, &y, measurement, rate_of, &rate_line);
    draw_failures(svg, area, x, measurement);
}

static void draw_p99(struct svg *svg, const struct plot_area *area, const struct scale *x,
                     const struct ticks *x_ticks, const struct measurement *measurement)
{
    struct ticks ticks = {.count = 0};
    double low = smallest(measurement, p99_of);
    double high = largest(measurement, p99_of);
    bool known = high > 0;
    if (known) {
        scale_widen_log(&low, &high);
        ticks_log(&ticks, low, high, tick_format_us);
    }
    struct scale y = {.kind = SCALE_LOG,
                      .low = known ? low : 1,
                      .high = known ? high : 2,
                      .begin = area->bottom,
                      .end = area->top};
    draw_warm_up(svg, area, x, measurement);
    axis_draw_x(svg, area, x, x_ticks, "time since the load began (s)");
    axis_draw_y(svg, area, &y, &ticks, "p99 of the response time");
    draw_steps(svg, x, &y, measurement, p99_of, &p99_line);
    if (!known)
        svg_text(svg, (area->left + area->right) / 2, (area->top + area->bottom) / 2,
                 &(struct svg_font){.size = AXIS_FONT, .anchor = SVG_MIDDLE},
                 "n/a: too few requests in an interval");
}

static void draw_panels(struct svg *svg, struct plot_area area,
                        const struct measurement *measurement)
{
    struct ticks ticks = {.count = 0};
    struct scale x = {.kind = SCALE_LINEAR,
                      .high = measurement->series[measurement->series_count - 1].end_s,
                      .begin = area.left,
                      .end = area.right};
    ticks_linear(&ticks, 0, x.high, 6, tick_format_plain);
    draw_rate(svg, &area, &x, &ticks, measurement);
    area.top += PANEL_STEP;
    area.bottom += PANEL_STEP;
    draw_p99(svg, &area, &x, &ticks, measurement);
}

static void fill_legend(const struct measurement *measurement, struct legend *legend)
{
    bool failures = false;
    for (size_t i = 0; i < measurement->series_count; i++)
        failures = failures || measurement->series[i].failures > 0;
    if (measurement->warm_up_s > 0)
        legend_add(legend, LEGEND_AREA, "warm-up, not counted")->marker = warm_up_area;
    legend_add(legend, LEGEND_LINE, "mean of the window")->line = mean_line;
    if (failures) {
        struct legend_entry *entry = legend_add(legend, LEGEND_MARKER, "failures");
        entry->marker = failure_mark;
        entry->shape = SVG_CROSS;
    }
}

void picture_series(const struct scene *scene, struct byte_buffer *out)
{
    char id[SCENE_ID_SIZE];
    char subject[SCENE_TEXT_SIZE];
    char reason[SCENE_TEXT_SIZE];
    char title[SCENE_TEXT_SIZE] = "One trial over time";
    char workers[TICK_LABEL_SIZE];
    const struct trial *trial = find_trial(scene);
    if (trial != NULL)
        snprintf(title, sizeof(title), "One trial over time: %s, block %u",
                 scene_workers_text(trial->workers, workers), trial->block);
    struct frame_head head = {
        .id = scene_id(scene, "series", id),
        .title = title,
        .subject = scene_subject(scene, EXPERIMENT_CAPACITY, subject),
        .caption = "The trial whose throughput is nearest to its count's mean. A level line after "
                   "the warm-up is what makes a mean worth giving; a trend or a dip is not.",
        .above = AXIS_Y_HEADING + 8,
        .height = PANEL_HEIGHT,
        .below = PANEL_STEP + AXIS_X_HEIGHT,
    };
    if (trial == NULL) {
        frame_absent(out, &head,
                     scene->analysis->capacity_count == 0
                         ? scene_no_capacity(scene, reason)
                         : "its trials were too short for figures per interval");
        return;
    }
    struct svg svg;
    struct legend legend = {.count = 0};
    fill_legend(&trial->measurement, &legend);
    struct plot_area area = frame_begin(&svg, out, &head, &legend);
    draw_panels(&svg, area, &trial->measurement);
    frame_end(&svg);
}
