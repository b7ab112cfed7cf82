/* SPDX-License-Identifier: MIT */
/* Where a value is drawn on an axis, and which values are written beside it. Pure. */
#ifndef CREW_BENCH_SCALE_H
#define CREW_BENCH_SCALE_H

#include <stddef.h>

enum scale_kind {
    SCALE_LINEAR,
    SCALE_LOG,       /* of values above 0 */
    SCALE_STRETCHED, /* sinh⁻¹(value / bend): as linear around 0, as a logarithm beyond `bend` */
};

struct scale {
    enum scale_kind kind;
    double low; /* the value at `begin` */
    double high;
    double begin; /* in user units */
    double end;
    double bend;
};

/* In user units; beyond the ends for values beyond them. */
double scale_place(const struct scale *scale, double value);

enum { TICK_LIMIT = 64, TICK_LABEL_SIZE = 32 };

struct tick {
    double value;
    unsigned rank; /* 0 is the most important: where labels would overlap, those of rank 0 stay */
    char label[TICK_LABEL_SIZE];
};

struct ticks {
    struct tick items[TICK_LIMIT];
    size_t count;
};

/* Writes a value with its unit, in three significant digits at most. */
typedef void tick_format(char label[TICK_LABEL_SIZE], double value);

void tick_format_rate(char label[TICK_LABEL_SIZE], double rps); /* "250", "1.5k", "2M" */
void tick_format_us(char label[TICK_LABEL_SIZE], double us);    /* "500 ns", "20 µs", "1.5 s" */
void tick_format_plain(char label[TICK_LABEL_SIZE], double value);

/* Adds one, unless there are TICK_LIMIT already. */
void ticks_add(struct ticks *ticks, double value, unsigned rank, tick_format *format);

/* Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about `wanted` of them. */
void ticks_linear(struct ticks *ticks, double low, double high, double wanted, tick_format *format);

/* Powers of ten; less than three decades apart also 2 and 5 times them. */
void ticks_log(struct ticks *ticks, double low, double high, tick_format *format);

/*
 * Widens a logarithmic range by a little, and to a factor of 5 at least, around its middle, so
 * that two ticks always fall into it.
 */
void scale_widen_log(double *low, double *high);

#endif
