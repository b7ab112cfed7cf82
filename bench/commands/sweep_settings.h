/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench sweep`. Single-threaded. */
#ifndef CREW_BENCH_SWEEP_SETTINGS_H
#define CREW_BENCH_SWEEP_SETTINGS_H

#include "bench/results/results.h"
#include "common/option.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct sweep_settings {
    const char *workers_text;
    struct option_list workloads;
    int64_t blocks;
    int64_t latency_blocks; /* 0: no latency experiment */
    const char *shares_text;
    int64_t duration_ns; /* of each trial's measured window */
    int64_t connections;
    int64_t threads;
    int64_t seed;
    int64_t reference;
    const char *slo_text;      /* NULL for none */
    const char *slo_rate_text; /* NULL for none */
    bool quick;
    int64_t timeout_ns;
    const char *server_program_option;
    const char *resume; /* NULL for none, as for the files below */
    const char *json;
    const char *csv;
    const char *series_csv;
    const char *benchstat;
    const char *html;

    /* Worked out from the options. */
    struct results_settings results; /* what decides the trials; not set with --resume */
    char server_program[PATH_MAX];
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int sweep_settings_read(struct sweep_settings *settings, int argc, char **argv);

#endif
