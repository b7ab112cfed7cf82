/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench sweep`. Single-threaded. */
#ifndef CREW_BENCH_SWEEP_SETTINGS_H
#define CREW_BENCH_SWEEP_SETTINGS_H

#include "common/option.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

enum { SWEEP_COUNT_LIMIT = 32, SWEEP_WORKERS_LIMIT = 1024 };

struct sweep_settings {
    const char *workers_text;
    struct option_list workloads;
    int64_t rounds;
    int64_t duration_ns; /* of each trial's measured window */
    int64_t connections; /* after reading never 0 */
    int64_t threads;
    int64_t seed;
    int64_t timeout_ns;
    const char *server_program_option;
    const char *json; /* NULL for none */
    const char *csv;  /* NULL for none */

    /* Worked out from the options. */
    unsigned workers[SWEEP_COUNT_LIMIT]; /* rising, no two alike */
    size_t worker_counts;
    int64_t warm_up_ns; /* run before each window and dropped */
    char server_program[PATH_MAX];
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int sweep_settings_read(struct sweep_settings *settings, int argc, char **argv);

#endif
