/* SPDX-License-Identifier: MIT */
#include "bench/picture/frame.h"
#include "bench/picture/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEW_ROWS = 12, TALL_ROW = 36, LOW_ROW = 26, TEXT_COLUMN = 178, PADDING = 8 };

/* The share of a difference that matters, as in choice.h. */
static const double indifference = 0.02;

/* Below about this the scale is linear, beyond it logarithmic. */
static const double bend = 0.03;

static const struct svg_pen point = {
    .stroke = SVG_BLACK, .width = 0.8, .fill = SERIES_SKY, .fill_opacity = 0.8};
static const struct svg_pen whisker = {.stroke = SVG_BLACK, .width = 2.4};
static const struct svg_pen mean_mark = {.stroke = SVG_BLACK, .width = 1, .fill = SERIES_BLUE};
static const struct svg_pen control_mark = {.stroke = SVG_BLACK, .width = 1.8, .fill = "#ffffff"};
static const struct svg_pen zone = {.fill = SERIES_GREEN, .fill_opacity = 0.18};
static const struct svg_pen zero_line = {.stroke = SVG_BLACK, .width = 1.2};

/* A worker count, or the reference's second run, held against the reference. */
struct difference_row {
    unsigned workers;
    bool control;
    double *rates_rps; /* one per block; NAN where there is none */
    struct interval ratio;
};

enum { ROWS_LIMIT = RESULTS_COUNT_LIMIT + 1 };

struct difference_plot {
    const struct scene *scene;
    struct svg svg;
    struct plot_area area;
    struct scale x; /* of ln(ratio) */
    size_t blocks;
    double *rates_rps; /* those of the reference, then of each row, by block */
    struct difference_row rows[ROWS_LIMIT];
    size_t count;
    double row_height;
};

/* The rates of one count's usable trials, by block. */
static void take_rates(const struct difference_plot *plot, unsigned workers, bool control,
                       double *rates_rps)
{
    const struct results *results = plot->scene->results;
    for (size_t i = 0; i < plot->blocks; i++)
        rates_rps[i] = NAN;
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial *trial = &results->trials[i];
        if (scene_has(plot->scene, trial, EXPERIMENT_CAPACITY) && trial->workers == workers &&
            trial->control == control && trial_usable(trial) && trial->block >= 1 &&
            trial->block <= plot->blocks)
            rates_rps[trial->block - 1] = trial->measurement.throughput_rps;
    }
}

/* Keeps the row if any block has both it and the reference. */
static void add_row(struct difference_plot *plot, unsigned workers, bool control)
{
    struct difference_row *row = &plot->rows[plot->count];
    size_t comparisons = control ? 1 : plot->scene->analysis->capacity_count - 1;
    *row = (struct difference_row){.workers = workers, .control = control};
    row->rates_rps = plot->rates_rps + (plot->count + 1) * plot->blocks;
    take_rates(plot, workers, control, row->rates_rps);
    row->ratio = interval_paired(row->rates_rps, plot->rates_rps, plot->blocks, comparisons);
    if (row->ratio.middle > 0)
        plot->count++;
}

/* The intervals are those of choice.h, which has them only where it recommends something. */
static void take_rows(struct difference_plot *plot)
{
    const struct analysis *analysis = plot->scene->analysis;
    if (analysis->capacity_count == 0)
        return;
    unsigned reference = scene_reference(plot->scene);
    take_rates(plot, reference, false, plot->rates_rps);
    for (size_t i = 0; i < analysis->capacity_count; i++)
        if (analysis->capacity[i].workers != reference)
            add_row(plot, analysis->capacity[i].workers, false);
    add_row(plot, reference, true);
}

static double log_ratio(const struct difference_plot *plot, const struct difference_row *row,
                        size_t block)
{
    return log(row->rates_rps[block] / plot->rates_rps[block]);
}

static void include(struct scale *x, double value)
{
    if (!isfinite(value))
        return;
    x->low = fmin(x->low, value);
    x->high = fmax(x->high, value);
}

/* The range of the means, the trials and, within reason, the intervals. */
static void find_range(struct difference_plot *plot)
{
    plot->x =
        (struct scale){.kind = SCALE_STRETCHED, .low = log(0.93), .high = log(1.07), .bend = bend};
    for (size_t i = 0; i < plot->count; i++) {
        const struct interval *ratio = &plot->rows[i].ratio;
        include(&plot->x, fmax(log(ratio->low), log(ratio->middle / 2)));
        include(&plot->x, fmin(log(ratio->high), log(ratio->middle * 2)));
        for (size_t block = 0; block < plot->blocks; block++)
            include(&plot->x, log_ratio(plot, &plot->rows[i], block));
    }
    plot->x.begin = plot->area.left + PADDING;
    plot->x.end = plot->area.right - PADDING;
}

static void format_percent(char label[TICK_LABEL_SIZE], double logarithm)
{
    double percent = expm1(logarithm) * 100;
    if (fabs(percent) < 0.05)
        snprintf(label, TICK_LABEL_SIZE, "0");
    else if (percent >= 900)
        snprintf(label, TICK_LABEL_SIZE, "×%.3g", 1 + percent / 100);
    else
        snprintf(label, TICK_LABEL_SIZE, "%s%.3g %%", percent < 0 ? "−" : "+", fabs(percent));
}

static void fill_ticks(struct ticks *ticks)
{
    static const struct {
        double percent;
        unsigned rank;
    } places[] = {
        {0, 0},   {2, 0},   {-2, 0},  {10, 0},  {-10, 0},  {50, 0},     {-50, 0},
        {-90, 0}, {-99, 0}, {300, 0}, {900, 0}, {9900, 0}, {999900, 0}, {5, 1},
        {-5, 1},  {20, 1},  {-20, 1}, {100, 1}, {-80, 1},  {-99.9, 1},  {99900, 1},
    };
    ticks->count = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        ticks_add(ticks, log1p(places[i].percent / 100), places[i].rank, format_percent);
}

static double clamped(const struct difference_plot *plot, double logarithm)
{
    return scale_place(&plot->x, fmin(fmax(logarithm, plot->x.low), plot->x.high));
}

/* Appends a signed number with a real minus sign. */
static size_t append_signed(char *text, size_t size, double value, int decimals)
{
    const char *sign = fabs(value) * pow(10, decimals) < 0.5 ? "" : value < 0 ? "−" : "+";
    int written = snprintf(text, size, "%s%.*f", sign, decimals, fabs(value));
    return written > 0 ? (size_t)written : 0;
}

/* "+31 % [+28, +34]"; as factors when they are large: "×32.1 [31.8, 32.4]". */
static void describe(const struct interval *ratio, char *text, size_t size)
{
    const double percent[] = {(ratio->middle - 1) * 100, (ratio->low - 1) * 100,
                              (ratio->high - 1) * 100};
    static const char *const before[] = {"", " % [", ", "};
    bool known = !isnan(ratio->low) && !isnan(ratio->high);
    if (known ? percent[2] >= 999.5 : percent[0] >= 999.5) {
        int used = snprintf(text, size, "×%.3g", ratio->middle);
        snprintf(text + used, size - (size_t)used, known ? " [%.3g, %.3g]" : " [n/a]", ratio->low,
                 ratio->high);
        return;
    }
    double widest = known ? fmax(fabs(percent[1]), fabs(percent[2])) : fabs(percent[0]);
    size_t used = 0;
    for (size_t i = 0; i < (known ? 3 : 1); i++) {
        used += (size_t)snprintf(text + used, size - used, "%s", before[i]);
        used += append_signed(text + used, size - used, percent[i], widest < 9.95 ? 1 : 0);
    }
    snprintf(text + used, size - used, "%s", known ? "]" : " % [n/a]");
}

static void draw_interval(struct difference_plot *plot, const struct difference_row *row, double y)
{
    struct svg *svg = &plot->svg;
    const struct interval *ratio = &row->ratio;
    double low = clamped(plot, log(ratio->low));
    double high = clamped(plot, log(ratio->high));
    if (!isnan(ratio->low) && !isnan(ratio->high)) {
        svg_line(svg, low, y, high, y, &whisker);
        svg_line(svg, low, y - 5, low, y + 5, &whisker);
        svg_line(svg, high, y - 5, high, y + 5, &whisker);
    }
    svg_marker(svg, SVG_DIAMOND, clamped(plot, log(ratio->middle)), y, 4.5,
               row->control ? &control_mark : &mean_mark);
}

/* The blocks above, their mean and its interval below them. */
static void draw_row(struct difference_plot *plot, size_t index)
{
    const struct difference_row *row = &plot->rows[index];
    const struct capacity_line *chosen = scene_chosen(plot->scene);
    double y = plot->area.top + ((double)index + 0.5) * plot->row_height;
    bool bold = !row->control && chosen != NULL && chosen->workers == row->workers;
    struct svg_font font = {.size = AXIS_FONT, .anchor = SVG_END, .bold = bold};
    char text[64];
    snprintf(text, sizeof(text), "%s%u", row->control ? "A/A " : bold ? "▶ " : "", row->workers);
    svg_text(&plot->svg, plot->area.left - 10, y + 5.5, &font, text);
    for (size_t block = 0; block < plot->blocks; block++)
        svg_marker(&plot->svg, SVG_CIRCLE, scale_place(&plot->x, log_ratio(plot, row, block)),
                   y - 6, 2.8, &point);
    draw_interval(plot, row, y + 4);
    describe(&row->ratio, text, sizeof(text));
    svg_text(&plot->svg, FRAME_WIDTH - FRAME_MARGIN, y + 5.5, &font, text);
}

static void draw_ground(struct difference_plot *plot)
{
    struct ticks ticks;
    double low = scale_place(&plot->x, log1p(-indifference));
    double high = scale_place(&plot->x, log1p(indifference));
    double zero = scale_place(&plot->x, 0);
    svg_rectangle(&plot->svg, low, plot->area.top, high - low, plot->area.bottom - plot->area.top,
                  &zone);
    fill_ticks(&ticks);
    axis_draw_x(&plot->svg, &plot->area, &plot->x, &ticks, "difference of throughput");
    svg_line(&plot->svg, zero, plot->area.top, zero, plot->area.bottom, &zero_line);
    svg_text(&plot->svg, FRAME_MARGIN, plot->area.top - 10, &(struct svg_font){.size = AXIS_FONT},
             "workers");
    svg_text(&plot->svg, FRAME_WIDTH - FRAME_MARGIN, plot->area.top - 10,
             &(struct svg_font){.size = AXIS_FONT, .anchor = SVG_END}, "mean [95 % interval]");
}

static void fill_legend(const struct difference_plot *plot, struct legend *legend)
{
    struct legend_entry *entry = legend_add(legend, LEGEND_MARKER, "one block");
    entry->marker = point;
    entry = legend_add(legend, LEGEND_LINE_AND_MARKER, "mean and interval");
    entry->line = whisker;
    entry->marker = mean_mark;
    entry->shape = SVG_DIAMOND;
    if (plot->rows[plot->count - 1].control) {
        entry = legend_add(legend, LEGEND_MARKER, "A/A control");
        entry->marker = control_mark;
        entry->shape = SVG_DIAMOND;
    }
    legend_add(legend, LEGEND_AREA, "within ±2 %%")->marker = zone;
}

static void draw(struct difference_plot *plot, const struct frame_head *head,
                 struct byte_buffer *out)
{
    char reason[SCENE_TEXT_SIZE];
    if (plot->count == 0) {
        frame_absent(out, head,
                     plot->scene->analysis->capacity_count == 0
                         ? scene_no_capacity(plot->scene, reason)
                         : "no other trial shares a block with one of the reference");
        return;
    }
    struct legend legend = {.count = 0};
    fill_legend(plot, &legend);
    plot->area = frame_begin(&plot->svg, out, head, &legend);
    plot->area.right = FRAME_WIDTH - FRAME_MARGIN - TEXT_COLUMN;
    find_range(plot);
    draw_ground(plot);
    for (size_t i = 0; i < plot->count; i++)
        draw_row(plot, i);
    frame_end(&plot->svg);
}

/* No more than one for each trial, whatever a file says. */
static size_t count_blocks(const struct results *results)
{
    size_t planned = results->settings.blocks;
    return planned < results->trial_count ? planned : results->trial_count;
}

void picture_difference(const struct scene *scene, struct byte_buffer *out)
{
    char id[SCENE_ID_SIZE];
    char subject[SCENE_TEXT_SIZE];
    char title[SCENE_TEXT_SIZE];
    char workers[TICK_LABEL_SIZE];
    size_t blocks = count_blocks(scene->results);
    double *rates_rps = calloc((ROWS_LIMIT + 1) * blocks + 1, sizeof(*rates_rps));
    if (rates_rps == NULL) {
        out->failed = true;
        return;
    }
    struct difference_plot plot = {.scene = scene, .blocks = blocks, .rates_rps = rates_rps};
    take_rows(&plot);
    plot.row_height = plot.count > FEW_ROWS ? LOW_ROW : TALL_ROW;
    snprintf(title, sizeof(title), "Throughput compared with %s",
             plot.count > 0 ? scene_workers_text(scene_reference(scene), workers) : "a reference");
    struct frame_head head = {
        .id = scene_id(scene, "difference", id),
        .title = title,
        .subject = scene_subject(scene, EXPERIMENT_CAPACITY, subject),
        .caption = "An interval that leaves out 0 is a difference, one within the band is none "
                   "that matters. The A/A row compares the reference with itself: it shows the "
                   "noise. The scale is stretched around 0.",
        .above = AXIS_Y_HEADING + 8,
        .height = (double)plot.count * plot.row_height,
        .below = AXIS_X_HEIGHT,
    };
    draw(&plot, &head, out);
    free(rates_rps);
}
