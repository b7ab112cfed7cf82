/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_trial.h"

#include "bench/engine/run.h"
#include "common/clock.h"

#include <math.h>
#include <stdio.h>

enum { INFLIGHT_LIMIT = 10000 }; /* far more than a server that keeps up lets pile up */

static int timeout_ms(const struct slo_settings *settings)
{
    return (int)(settings->timeout_ns / NS_PER_MS);
}

static bool load_fresh_server(struct slo_place *place, const struct slo_load *load,
                              struct trial *trial)
{
    const struct slo_settings *settings = place->settings;
    struct trial_load trial_load = {
        .workload = place->workload,
        .workers = load->workers,
        .connections = load->connections,
        .threads = (size_t)settings->threads,
        .rate_rps = load->rate_rps,
        .seed = load->seed,
        .warm_up_ns = (uint64_t)(load->warm_up_s * NS_PER_S),
        .duration_ns = (uint64_t)(load->window_s * NS_PER_S),
        .timeout_ms = timeout_ms(settings),
    };
    return trial_run(&place->bed, &trial_load, trial);
}

static bool load_target(struct slo_place *place, const struct slo_load *load, struct trial *trial)
{
    const struct slo_settings *settings = place->settings;
    size_t connections = load->connections;
    struct run_plan plan = {
        .load =
            {
                .target = &place->target,
                .tls = place->tls,
                .workload = place->workload,
                .connections = connections,
                .threads = (size_t)settings->threads,
                .pipeline = 1,
                .rate_rps = load->rate_rps,
                .arrivals = ARRIVAL_POISSON,
                .inflight = connections > INFLIGHT_LIMIT ? connections : INFLIGHT_LIMIT,
                .seed = load->seed,
                .timeout_ms = timeout_ms(settings),
            },
        .warm_up_ns = (uint64_t)(load->warm_up_s * NS_PER_S),
        .duration_ns = (uint64_t)(load->window_s * NS_PER_S),
        .settle = true,
        .progress = place->bed.progress,
        .context = place->bed.context,
    };
    trial->server = (struct server_figures){.utilization = NAN};
    trial->stopped_cleanly = true;
    enum run_result result = run_load(&plan, &trial->measurement, trial->problem);
    if (result == RUN_LOST)
        snprintf(trial->problem, sizeof(trial->problem), "all connections were lost: %s",
                 trial->measurement.first_failure);
    trial->complete = result == RUN_DONE;
    return trial->complete;
}

bool slo_trial_run(struct slo_place *place, const struct slo_load *load, struct trial *trial)
{
    return place->settings->target != NULL ? load_target(place, load, trial)
                                           : load_fresh_server(place, load, trial);
}
