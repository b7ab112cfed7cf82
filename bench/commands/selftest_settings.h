/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench selftest`. Single-threaded. */
#ifndef CREW_BENCH_SELFTEST_SETTINGS_H
#define CREW_BENCH_SELFTEST_SETTINGS_H

#include "common/option.h"

#include <stdbool.h>
#include <stdint.h>

struct selftest_settings {
    struct option_list only;   /* names of checks; empty for all */
    struct option_list broken; /* those whose cause is taken away */
    bool list;
    bool quick;
    int64_t seed;
    const char *json; /* NULL for none */
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int selftest_settings_read(struct selftest_settings *settings, int argc, char **argv);

/* Whether the list has the name. */
bool selftest_settings_names(const struct option_list *list, const char *name);

#endif
