/* SPDX-License-Identifier: MIT */
/*
 * Workers of which no more than 8 can work at a time, as behind a pool of 8 connections to a
 * database: the rate is that of one times min(N, 8). Measured for six N, the knee at 8 has to be
 * found, and the Universal Scalability Law, which has no knees, has to be rejected.
 */
#include "bench/selftest/checks.h"
#include "bench/selftest/model_run.h"
#include "bench/statistics/numeric.h"
#include "bench/statistics/scalability.h"
#include "common/clock.h"

#include <math.h>
#include <stdio.h>

enum {
    KNEE = 8,
    SERVICE_MS = 2,
    OUTSTANDING = 64, /* twice the most workers, as a comparison of worker counts has it */
    REPEATS = 5,
    QUICK_REPEATS = 2,
    WINDOW_MS = 300,
    QUICK_WINDOW_MS = 120,
    WARM_UP_MS = 50,
};

static const size_t worker_counts[] = {1, 2, 4, 8, 16, 32};

enum { COUNTS = sizeof(worker_counts) / sizeof(worker_counts[0]) };

static const double knee_low = 7.5;
static const double knee_high = 8.5;

static bool measure(struct selftest *selftest, size_t workers, struct scalability_point *point)
{
    struct model_settings settings = {
        .workers = workers,
        .active_limit = selftest->broken ? 0 : KNEE,
        .service_ns = (double)SERVICE_MS * NS_PER_MS,
    };
    struct model_load load = {
        .connections = OUTSTANDING,
        .warm_up_ns = (uint64_t)WARM_UP_MS * NS_PER_MS,
        .duration_ns = (uint64_t)(selftest->quick ? QUICK_WINDOW_MS : WINDOW_MS) * NS_PER_MS,
        .seed = selftest->seed,
    };
    struct model_run run;
    bool done = model_run(selftest, &settings, &load, &run);
    *point = (struct scalability_point){(double)workers, run.measurement.throughput_rps};
    model_run_free(&run);
    return done;
}

/* In blocks of every N once, shuffled: what drifts hits all alike. */
static bool measure_all(struct selftest *selftest, struct scalability_point *points, size_t repeats)
{
    struct bench_random random = {selftest->seed};
    size_t done = 0;
    for (size_t repeat = 0; repeat < repeats; repeat++) {
        size_t order[COUNTS];
        bench_random_order(&random, order, COUNTS);
        for (size_t i = 0; i < COUNTS; i++, done++) {
            selftest_part(selftest, done, repeats * COUNTS);
            if (!measure(selftest, worker_counts[order[i]], &points[done]))
                return false;
        }
    }
    return true;
}

static void judge(struct selftest *selftest, const struct scalability_point *points, size_t count)
{
    struct scalability_usl usl;
    struct scalability_knee knee;
    if (!scalability_fit_usl(points, count, &usl) || !scalability_fit_knee(points, count, &knee)) {
        selftest_conclude(selftest, SELFTEST_FAILED, "out of memory");
        return;
    }
    if (usl.not_fitted != NULL || knee.not_fitted != NULL) {
        selftest_conclude(selftest, SELFTEST_FAILED, "no curve: %s",
                          usl.not_fitted != NULL ? usl.not_fitted : knee.not_fitted);
        return;
    }
    bool right = !knee.knee_beyond && knee.knee_workers > knee_low &&
                 knee.knee_workers < knee_high && usl.lack.rejected;
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "%s at %.2f workers; the Universal Scalability Law %s (lack of fit F %.1f, "
                      "p %.2g), with its peak at %s%.0f",
                      knee.knee_beyond ? "no knee; the last was" : "knee", knee.knee_workers,
                      usl.lack.rejected ? "rejected" : "not rejected", usl.lack.f, usl.lack.p_value,
                      usl.peak_beyond ? "more than " : "", usl.peak_workers);
}

void check_knee(struct selftest *selftest)
{
    snprintf(selftest->expected, sizeof(selftest->expected),
             "knee at %.1f to %.1f workers, and the Universal Scalability Law rejected", knee_low,
             knee_high);
    if (!numeric_can_fit()) {
        selftest_conclude(selftest, SELFTEST_SKIPPED, "built without GSL, which fits the law");
        return;
    }
    struct scalability_point points[COUNTS * REPEATS];
    size_t repeats = selftest->quick ? QUICK_REPEATS : REPEATS;
    if (measure_all(selftest, points, repeats))
        judge(selftest, points, COUNTS * repeats);
}
