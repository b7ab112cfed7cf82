/* SPDX-License-Identifier: MIT */
#include "bench/picture/frame.h"
#include "bench/picture/picture.h"
#include "common/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CURVES = 3, STEPS_PER_DECADE = 24, STEPS_LIMIT = 240 };

/* What one series shows. */
struct percentile_curve {
    char name[LEGEND_TEXT_SIZE];
    const struct histogram *response;
    const struct histogram *wire; /* NULL: not drawn */
};

struct percentile_plot {
    struct svg svg;
    struct plot_area area;
    struct scale x; /* of 1 / (1 - p) */
    struct scale y;
    struct percentile_curve curves[CURVES];
    size_t count;
};

/*
 * The highest percentile that `samples` stand behind, as 1 / (1 - p): the p of which one sample
 * lies above with 99 % confidence up to p99, and with 95 % beyond, as in bench_response.h.
 */
static double reach(uint64_t samples)
{
    double above = samples < BENCH_P99_SAMPLES ? 0.01 : 0.05;
    return samples > 0 ? 1 / (1 - pow(above, 1 / (double)samples)) : 0;
}

static double value_us(const struct histogram *histogram, double x)
{
    return (double)histogram_quantile_ns(histogram, 1 - 1 / x) / NS_PER_US;
}

static double curve_reach(const struct histogram *histogram)
{
    return histogram != NULL ? reach(histogram_count(histogram)) : 0;
}

/* The stable line of this count whose share of the capacity is nearest to `share`; NULL if none. */
static const struct latency_line *find_line(const struct analysis *analysis, unsigned workers,
                                            double share)
{
    const struct latency_line *nearest = NULL;
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        if (line->workers != workers || line->response_histogram == NULL ||
            2 * line->unstable > line->usable || curve_reach(line->response_histogram) < 2)
            continue;
        if (nearest == NULL || fabs(line->share - share) < fabs(nearest->share - share))
            nearest = line;
    }
    return nearest;
}

static void add_line(struct percentile_plot *plot, const struct latency_line *line)
{
    if (line == NULL)
        return;
    for (size_t i = 0; i < plot->count; i++)
        if (plot->curves[i].response == line->response_histogram)
            return;
    struct percentile_curve *curve = &plot->curves[plot->count++];
    char workers[TICK_LABEL_SIZE];
    char rate[TICK_LABEL_SIZE];
    tick_format_rate(rate, line->offered_rps);
    snprintf(curve->name, sizeof(curve->name), "%s at %s/s",
             scene_workers_text(line->workers, workers), rate);
    curve->response = line->response_histogram;
    curve->wire = curve_reach(line->wire_histogram) >= 2 ? line->wire_histogram : NULL;
}

/* The recommended count at half and at nine tenths of the capacity, and the smallest beside it. */
static void pick_latency(const struct scene *scene, struct percentile_plot *plot)
{
    const struct analysis *analysis = scene->analysis;
    const struct capacity_line *chosen = scene_typical(scene);
    if (chosen != NULL) {
        add_line(plot, find_line(analysis, chosen->workers, 0.5));
        add_line(plot, find_line(analysis, chosen->workers, 0.9));
    }
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = find_line(analysis, analysis->latency[i].workers, 0.5);
        if (line == NULL || (chosen != NULL && line->workers == chosen->workers))
            continue;
        add_line(plot, line);
        return;
    }
}

/* Adds up a count's trials of the capacity experiment. NULL without any, or without memory. */
static struct histogram *merge_trials(const struct scene *scene, unsigned workers)
{
    struct histogram *sum = NULL;
    for (size_t i = 0; i < scene->results->trial_count; i++) {
        const struct trial *trial = &scene->results->trials[i];
        if (!scene_has(scene, trial, EXPERIMENT_CAPACITY) || trial->workers != workers ||
            trial->control || !trial_usable(trial) || trial->measurement.response_histogram == NULL)
            continue;
        if (sum == NULL) {
            sum = malloc(sizeof(*sum));
            if (sum == NULL)
                return NULL;
            histogram_reset(sum);
        }
        histogram_merge(sum, trial->measurement.response_histogram);
    }
    return sum;
}

/* Without a latency experiment: the recommended and the smallest count, in the closed loop. The
 * caller frees what `merged` holds. */
static void pick_capacity(const struct scene *scene, struct percentile_plot *plot,
                          struct histogram *merged[2])
{
    const struct capacity_line *lines[2] = {scene_typical(scene), scene->analysis->capacity};
    if (lines[0] == NULL)
        return;
    for (size_t i = 0; i < (lines[0] == lines[1] ? 1U : 2U); i++) {
        merged[i] = merge_trials(scene, lines[i]->workers);
        if (curve_reach(merged[i]) < 2)
            continue;
        struct percentile_curve *curve = &plot->curves[plot->count++];
        scene_workers_text(lines[i]->workers, curve->name);
        curve->response = merged[i];
    }
}

static size_t curve_points(const struct histogram *histogram, double *x, double *us)
{
    double end = curve_reach(histogram);
    size_t count = 0;
    bool more = true;
    while (more && count < STEPS_LIMIT) {
        double at = 2 * pow(10, (double)count / STEPS_PER_DECADE);
        more = at < end;
        x[count] = fmin(at, end);
        us[count] = value_us(histogram, x[count]);
        count++;
    }
    return count;
}

static void draw_histogram(struct percentile_plot *plot, const struct histogram *histogram,
                           const struct svg_pen *pen)
{
    double x[STEPS_LIMIT];
    double us[STEPS_LIMIT];
    size_t count = curve_points(histogram, x, us);
    svg_path_begin(&plot->svg);
    for (size_t i = 0; i < count; i++)
        if (us[i] > 0)
            svg_path_to(&plot->svg, scale_place(&plot->x, x[i]), scale_place(&plot->y, us[i]));
    svg_path_end(&plot->svg, false, pen);
}

/* p50, p90, p99, ... as 1 / (1 - p). */
static double landmark(int index)
{
    return index == 0 ? 2 : pow(10, index);
}

/* At p50, p90, p99, ... as far as it reaches. */
static void draw_markers(struct percentile_plot *plot, const struct histogram *histogram,
                         const struct series_style *style)
{
    const struct svg_pen pen = series_marker(style, false);
    double end = curve_reach(histogram);
    for (int i = 0; landmark(i) <= end; i++) {
        double us = value_us(histogram, landmark(i));
        if (us > 0)
            svg_marker(&plot->svg, style->shape, scale_place(&plot->x, landmark(i)),
                       scale_place(&plot->y, us), 5, &pen);
    }
}

static void find_range(struct percentile_plot *plot)
{
    double low = INFINITY;
    double high = 0;
    plot->x = (struct scale){.kind = SCALE_LOG, .low = 2, .high = 20};
    for (size_t i = 0; i < plot->count; i++) {
        const struct histogram *both[] = {plot->curves[i].response, plot->curves[i].wire};
        for (size_t j = 0; j < 2; j++) {
            if (both[j] == NULL)
                continue;
            double end = curve_reach(both[j]);
            double first = value_us(both[j], 2);
            plot->x.high = fmax(plot->x.high, end);
            low = first > 0 ? fmin(low, first) : low;
            high = fmax(high, value_us(both[j], end));
        }
    }
    low = isinf(low) ? 1 : low;
    high = high > 0 ? high : low;
    scale_widen_log(&low, &high);
    plot->y = (struct scale){.kind = SCALE_LOG, .low = low, .high = high};
}

static void format_percentile(char label[TICK_LABEL_SIZE], double x)
{
    snprintf(label, TICK_LABEL_SIZE, "%.7g %%", 100 * (1 - 1 / x));
}

static void draw_plot(struct percentile_plot *plot)
{
    struct ticks x_ticks = {.count = 0};
    struct ticks y_ticks = {.count = 0};
    find_range(plot);
    plot->x.begin = plot->area.left;
    plot->x.end = plot->area.right;
    plot->y.begin = plot->area.bottom;
    plot->y.end = plot->area.top;
    for (int i = 0; landmark(i) <= plot->x.high * (1 + 1e-9); i++)
        ticks_add(&x_ticks, landmark(i), 0, format_percentile);
    ticks_log(&y_ticks, plot->y.low, plot->y.high, tick_format_us);
    axis_draw_x(&plot->svg, &plot->area, &plot->x, &x_ticks, "share of requests that are faster");
    axis_draw_y(&plot->svg, &plot->area, &plot->y, &y_ticks, "time");
    for (size_t i = 0; i < plot->count; i++) {
        const struct percentile_curve *curve = &plot->curves[i];
        const struct series_style *style = series_style(i);
        struct svg_pen solid = {.stroke = style->colour, .width = 2.4};
        struct svg_pen dashed = {.stroke = style->colour, .width = 1.6, .dash = "2 4"};
        draw_histogram(plot, curve->response, &solid);
        draw_markers(plot, curve->response, style);
        if (curve->wire != NULL)
            draw_histogram(plot, curve->wire, &dashed);
    }
}

static void fill_legend(const struct percentile_plot *plot, struct legend *legend)
{
    bool wire = false;
    for (size_t i = 0; i < plot->count; i++) {
        struct legend_entry *entry =
            legend_add_series(legend, series_style(i), plot->curves[i].name);
        entry->line.dash = NULL;
        wire = wire || plot->curves[i].wire != NULL;
    }
    legend_add(legend, LEGEND_LINE, "response")->line =
        (struct svg_pen){.stroke = SVG_BLACK, .width = 2.4};
    if (wire)
        legend_add(legend, LEGEND_LINE, "wire")->line =
            (struct svg_pen){.stroke = SVG_BLACK, .width = 1.6, .dash = "2 4"};
}

void picture_percentiles(const struct scene *scene, struct byte_buffer *out)
{
    char id[SCENE_ID_SIZE];
    char subject[SCENE_TEXT_SIZE];
    char reason[SCENE_TEXT_SIZE];
    struct percentile_plot plot = {.count = 0};
    struct histogram *merged[2] = {NULL, NULL};
    pick_latency(scene, &plot);
    bool open_loop = plot.count > 0;
    if (!open_loop)
        pick_capacity(scene, &plot, merged);
    struct frame_head head = {
        .id = scene_id(scene, "percentiles", id),
        .title = "Time by percentile",
        .subject =
            scene_subject(scene, open_loop ? EXPERIMENT_LATENCY : EXPERIMENT_CAPACITY, subject),
        .caption = open_loop
                       ? "To the right the rarer, slower requests, as far as the samples reach. "
                         "Response counts from when a request was due, wire from when it was sent."
                       : "To the right the rarer, slower requests, as far as the samples reach. A "
                         "closed loop's times hold for its number of outstanding requests only.",
        .above = AXIS_Y_HEADING + 8,
        .height = 300,
        .below = AXIS_X_HEIGHT,
    };
    if (plot.count == 0) {
        frame_absent(out, &head,
                     scene->analysis->capacity_count == 0
                         ? scene_no_capacity(scene, reason)
                         : "too few response times were recorded for any percentile");
    } else {
        struct legend legend = {.count = 0};
        fill_legend(&plot, &legend);
        plot.area = frame_begin(&plot.svg, out, &head, &legend);
        draw_plot(&plot);
        frame_end(&plot.svg);
    }
    free(merged[0]);
    free(merged[1]);
}
