/* SPDX-License-Identifier: MIT */
/* What the trials at one rate say together. Pure but for memory. */
#ifndef CREW_BENCH_SLO_RATE_H
#define CREW_BENCH_SLO_RATE_H

#include "bench/commands/slo_line.h"

struct slo_rate {
    unsigned unstable;    /* trials in which the backlog grew */
    double beside_us;     /* of slo_rate_beside; as percentile_us */
    double percentile_us; /* the objective's, of all trials that count and were stable, merged;
                           * INFINITY as for slo_percentile_us; NAN without such a trial, or when
                           * memory runs out */
    double busy;          /* mean share of its time that a worker was busy; NAN if not known */
    double window_s;      /* shortest of the trials */
};

/* Another percentile to show the curve by: p50, or p99 where the objective's is no higher. */
double slo_rate_beside(const struct slo_objective *objective);

struct slo_rate slo_rate_take(const struct slo_line *line, const struct slo_objective *objective,
                              double rate_rps);

#endif
