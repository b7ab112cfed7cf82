/* SPDX-License-Identifier: MIT */
/*
 * One trial of the search: on a fresh crew-server, or on the server that --target names. Blocks
 * for the whole time; one thread.
 */
#ifndef CREW_BENCH_SLO_TRIAL_H
#define CREW_BENCH_SLO_TRIAL_H

#include "bench/commands/slo_settings.h"
#include "bench/engine/workload.h"
#include "bench/trial/trial.h"
#include "common/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all trials share. */
struct slo_place {
    const struct slo_settings *settings;
    const struct workload *workload;
    struct endpoint target;  /* with settings->target, like the next */
    struct tls_context *tls; /* owned by whoever set it */
    struct trial_bed bed;    /* its progress is used with a target too */
};

struct slo_load {
    unsigned workers; /* of the server to start */
    size_t connections;
    double rate_rps; /* 0: closed loop */
    double warm_up_s;
    double window_s;
    uint64_t seed;
};

/* As trial_run. With a target nothing is known about the server: its figures are NAN. */
bool slo_trial_run(struct slo_place *place, const struct slo_load *load, struct trial *trial);

#endif
