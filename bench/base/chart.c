/* SPDX-License-Identifier: MIT */
#include "bench/base/chart.h"

#include <math.h>
#include <string.h>

enum { SHORTEST_BAR = 10 };

const char *chart_bar(char text[CHART_BAR_SIZE], double share, size_t width)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (width > CHART_WIDEST)
        width = CHART_WIDEST;
    double wanted = share < 0 ? 0 : share > 1 ? 1 : share;
    size_t filled = (size_t)(wanted * (double)width * 8 + 0.5);
    char *at = text;
    for (size_t i = 0; i < filled / 8; i++, at += 3)
        memcpy(at, "█", 3);
    size_t columns = filled / 8;
    if (filled % 8 > 0) {
        memcpy(at, eighths[filled % 8], 3);
        at += 3;
        columns++;
    }
    for (; columns < width; columns++)
        *at++ = ' ';
    *at = '\0';
    return text;
}

const char *chart_sparkline(char text[CHART_BAR_SIZE], const double *values, size_t count,
                            double *top)
{
    static const char *const heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    enum { HEIGHTS = sizeof(heights) / sizeof(heights[0]) };
    *top = 0;
    for (size_t i = 0; i < count; i++)
        *top = values[i] > *top ? values[i] : *top;
    char *at = text;
    for (size_t i = 0; i < count && i < CHART_WIDEST; i++) {
        if (isnan(values[i])) {
            *at++ = ' ';
            continue;
        }
        size_t height = *top > 0 ? (size_t)(values[i] / *top * HEIGHTS) : 0;
        memcpy(at, heights[height < HEIGHTS ? height : HEIGHTS - 1], 3);
        at += 3;
    }
    *at = '\0';
    return text;
}

static size_t longer(size_t a, const char *text)
{
    size_t b = strlen(text);
    return a > b ? a : b;
}

void chart_print(FILE *out, const struct chart_row *rows, size_t count, size_t width, bool colour)
{
    double largest = 0;
    size_t label_width = 0;
    size_t text_width = 0;
    for (size_t i = 0; i < count; i++) {
        largest = rows[i].value > largest ? rows[i].value : largest;
        label_width = longer(label_width, rows[i].label);
        text_width = longer(text_width, rows[i].text);
    }
    /* Two columns before the label, one before and after the bar, two for the arrow. */
    size_t taken = 2 + label_width + 1 + 1 + text_width + 2;
    size_t bar_width = width > taken + SHORTEST_BAR ? width - taken : SHORTEST_BAR;
    for (size_t i = 0; i < count; i++) {
        const struct chart_row *row = &rows[i];
        char bar[CHART_BAR_SIZE];
        chart_bar(bar, largest > 0 ? row->value / largest : 0, bar_width);
        fprintf(out, "  %*s %s%s%s %*s%s\n", (int)label_width, row->label,
                !colour       ? ""
                : row->marked ? "\033[32m"
                              : "\033[36m",
                bar, colour ? "\033[0m" : "", (int)text_width, row->text, row->marked ? " ←" : "");
    }
}
