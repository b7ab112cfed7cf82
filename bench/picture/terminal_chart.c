/* SPDX-License-Identifier: MIT */
#include "bench/picture/terminal_chart.h"

#include "bench/picture/scene.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    ROWS = 12,
    LEFT = 9,   /* columns of the y axis */
    DOTS_X = 2, /* of a character */
    DOTS_Y = 4,
    BRAILLE = 0x2800,
};

/* A character: the dots of lines, and the letter of a point over them; 0 for none. */
struct cell {
    unsigned char dots;
    char letter;
};

struct canvas {
    size_t columns;
    struct cell cells[ROWS][TERMINAL_CHART_WIDEST];
    struct scale x; /* in dots */
    struct scale y;
};

/* Which bit of a Braille character is the dot at this column and row (Unicode, chapter 21.1). */
static const unsigned char dot_bits[DOTS_Y][DOTS_X] = {
    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

static struct cell *cell_at(struct canvas *canvas, double x, double y)
{
    double column = floor(x / DOTS_X);
    double row = floor(y / DOTS_Y);
    if (!(column >= 0) || !(row >= 0) || column >= (double)canvas->columns || row >= ROWS)
        return NULL;
    return &canvas->cells[(size_t)row][(size_t)column];
}

static void set_dot(struct canvas *canvas, double x, double y)
{
    struct cell *cell = cell_at(canvas, x, y);
    if (cell != NULL)
        cell->dots |= dot_bits[(size_t)y % DOTS_Y][(size_t)x % DOTS_X];
}

static void draw_line(struct canvas *canvas, double x1, double y1, double x2, double y2)
{
    int steps = (int)fmax(fmax(fabs(x2 - x1), fabs(y2 - y1)), 1);
    for (int i = 0; i <= steps; i++)
        set_dot(canvas, floor(x1 + (x2 - x1) * i / steps + 0.5),
                floor(y1 + (y2 - y1) * i / steps + 0.5));
}

static void draw_series(struct canvas *canvas, const struct terminal_series *series)
{
    for (size_t i = 1; i < series->count; i++)
        if (isfinite(series->y[i - 1]) && isfinite(series->y[i]))
            draw_line(canvas, scale_place(&canvas->x, series->x[i - 1]),
                      scale_place(&canvas->y, series->y[i - 1]),
                      scale_place(&canvas->x, series->x[i]), scale_place(&canvas->y, series->y[i]));
}

static void put_letter(struct cell *cell, char letter)
{
    if (cell != NULL)
        cell->letter = cell->letter == 0 || cell->letter == letter ? letter : '*';
}

static void draw_points(struct canvas *canvas, const struct terminal_series *series, char letter)
{
    for (size_t i = 0; i < series->count; i++) {
        double x = floor(scale_place(&canvas->x, series->x[i]) + 0.5);
        if (isfinite(series->y[i]))
            put_letter(cell_at(canvas, x, floor(scale_place(&canvas->y, series->y[i]) + 0.5)),
                       letter);
        else if (isinf(series->y[i]))
            put_letter(cell_at(canvas, x, 0), '^');
    }
}

static void append_cell(const struct cell *cell, struct byte_buffer *out)
{
    unsigned code = BRAILLE + cell->dots;
    if (cell->letter != 0)
        byte_buffer_append(out, &cell->letter, 1);
    else if (cell->dots == 0)
        byte_buffer_append_text(out, " ");
    else
        byte_buffer_printf(out, "%c%c%c", 0xe0 | (int)(code >> 12), 0x80 | (int)(code >> 6 & 0x3f),
                           0x80 | (int)(code & 0x3f));
}

/* Columns of a label: every byte but those that go on with a character. */
static size_t columns_of(const char *label)
{
    size_t columns = 0;
    for (; *label != '\0'; label++)
        columns += ((unsigned char)*label & 0xc0) != 0x80;
    return columns;
}

static void append_spaces(struct byte_buffer *out, size_t count)
{
    byte_buffer_printf(out, "%*s", (int)count, "");
}

/* The label of the tick in this row, if there is one. */
static const char *row_label(const struct canvas *canvas, const struct ticks *ticks, size_t row)
{
    for (size_t i = 0; i < ticks->count; i++) {
        double y = floor(scale_place(&canvas->y, ticks->items[i].value) + 0.5);
        if (y >= 0 && (size_t)y / DOTS_Y == row)
            return ticks->items[i].label;
    }
    return "";
}

static void append_rows(const struct canvas *canvas, struct byte_buffer *out)
{
    struct ticks ticks = {.count = 0};
    ticks_log(&ticks, canvas->y.low, canvas->y.high, tick_format_us);
    for (size_t row = 0; row < ROWS; row++) {
        const char *label = row_label(canvas, &ticks, row);
        size_t used = canvas->columns;
        while (used > 0 && canvas->cells[row][used - 1].dots == 0 &&
               canvas->cells[row][used - 1].letter == 0)
            used--;
        append_spaces(out, LEFT - 2 - columns_of(label));
        byte_buffer_printf(out, "%s %s", label, label[0] != '\0' ? "┤" : "│");
        for (size_t column = 0; column < used; column++)
            append_cell(&canvas->cells[row][column], out);
        byte_buffer_append_text(out, "\n");
    }
}

static void append_x_axis(const struct canvas *canvas, const char *name, struct byte_buffer *out)
{
    struct ticks ticks = {.count = 0};
    char line[TERMINAL_CHART_WIDEST + TICK_LABEL_SIZE];
    size_t end = 0;
    ticks_linear(&ticks, canvas->x.low, canvas->x.high, (double)canvas->columns / 10,
                 tick_format_rate);
    append_spaces(out, LEFT - 1);
    byte_buffer_append_text(out, "└");
    for (size_t i = 0; i < canvas->columns; i++)
        byte_buffer_append_text(out, "─");
    for (size_t i = 0; i < ticks.count; i++) {
        size_t place = (size_t)(scale_place(&canvas->x, ticks.items[i].value) / DOTS_X);
        size_t half = strlen(ticks.items[i].label) / 2;
        size_t begin = LEFT + place > half ? LEFT + place - half : 0;
        if (end > 0 && begin <= end)
            continue;
        memset(line + end, ' ', begin - end);
        end = begin +
              (size_t)snprintf(line + begin, sizeof(line) - begin, "%s", ticks.items[i].label);
    }
    byte_buffer_printf(out, "\n%.*s\n", (int)end, line);
    append_spaces(out, LEFT);
    byte_buffer_printf(out, "%s\n", name);
}

/* "a 1 worker  b 2 workers", in as many lines as it takes. */
static void append_legend(const struct terminal_chart *chart, size_t columns, bool several,
                          bool off, struct byte_buffer *out)
{
    size_t used = 0;
    for (size_t i = 0; i < chart->count + 2; i++) {
        char entry[64];
        if (i < chart->count)
            snprintf(entry, sizeof(entry), "%c %s", (char)('a' + i), chart->series[i].name);
        else if (i == chart->count ? several : off)
            snprintf(entry, sizeof(entry), "%s", i == chart->count ? "* several" : "^ unstable");
        else
            continue;
        if (used > 0 && used + 2 + strlen(entry) > columns) {
            byte_buffer_append_text(out, "\n");
            used = 0;
        }
        append_spaces(out, used > 0 ? 2 : LEFT);
        byte_buffer_append_text(out, entry);
        used += (used > 0 ? 2 : 0) + strlen(entry);
    }
    byte_buffer_append_text(out, "\n");
}

/* Sets the scales; false when no y is known. */
static bool find_range(const struct terminal_chart *chart, struct canvas *canvas)
{
    double low = INFINITY;
    double high = 0;
    double most = 0;
    for (size_t i = 0; i < chart->count; i++) {
        for (size_t j = 0; j < chart->series[i].count; j++) {
            double y = chart->series[i].y[j];
            most = fmax(most, chart->series[i].x[j]);
            if (!(y > 0) || isinf(y))
                continue;
            low = fmin(low, y);
            high = fmax(high, y);
        }
    }
    if (!(high > 0) || !(most > 0))
        return false;
    scale_widen_log(&low, &high);
    canvas->x = (struct scale){
        .kind = SCALE_LINEAR, .high = most, .end = (double)(canvas->columns * DOTS_X) - 3};
    /* The top row is for what is off the top. */
    canvas->y = (struct scale){
        .kind = SCALE_LOG, .low = low, .high = high, .begin = ROWS * DOTS_Y - 1, .end = DOTS_Y};
    return true;
}

static bool has_letter(const struct canvas *canvas, char letter)
{
    for (size_t row = 0; row < ROWS; row++)
        for (size_t column = 0; column < canvas->columns; column++)
            if (canvas->cells[row][column].letter == letter)
                return true;
    return false;
}

void terminal_chart_write(const struct terminal_chart *chart, size_t width, struct byte_buffer *out)
{
    struct canvas canvas = {.columns = TERMINAL_CHART_NARROWEST - LEFT};
    if (width > TERMINAL_CHART_NARROWEST)
        canvas.columns = (width < TERMINAL_CHART_WIDEST ? width : TERMINAL_CHART_WIDEST) - LEFT;
    if (!find_range(chart, &canvas))
        return;
    for (size_t i = 0; i < chart->count; i++)
        draw_series(&canvas, &chart->series[i]);
    for (size_t i = 0; i < chart->count; i++)
        draw_points(&canvas, &chart->series[i], (char)('a' + i));
    append_spaces(out, LEFT - 1);
    byte_buffer_printf(out, "%s\n", chart->y_name);
    append_rows(&canvas, out);
    append_x_axis(&canvas, chart->x_name, out);
    append_legend(chart, canvas.columns, has_letter(&canvas, '*'), has_letter(&canvas, '^'), out);
}

void terminal_chart_write_latency(const struct results *results, const struct analysis *analysis,
                                  size_t width, struct byte_buffer *out)
{
    struct scene scene = {.results = results, .analysis = analysis};
    struct terminal_chart chart = {.x_name = "offered rate (requests/s)",
                                   .y_name = "p99 of the response time"};
    unsigned workers[TERMINAL_CHART_SERIES];
    size_t left_out = 0;
    chart.count = scene_pick_counts(&scene, TERMINAL_CHART_SERIES, workers, &left_out);
    for (size_t i = 0; i < chart.count; i++) {
        struct terminal_series *series = &chart.series[i];
        char name[TICK_LABEL_SIZE];
        snprintf(series->name, sizeof(series->name), "%.23s", scene_workers_text(workers[i], name));
        for (size_t j = 0; j < analysis->latency_count; j++) {
            const struct latency_line *line = &analysis->latency[j];
            if (line->workers != workers[i] || line->usable == 0 ||
                series->count == TERMINAL_CHART_POINTS)
                continue;
            bool off = 2 * line->unstable > line->usable;
            series->x[series->count] = line->offered_rps;
            series->y[series->count++] = off ? INFINITY : line->response.p99_us;
        }
    }
    terminal_chart_write(&chart, width, out);
}
