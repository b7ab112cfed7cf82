/* SPDX-License-Identifier: MIT */
/* Made-up sweeps with known rates, for the tests of the choice. */
#ifndef CREW_TESTS_CHOICE_EXPERIMENT_H
#define CREW_TESTS_CHOICE_EXPERIMENT_H

#include "bench/statistics/choice.h"

#include <stddef.h>

enum { MOST_COUNTS = 8, MOST_BLOCKS = 10 };

/* An experiment whose rates are level[i], times a block's factor, times a small disturbance. */
struct experiment {
    unsigned workers[MOST_COUNTS];
    double level[MOST_COUNTS];
    double rates[MOST_BLOCKS * MOST_COUNTS];
    double control[MOST_BLOCKS];
    enum choice_slo slo[MOST_COUNTS];
    double p99_us[MOST_COUNTS];
    struct choice_input input;
    struct choice_line lines[MOST_COUNTS];
    struct choice choice;
    char text[CHOICE_TEXT_SIZE];
};

/* Six counts whose rates rise up to 16 workers, nearly the best from 12 on. */
extern const struct experiment experiment_six;

/* Between -1 and 1, without a pattern over either argument; each column's mean is close to 0. */
double experiment_disturbance(size_t block, size_t column);

/* Fills rates, control and input. */
void experiment_measure(struct experiment *e, size_t counts, size_t blocks, double noise);

/* Fills lines, choice and text. */
void experiment_decide(struct experiment *e);

/* Both. */
void experiment_run(struct experiment *e, size_t counts, size_t blocks, double noise);

/* Whether the text holds that part. */
void experiment_expect_text(const struct experiment *e, const char *part);
void experiment_expect_no_text(const struct experiment *e, const char *part);

#endif
