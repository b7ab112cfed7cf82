/* SPDX-License-Identifier: MIT */
/*
 * One measurement of a model server, with the engine that every subcommand measures with. One
 * thread but for the threads inside; blocks.
 */
#ifndef CREW_BENCH_MODEL_RUN_H
#define CREW_BENCH_MODEL_RUN_H

#include "bench/engine/run.h"
#include "bench/selftest/model_server.h"
#include "bench/selftest/selftest_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What to load it with; zero is none, as in engine_settings. */
struct model_load {
    const char *workload; /* NULL for ping */
    size_t connections;
    size_t pipeline; /* 0 for 1 */
    double rate_rps;
    enum arrival_law arrivals;
    uint64_t requests; /* ends the run, which then has no warm-up; else duration_ns does */
    uint64_t warm_up_ns;
    uint64_t duration_ns;
    uint64_t hiccup_ns;
    uint64_t seed;
};

struct model_run {
    struct measurement measurement;
    struct model_server *server; /* stopped */
    struct model_journal journal;
};

/*
 * Starts a server, loads it and stops it. False when that was not possible, or after Ctrl-C: the
 * check is concluded then. model_run_free is due in any case.
 */
bool model_run(struct selftest *selftest, const struct model_settings *settings,
               const struct model_load *load, struct model_run *run);
void model_run_free(struct model_run *run);

#endif
