/* SPDX-License-Identifier: MIT */
#include "bench/picture/frame.h"
#include "bench/picture/markup.h"
#include "bench/picture/picture.h"

#include <math.h>
#include <stdio.h>

enum { CURVE_POINTS = 129, STRIP_ROW = 22 };

/* What belongs to the plot: its scales, and the largest rate that it shows. */
struct throughput_plot {
    const struct scene *scene;
    struct svg svg;
    struct plot_area area;
    struct scale x;
    struct scale y;
};

static const struct svg_pen dot = {
    .stroke = SVG_BLACK, .width = 0.8, .fill = SERIES_BLUE, .fill_opacity = 0.75};
static const struct svg_pen control_dot = {.stroke = SVG_BLACK, .width = 1.4, .fill = "#ffffff"};
static const struct svg_pen refused_dot = {.stroke = SVG_GREY, .width = 1.4};
static const struct svg_pen band = {.fill = SERIES_SKY, .fill_opacity = 0.35};
static const struct svg_pen ideal_line = {.stroke = SVG_BLACK, .width = 1.4, .dash = "2 4"};
static const struct svg_pen cores_line = {.stroke = SVG_BLACK, .width = 1.4, .dash = "10 4 2 4"};
static const struct svg_pen set_area = {.fill = SERIES_GREEN, .fill_opacity = 0.16};
static const struct svg_pen set_edge = {.stroke = SERIES_GREEN, .width = 1};

static struct svg_pen fit_line(const char *colour, const char *dash, bool rejected)
{
    return (struct svg_pen){.stroke = colour, .width = rejected ? 1 : 2.6, .dash = dash};
}

static struct svg_pen usl_line(const struct analysis *analysis)
{
    return fit_line(SERIES_VERMILLION, NULL, analysis->usl.lack.rejected);
}

static struct svg_pen knee_line(const struct analysis *analysis)
{
    return fit_line(SERIES_PURPLE, "9 4", analysis->knee.lack.rejected);
}

static bool has_rate(const struct scene *scene, const struct trial *trial)
{
    return scene_has(scene, trial, EXPERIMENT_CAPACITY) && trial->complete &&
           trial->measurement.throughput_rps > 0 && isfinite(trial->measurement.throughput_rps);
}

/* The end of the rate's axis. Intervals of very few blocks may reach far beyond all trials, and
 * are cut there. */
static double largest_rate(const struct scene *scene)
{
    double largest = 0;
    for (size_t i = 0; i < scene->results->trial_count; i++) {
        const struct trial *trial = &scene->results->trials[i];
        if (has_rate(scene, trial) && trial->measurement.throughput_rps > largest)
            largest = trial->measurement.throughput_rps;
    }
    return largest;
}

static const char *fit_verdict(const struct lack_of_fit *lack)
{
    return lack->rejected ? ", rejected" : lack->tested ? "" : ", not tested";
}

static void fill_legend(const struct scene *scene, struct legend *legend)
{
    const struct analysis *analysis = scene->analysis;
    bool controls = false;
    bool refused = false;
    for (size_t i = 0; i < scene->results->trial_count; i++) {
        const struct trial *trial = &scene->results->trials[i];
        bool usable = trial_usable(trial);
        controls = controls || (has_rate(scene, trial) && trial->control && usable);
        refused = refused || (has_rate(scene, trial) && !usable);
    }
    struct legend_entry *entry = legend_add(legend, LEGEND_MARKER, "trial");
    entry->marker = dot;
    if (controls) {
        entry = legend_add(legend, LEGEND_MARKER, "A/A control");
        entry->marker = control_dot;
        entry->shape = SVG_DIAMOND;
    }
    if (refused) {
        entry = legend_add(legend, LEGEND_MARKER, "refused, not counted");
        entry->marker = refused_dot;
        entry->shape = SVG_CROSS;
    }
    legend_add(legend, LEGEND_AREA, "95 %% interval of the mean")->marker = band;
    if (analysis->usl.not_fitted == NULL)
        legend_add(legend, LEGEND_LINE, "USL%s", fit_verdict(&analysis->usl.lack))->line =
            usl_line(analysis);
    if (analysis->knee.not_fitted == NULL)
        legend_add(legend, LEGEND_LINE, "knee%s", fit_verdict(&analysis->knee.lack))->line =
            knee_line(analysis);
    if (analysis->capacity_count > 1)
        legend_add(legend, LEGEND_LINE, "ideal")->line = ideal_line;
    if (scene_chosen(scene) != NULL)
        legend_add(legend, LEGEND_AREA, "recommended set")->marker = set_area;
    double cpus = scene->results->host.cpus;
    const struct results_settings *settings = &scene->results->settings;
    bool outside = cpus < settings->workers[0] || cpus > settings->workers[settings->count - 1];
    if (cpus > 0 && isfinite(cpus))
        legend_add(legend, LEGEND_LINE, "%.3g core%s%s", cpus, cpus == 1 ? "" : "s",
                   outside ? ", outside" : "")
            ->line = cores_line;
}

/* The middle between a tried count and its neighbour, or the end of the plot. */
static double border(const struct throughput_plot *plot, size_t index, bool right)
{
    const struct analysis *analysis = plot->scene->analysis;
    double x = scale_place(&plot->x, analysis->capacity[index].workers);
    if (right ? index + 1 == analysis->capacity_count : index == 0)
        return right ? fmin(x + 22, plot->area.right) : fmax(x - 22, plot->area.left);
    size_t next = right ? index + 1 : index - 1;
    return (x + scale_place(&plot->x, analysis->capacity[next].workers)) / 2;
}

static void draw_set(struct throughput_plot *plot)
{
    const struct analysis *analysis = plot->scene->analysis;
    double height = plot->area.bottom - plot->area.top;
    if (scene_chosen(plot->scene) == NULL)
        return;
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        if (!analysis->capacity[i].comparison.in_set)
            continue;
        double left = border(plot, i, false);
        while (i + 1 < analysis->capacity_count && analysis->capacity[i + 1].comparison.in_set)
            i++;
        double right = border(plot, i, true);
        svg_rectangle(&plot->svg, left, plot->area.top, right - left, height, &set_area);
        svg_line(&plot->svg, left, plot->area.top, left, plot->area.bottom, &set_edge);
        svg_line(&plot->svg, right, plot->area.top, right, plot->area.bottom, &set_edge);
    }
}

static void draw_cores(struct throughput_plot *plot)
{
    double x = scale_place(&plot->x, plot->scene->results->host.cpus);
    if (x >= plot->area.left && x <= plot->area.right)
        svg_line(&plot->svg, x, plot->area.top, x, plot->area.bottom, &cores_line);
}

/* Above the plot, moved so that it stays within. */
static void draw_choice(struct throughput_plot *plot)
{
    const struct capacity_line *chosen = scene_chosen(plot->scene);
    char text[TICK_LABEL_SIZE + 16];
    if (chosen == NULL)
        return;
    snprintf(text, sizeof(text), "▼ use %u ▼", chosen->workers);
    double half = markup_width(text, AXIS_FONT) / 2;
    double x = scale_place(&plot->x, chosen->workers);
    x = fmin(fmax(x, plot->area.left + half), plot->area.right - half);
    svg_text(&plot->svg, x, plot->area.top - 7,
             &(struct svg_font){.size = AXIS_FONT, .anchor = SVG_MIDDLE, .bold = true}, text);
}

static double clamped(const struct throughput_plot *plot, double rate)
{
    return scale_place(&plot->y, fmin(fmax(rate, plot->y.low), plot->y.high));
}

static void draw_band(struct throughput_plot *plot)
{
    const struct analysis *analysis = plot->scene->analysis;
    static const struct svg_pen whisker = {.stroke = SERIES_SKY, .width = 5};
    svg_path_begin(&plot->svg);
    for (size_t i = 0; i < analysis->capacity_count; i++)
        svg_path_to(&plot->svg, scale_place(&plot->x, analysis->capacity[i].workers),
                    clamped(plot, analysis->capacity[i].rate_high_rps));
    for (size_t i = analysis->capacity_count; i-- > 0;)
        svg_path_to(&plot->svg, scale_place(&plot->x, analysis->capacity[i].workers),
                    clamped(plot, analysis->capacity[i].rate_low_rps));
    svg_path_end(&plot->svg, true, &band);
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        const struct capacity_line *line = &analysis->capacity[i];
        double x = scale_place(&plot->x, line->workers);
        if (isfinite(line->rate_low_rps) && isfinite(line->rate_high_rps))
            svg_line(&plot->svg, x, clamped(plot, line->rate_low_rps), x,
                     clamped(plot, line->rate_high_rps), &whisker);
    }
}

enum curve { CURVE_IDEAL, CURVE_USL, CURVE_KNEE };

static double curve_rate(const struct analysis *analysis, enum curve curve, double workers)
{
    if (curve == CURVE_USL)
        return scalability_usl_rate(&analysis->usl, workers);
    if (curve == CURVE_KNEE)
        return scalability_knee_rate(&analysis->knee, workers);
    return analysis->capacity[0].ideal_rps / analysis->capacity[0].workers * workers;
}

/* From the smallest to the largest count with a result: never beyond what was measured. */
static void draw_curve(struct throughput_plot *plot, enum curve curve, const struct svg_pen *pen)
{
    const struct analysis *analysis = plot->scene->analysis;
    double low = analysis->capacity[0].workers;
    double high = analysis->capacity[analysis->capacity_count - 1].workers;
    double x[CURVE_POINTS];
    double y[CURVE_POINTS];
    for (size_t i = 0; i < CURVE_POINTS; i++) {
        double workers = low * pow(high / low, (double)i / (CURVE_POINTS - 1));
        x[i] = scale_place(&plot->x, workers);
        y[i] = scale_place(&plot->y, curve_rate(analysis, curve, workers));
    }
    axis_draw_curve(&plot->svg, &plot->area, x, y, CURVE_POINTS, pen);
}

static void draw_curves(struct throughput_plot *plot)
{
    const struct analysis *analysis = plot->scene->analysis;
    struct svg_pen usl = usl_line(analysis);
    struct svg_pen knee = knee_line(analysis);
    draw_curve(plot, CURVE_IDEAL, &ideal_line);
    if (analysis->knee.not_fitted == NULL)
        draw_curve(plot, CURVE_KNEE, &knee);
    if (analysis->usl.not_fitted == NULL)
        draw_curve(plot, CURVE_USL, &usl);
}

/* How wide the trials of one count may spread without reaching those of the next. */
static double lane(const struct throughput_plot *plot)
{
    const struct results_settings *settings = &plot->scene->results->settings;
    double width = 18;
    for (size_t i = 1; i < settings->count; i++) {
        double gap = scale_place(&plot->x, settings->workers[i]) -
                     scale_place(&plot->x, settings->workers[i - 1]);
        width = fmin(width, gap / 2);
    }
    return width;
}

/* Trials of one count stand side by side by block, controls to their right: none hides another. */
static void draw_trials(struct throughput_plot *plot)
{
    double width = lane(plot);
    const struct results *results = plot->scene->results;
    double blocks = results->settings.blocks;
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial *trial = &results->trials[i];
        if (!has_rate(plot->scene, trial))
            continue;
        double share = blocks > 1 ? fmin((trial->block - 1) / (blocks - 1), 1) - 0.5 : 0;
        double x = scale_place(&plot->x, trial->workers) + width * share;
        double y = scale_place(&plot->y, trial->measurement.throughput_rps);
        bool usable = trial_usable(trial);
        if (!usable)
            svg_marker(&plot->svg, SVG_CROSS, x, y, 4, &refused_dot);
        else if (trial->control)
            svg_marker(&plot->svg, SVG_DIAMOND, x + 1.2 * width, y, 4, &control_dot);
        else
            svg_marker(&plot->svg, SVG_CIRCLE, x, y, 3.5, &dot);
    }
}

void picture_throughput(const struct scene *scene, struct byte_buffer *out)
{
    char id[SCENE_ID_SIZE];
    char subject[SCENE_TEXT_SIZE];
    char reason[SCENE_TEXT_SIZE];
    struct frame_head head = {
        .id = scene_id(scene, "throughput", id),
        .title = "Throughput by number of workers",
        .subject = scene_subject(scene, EXPERIMENT_CAPACITY, subject),
        .caption = "Each dot is one trial. The bars and the band between them hold the means of "
                   "all counts at once with 95 % confidence. Where the dots leave the ideal line, "
                   "further workers bring less than the first.",
        .above = AXIS_Y_HEADING + 8 + STRIP_ROW,
        .height = 300,
        .below = AXIS_X_HEIGHT,
    };
    if (scene->analysis->capacity_count == 0) {
        frame_absent(out, &head, scene_no_capacity(scene, reason));
        return;
    }
    struct legend legend = {.count = 0};
    struct ticks x_ticks;
    struct ticks y_ticks = {.count = 0};
    struct throughput_plot plot = {.scene = scene};
    fill_legend(scene, &legend);
    plot.area = frame_begin(&plot.svg, out, &head, &legend);
    scene_workers_axis(scene, &plot.x, &x_ticks);
    plot.x.begin = plot.area.left;
    plot.x.end = plot.area.right;
    plot.y = (struct scale){.kind = SCALE_LINEAR,
                            .high = largest_rate(scene) * 1.08,
                            .begin = plot.area.bottom,
                            .end = plot.area.top};
    ticks_linear(&y_ticks, 0, plot.y.high, 6, tick_format_rate);
    draw_set(&plot);
    axis_draw_x(&plot.svg, &plot.area, &plot.x, &x_ticks, "workers (log₂)");
    axis_draw_y(&plot.svg, &plot.area, &plot.y, &y_ticks, NULL);
    svg_text(&plot.svg, FRAME_MARGIN, plot.area.top - STRIP_ROW - 11,
             &(struct svg_font){.size = AXIS_FONT}, "throughput (requests/s)");
    draw_cores(&plot);
    draw_band(&plot);
    draw_curves(&plot);
    draw_trials(&plot);
    draw_choice(&plot);
    frame_end(&plot.svg);
}
