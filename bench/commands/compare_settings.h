/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench compare`. Single-threaded. */
#ifndef CREW_BENCH_COMPARE_SETTINGS_H
#define CREW_BENCH_COMPARE_SETTINGS_H

#include "bench/results/comparison.h"

struct compare_settings {
    const char *paths[COMPARISON_SIDES];
    const char *json; /* NULL for none */
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int compare_settings_read(struct compare_settings *settings, int argc, char **argv);

#endif
