/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench load`. Single-threaded. */
#ifndef CREW_BENCH_LOAD_SETTINGS_H
#define CREW_BENCH_LOAD_SETTINGS_H

#include "bench/base/bench_error.h"
#include "common/option.h"
#include "common/tls_client.h"

#include <stdint.h>

struct load_settings {
    const char *target;
    struct tls_client_options tls;
    const char *workload;
    int64_t connections;
    int64_t threads;
    int64_t pipeline;
    int64_t duration_ns; /* 0 when `requests` ends the run */
    int64_t requests;    /* 0 when `duration_ns` ends the run */
    int64_t timeout_ns;
    int64_t warm_up_ns;    /* before the window; after reading never negative */
    const char *rate_text; /* NULL for a closed loop */
    int64_t arrivals;      /* an enum arrival_law */
    int64_t seed;
    int64_t inflight; /* after reading never 0 in an open loop */
    const char *json; /* NULL for none, as for the others */
    const char *series_csv;
    const char *hgrm;

    double rate_rps; /* worked out; 0 for a closed loop */
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int load_settings_read(struct load_settings *settings, int argc, char **argv);

#endif
