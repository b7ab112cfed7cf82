/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_rate.h"

#include <math.h>
#include <stdlib.h>

double slo_rate_beside(const struct slo_objective *objective)
{
    return objective->quantile > 0.5 ? 0.5 : 0.99;
}

static void take_percentiles(const struct slo_line *line, const struct slo_objective *objective,
                             double rate_rps, struct slo_rate *rate)
{
    struct histogram *all = calloc(1, sizeof(*all));
    double missing = 0;
    bool any = false;
    for (size_t i = 0; all != NULL && i < line->run_count; i++) {
        const struct trial *trial = &line->runs[i].trial;
        const struct measurement *measurement = &trial->measurement;
        if (trial->rate_rps != rate_rps || isnan(line->runs[i].finding.percentile_us))
            continue;
        histogram_merge(all, measurement->response_histogram);
        missing += slo_missing(objective, measurement);
        any = true;
    }
    if (any) {
        rate->beside_us = slo_percentile_us(slo_rate_beside(objective), all, missing);
        rate->percentile_us = slo_percentile_us(objective->quantile, all, missing);
    }
    free(all);
}

struct slo_rate slo_rate_take(const struct slo_line *line, const struct slo_objective *objective,
                              double rate_rps)
{
    struct slo_rate rate = {.beside_us = NAN, .percentile_us = NAN, .window_s = INFINITY};
    double busy = 0;
    double trials = 0;
    for (size_t i = 0; i < line->run_count; i++) {
        const struct trial *trial = &line->runs[i].trial;
        if (trial->rate_rps != rate_rps)
            continue;
        rate.unstable +=
            measurement_valid(&trial->measurement) && trial->measurement.unstable ? 1U : 0U;
        rate.window_s = fmin(rate.window_s, trial->measurement.measured_s);
        busy += trial->server.utilization;
        trials++;
    }
    rate.busy = busy / trials;
    take_percentiles(line, objective, rate_rps, &rate);
    return rate;
}
