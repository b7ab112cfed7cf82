/* SPDX-License-Identifier: MIT */
/*
 * Where a series (rates of equal intervals, in order) has warmed up, and whether it still drifts
 * afterwards. Pure; any thread.
 *
 * MSER-5 (White 1997, "An effective truncation heuristic for bias reduction in simulation output",
 * Simulation 69:6; batches of five by Spratt 1998): of the means of batches of five values, drop
 * the first d such that the standard error of the mean of the rest is smallest, i.e. minimise
 * sum((z - mean)²) / (k - d)². Never more than half is dropped, and five batches always stay,
 * since the standard error of a few batches says nothing (Hoad, Robinson and Davies 2008).
 */
#ifndef CREW_BENCH_WARM_UP_H
#define CREW_BENCH_WARM_UP_H

#include <stdbool.h>
#include <stddef.h>

enum {
    WARM_UP_BATCH = 5,       /* values in a batch */
    WARM_UP_BATCHES_KEPT = 5 /* at least; so shorter series than 30 values are left whole */
};

struct warm_up {
    size_t drop;   /* leading values to leave out: a multiple of WARM_UP_BATCH */
    bool at_limit; /* the most that may be dropped: the series had perhaps not settled yet */
};

/* A series that holds a NAN is left whole. */
struct warm_up warm_up_find(const double *values, size_t count);

/* The least-squares line through a series: does it rise or fall? */
struct warm_up_trend {
    double slope;   /* per interval */
    double drift;   /* the line's rise from the first to the last value, as a share of the mean */
    double p_value; /* of the t test that the slope is 0, for independent deviations; 0 to 1 */
};

/* All NAN for fewer than three values, or with a NAN among them; drift NAN for a mean of 0. */
struct warm_up_trend warm_up_trend(const double *values, size_t count);

#endif
