/* SPDX-License-Identifier: MIT */
#include "bench/picture/scale.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static double transformed(const struct scale *scale, double value)
{
    switch (scale->kind) {
    case SCALE_LOG:
        return log(value);
    case SCALE_STRETCHED:
        return asinh(value / scale->bend);
    default:
        return value;
    }
}

double scale_place(const struct scale *scale, double value)
{
    double low = transformed(scale, scale->low);
    double high = transformed(scale, scale->high);
    double share = (transformed(scale, value) - low) / (high - low);
    return scale->begin + share * (scale->end - scale->begin);
}

static void format_unit(char *label, double value, const char *unit)
{
    snprintf(label, TICK_LABEL_SIZE, "%.3g%s", value, unit);
}

void tick_format_rate(char label[TICK_LABEL_SIZE], double rps)
{
    if (rps >= 999.5e6)
        format_unit(label, rps / 1e9, "G");
    else if (rps >= 999.5e3)
        format_unit(label, rps / 1e6, "M");
    else if (rps >= 999.5)
        format_unit(label, rps / 1e3, "k");
    else
        format_unit(label, rps, "");
}

void tick_format_us(char label[TICK_LABEL_SIZE], double us)
{
    if (us >= 999.5e6)
        snprintf(label, TICK_LABEL_SIZE, "%.0f s", us / 1e6);
    else if (us >= 999.5e3)
        format_unit(label, us / 1e6, " s");
    else if (us >= 999.5)
        format_unit(label, us / 1e3, " ms");
    else if (us >= 0.9995 || us == 0)
        format_unit(label, us, " µs");
    else
        format_unit(label, us * 1e3, " ns");
}

void tick_format_plain(char label[TICK_LABEL_SIZE], double value)
{
    format_unit(label, value, "");
}

void ticks_add(struct ticks *ticks, double value, unsigned rank, tick_format *format)
{
    if (ticks->count == TICK_LIMIT)
        return;
    struct tick *tick = &ticks->items[ticks->count++];
    tick->value = value;
    tick->rank = rank;
    format(tick->label, value);
}

/* 1, 2 or 5 times a power of ten, whichever is the first not below `rough`. */
static double nice_step(double rough)
{
    double power = pow(10, floor(log10(rough)));
    double share = rough / power;
    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

void ticks_linear(struct ticks *ticks, double low, double high, double wanted, tick_format *format)
{
    if (!(high > low))
        return;
    double step = nice_step((high - low) / wanted);
    /* Counted in whole steps: adding up steps would add up their rounding errors. */
    long last = (long)floor(high / step + 1e-9);
    for (long i = (long)ceil(low / step - 1e-9); i <= last; i++)
        ticks_add(ticks, (double)i * step, 0, format);
}

void ticks_log(struct ticks *ticks, double low, double high, tick_format *format)
{
    static const double between[] = {1, 2, 5};
    if (!(low > 0) || !(high > low))
        return;
    bool fine = high / low < 1000;
    int last = (int)floor(log10(high) + 1e-9);
    for (int decade = (int)floor(log10(low) + 1e-9); decade <= last; decade++) {
        for (size_t i = 0; i < (fine ? 3 : 1); i++) {
            double value = between[i] * pow(10, decade);
            if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
                ticks_add(ticks, value, i == 0 ? 0 : 1, format);
        }
    }
}

void scale_widen_log(double *low, double *high)
{
    static const double margin = 1.15;
    static const double least = 5;
    *low /= margin;
    *high *= margin;
    if (*high / *low < least) {
        double middle = sqrt(*low * *high);
        *low = middle / sqrt(least);
        *high = middle * sqrt(least);
    }
}
