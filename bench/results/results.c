/* SPDX-License-Identifier: MIT */
#include "bench/results/results.h"

#include <stdlib.h>

void results_free(struct results *results)
{
    for (size_t i = 0; i < results->trial_count; i++) {
        measurement_free(&results->trials[i].measurement);
        free(results->trials[i].server.workers);
    }
    free(results->trials);
    *results = (struct results){0};
}

bool trial_usable(const struct trial *trial)
{
    return trial->complete && measurement_valid(&trial->measurement) &&
           trial->measurement.failures_total == 0;
}

const char *experiment_name(enum experiment experiment)
{
    return experiment == EXPERIMENT_LATENCY ? "latency" : "capacity";
}
