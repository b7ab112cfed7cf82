/* SPDX-License-Identifier: MIT */
#include "bench/picture/frame.h"
#include "bench/picture/picture.h"
#include "bench/results/trial_group.h"

#include <math.h>
#include <stdio.h>

enum {
    PANELS = 3,
    TOP_LANE = 14,
    PANEL_HEIGHT = 170,
    PANEL_STEP = PANEL_HEIGHT + AXIS_X_TICKS + 34
};

static const struct {
    double quantile;
    const char *name;
    uint64_t samples;
} panels[PANELS] = {
    {0.5, "p50", 1},
    {0.99, "p99", BENCH_P99_SAMPLES},
    {0.999, "p99.9", BENCH_P99_9_SAMPLES},
};

/* A limit that is so many times farther than all times is not worth room in the plot. */
static const double slo_reach = 5;

static const struct svg_pen slo_line = {.stroke = SVG_BLACK, .width = 1.6, .dash = "3 3"};

struct latency_plot {
    const struct scene *scene;
    struct svg svg;
    struct plot_area area; /* of the present panel */
    struct scale x;
    struct scale y;
    struct ticks x_ticks;
    struct ticks y_ticks;
    unsigned counts[SERIES_LIMIT];
    size_t count;
    size_t left_out;
};

static double percentile_us(const struct latency_line *line, size_t panel)
{
    const struct bench_response *response = &line->response;
    double us = panel == 0 ? response->p50_us : panel == 1 ? response->p99_us : response->p99_9_us;
    return us > 0 && isfinite(us) ? us : NAN;
}

/* The panel that shows the SLO's percentile; PANELS when none does. */
static size_t slo_panel(const struct results_settings *settings)
{
    size_t panel = 0;
    while (panel < PANELS && !(fabs(panels[panel].quantile - settings->slo_quantile) < 1e-9))
        panel++;
    return panel;
}

static bool shown(const struct latency_plot *plot, const struct latency_line *line)
{
    for (size_t i = 0; i < plot->count; i++)
        if (plot->counts[i] == line->workers)
            return line->usable > 0;
    return false;
}

/* One range for all panels, so that they can be compared. False when no percentile is known. */
static bool find_range(struct latency_plot *plot, double *low, double *high)
{
    const struct analysis *analysis = plot->scene->analysis;
    *low = INFINITY;
    *high = 0;
    plot->x.high = 0;
    for (size_t i = 0; i < analysis->latency_count; i++) {
        if (!shown(plot, &analysis->latency[i]))
            continue;
        plot->x.high = fmax(plot->x.high, analysis->latency[i].offered_rps);
        for (size_t panel = 0; panel < PANELS; panel++) {
            double us = percentile_us(&analysis->latency[i], panel);
            *low = fmin(*low, us); /* fmin and fmax pass over NAN */
            *high = fmax(*high, us);
        }
    }
    if (!(*high > 0) || !(plot->x.high > 0))
        return false;
    const struct results_settings *settings = &plot->scene->results->settings;
    double limit_us = slo_panel(settings) < PANELS ? settings->slo_limit_us : NAN;
    if (limit_us >= *low / slo_reach && limit_us <= *high * slo_reach) {
        *low = fmin(*low, limit_us);
        *high = fmax(*high, limit_us);
    }
    return true;
}

static void fill_legend(const struct latency_plot *plot, double low, double high,
                        struct legend *legend)
{
    const struct analysis *analysis = plot->scene->analysis;
    const struct results_settings *settings = &plot->scene->results->settings;
    char text[TICK_LABEL_SIZE];
    bool unstable = false;
    for (size_t i = 0; i < plot->count; i++)
        legend_add_series(legend, series_style(i), scene_workers_text(plot->counts[i], text));
    for (size_t i = 0; i < analysis->latency_count; i++)
        unstable =
            unstable || (shown(plot, &analysis->latency[i]) && analysis->latency[i].unstable);
    if (unstable)
        legend_add(legend, LEGEND_MARKER, "hollow: unstable, its backlog grew")->marker =
            (struct svg_pen){.stroke = SVG_BLACK, .width = 2.2, .fill = "#ffffff"};
    if (slo_panel(settings) == PANELS)
        return;
    tick_format_us(text, settings->slo_limit_us);
    struct legend_entry *entry = legend_add(legend, LEGEND_LINE, "SLO: %s within %s%s",
                                            panels[slo_panel(settings)].name, text,
                                            settings->slo_limit_us > high  ? ", far above"
                                            : settings->slo_limit_us < low ? ", far below"
                                                                           : "");
    entry->line = slo_line;
}

static bool is_off(const struct latency_line *line, size_t panel)
{
    return line->unstable > 0 && isnan(percentile_us(line, panel));
}

/* Unstable counts without a percentile stand side by side at the top, above their rate. */
static double place_off(const struct latency_plot *plot, const struct latency_line *line,
                        size_t panel)
{
    const struct analysis *analysis = plot->scene->analysis;
    size_t before = 0;
    size_t all = 0;
    double x = scale_place(&plot->x, line->offered_rps);
    double room = plot->area.right - plot->area.left; /* to the next rate */
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *other = &analysis->latency[i];
        bool same = trial_same_rate(other->offered_rps, line->offered_rps);
        if (!shown(plot, other) || !is_off(other, panel))
            continue;
        if (!same)
            room = fmin(room, fabs(scale_place(&plot->x, other->offered_rps) - x));
        all += same;
        before += same && other->workers < line->workers;
    }
    double step = fmin(11, room / (double)(all + 1));
    return x + step * ((double)before - ((double)all - 1) / 2);
}

static void draw_point(struct latency_plot *plot, size_t series, const struct latency_line *line,
                       size_t panel)
{
    const struct svg_pen pen = series_marker(series_style(series), line->unstable > 0);
    enum svg_shape shape = series_style(series)->shape;
    double us = percentile_us(line, panel);
    if (is_off(line, panel))
        svg_marker(&plot->svg, shape, place_off(plot, line, panel), plot->area.top + 1, 4.5, &pen);
    else if (!isnan(us))
        svg_marker(&plot->svg, shape, scale_place(&plot->x, line->offered_rps),
                   scale_place(&plot->y, us), 5, &pen);
}

static void draw_series(struct latency_plot *plot, size_t panel, size_t series)
{
    const struct analysis *analysis = plot->scene->analysis;
    const struct svg_pen pen = series_line(series_style(series));
    svg_path_begin(&plot->svg);
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        if (line->workers != plot->counts[series])
            continue;
        double us = percentile_us(line, panel);
        if (isnan(us))
            svg_path_gap(&plot->svg);
        else
            svg_path_to(&plot->svg, scale_place(&plot->x, line->offered_rps),
                        scale_place(&plot->y, us));
    }
    svg_path_end(&plot->svg, false, &pen);
    for (size_t i = 0; i < analysis->latency_count; i++) {
        const struct latency_line *line = &analysis->latency[i];
        if (line->workers == plot->counts[series] && line->usable > 0)
            draw_point(plot, series, line, panel);
    }
}

static void draw_slo(struct latency_plot *plot, size_t panel)
{
    const struct results_settings *settings = &plot->scene->results->settings;
    if (slo_panel(settings) != panel)
        return;
    double y = scale_place(&plot->y, settings->slo_limit_us);
    double x = plot->area.right;
    if (y < plot->area.top || y > plot->area.bottom)
        return;
    if (settings->slo_rate_rps > 0 && settings->slo_rate_rps < plot->x.high) {
        x = scale_place(&plot->x, settings->slo_rate_rps);
        svg_line(&plot->svg, x, y, x, plot->area.bottom, &slo_line);
    }
    svg_line(&plot->svg, plot->area.left, y, x, y, &slo_line);
}

/* Whether any count that is shown has this percentile. */
static bool any_known(const struct latency_plot *plot, size_t panel)
{
    const struct analysis *analysis = plot->scene->analysis;
    for (size_t i = 0; i < analysis->latency_count; i++)
        if (shown(plot, &analysis->latency[i]) &&
            !isnan(percentile_us(&analysis->latency[i], panel)))
            return true;
    return false;
}

static void draw_panel(struct latency_plot *plot, size_t panel)
{
    bool last = panel + 1 == PANELS;
    char heading[64];
    snprintf(heading, sizeof(heading), "%s of the response time", panels[panel].name);
    axis_draw_x(&plot->svg, &plot->area, &plot->x, &plot->x_ticks,
                last ? "offered rate (requests/s)" : NULL);
    axis_draw_y(&plot->svg, &plot->area, &plot->y, &plot->y_ticks, heading);
    draw_slo(plot, panel);
    for (size_t series = 0; series < plot->count; series++)
        draw_series(plot, panel, series);
    if (any_known(plot, panel))
        return;
    snprintf(heading, sizeof(heading), "n/a: needs %llu samples at one rate",
             (unsigned long long)panels[panel].samples);
    svg_text(&plot->svg, (plot->area.left + plot->area.right) / 2,
             (plot->area.top + plot->area.bottom) / 2,
             &(struct svg_font){.size = AXIS_FONT, .anchor = SVG_MIDDLE}, heading);
}

static void draw_panels(struct latency_plot *plot, double low, double high)
{
    plot->x.begin = plot->area.left;
    plot->x.end = plot->area.right;
    plot->x.high *= 1.06;
    ticks_linear(&plot->x_ticks, 0, plot->x.high, 5, tick_format_rate);
    scale_widen_log(&low, &high);
    ticks_log(&plot->y_ticks, low, high, tick_format_us);
    for (size_t panel = 0; panel < PANELS; panel++) {
        plot->y = (struct scale){.kind = SCALE_LOG,
                                 .low = low,
                                 .high = high,
                                 .begin = plot->area.bottom,
                                 .end = plot->area.top + TOP_LANE};
        draw_panel(plot, panel);
        plot->area.top += PANEL_STEP;
        plot->area.bottom += PANEL_STEP;
    }
}

static void write_caption(const struct latency_plot *plot, char *text, size_t size)
{
    const struct results_settings *settings = &plot->scene->results->settings;
    int used = snprintf(text, size,
                        "How long requests take at the same rates, whatever the number of "
                        "workers; lower is better, and a line that bends up is near its limit.");
    if (plot->left_out > 0)
        used += snprintf(text + used, size - (size_t)used, " %zu other counts are in the table.",
                         plot->left_out);
    if (!isnan(settings->slo_quantile) && slo_panel(settings) == PANELS)
        snprintf(text + used, size - (size_t)used, " The SLO's p%g is in the table.",
                 settings->slo_quantile * 100);
}

void picture_latency(const struct scene *scene, struct byte_buffer *out)
{
    char id[SCENE_ID_SIZE];
    char subject[SCENE_TEXT_SIZE];
    char text[SCENE_TEXT_SIZE];
    struct frame_head head = {
        .id = scene_id(scene, "latency", id),
        .title = "Response time by offered rate",
        .subject = scene_subject(scene, EXPERIMENT_LATENCY, subject),
        .caption = text,
        .above = AXIS_Y_HEADING + 8,
        .height = PANEL_HEIGHT,
        .below = (PANELS - 1) * PANEL_STEP + AXIS_X_HEIGHT,
    };
    struct latency_plot plot = {.scene = scene, .x = {.kind = SCALE_LINEAR}};
    plot.count = scene_pick_counts(scene, SERIES_LIMIT, plot.counts, &plot.left_out);
    double low = 0;
    double high = 0;
    if (plot.count == 0 || !find_range(&plot, &low, &high)) {
        frame_absent(out, &head,
                     plot.count == 0 ? scene_no_latency(scene, text)
                                     : "every trial was unstable or too short");
        return;
    }
    struct legend legend = {.count = 0};
    fill_legend(&plot, low, high, &legend);
    write_caption(&plot, text, sizeof(text));
    plot.area = frame_begin(&plot.svg, out, &head, &legend);
    draw_panels(&plot, low, high);
    frame_end(&plot.svg);
}
