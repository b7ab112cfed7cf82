/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench slo`. Single-threaded. */
#ifndef CREW_BENCH_SLO_SETTINGS_H
#define CREW_BENCH_SLO_SETTINGS_H

#include "bench/commands/slo_objective.h"
#include "bench/results/results.h"
#include "common/tls_client.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct slo_settings {
    const char *objective_text;
    const char *workers_text; /* NULL when not given, as are target, server_program_option, json */
    const char *workload;
    const char *target;
    struct tls_client_options tls; /* for a target */
    const char *precision_text;
    int64_t repeats;
    int64_t duration_ns;
    int64_t max_duration_ns;
    int64_t connections;
    int64_t threads;
    int64_t seed;
    int64_t timeout_ns;
    const char *server_program_option;
    const char *json;

    /* Worked out from the options. */
    struct slo_objective objective;
    struct slo_window window;
    double precision;                      /* 0.05 for 5% */
    unsigned workers[RESULTS_COUNT_LIMIT]; /* rising; of servers to start */
    size_t count;                          /* 0 with a target */
    char server_program[PATH_MAX];         /* empty with a target */
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int slo_settings_read(struct slo_settings *settings, int argc, char **argv);

#endif
