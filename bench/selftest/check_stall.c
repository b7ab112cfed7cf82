/* SPDX-License-Identifier: MIT */
/*
 * A server that stands still for a tenth of the run. Of requests that come whatever the server
 * does, a tenth comes meanwhile and waits for what is left of the stall, from all of it to nothing
 * alike: the slowest hundredth, a tenth of those, waits for more than nine tenths of the stall
 * (evenly spaced arrivals, so that chance has no part in it).
 * A closed loop stands still too, so its few outstanding requests are all that meet the stall
 * ("coordinated omission").
 */
#include "bench/base/bench_number.h"
#include "bench/selftest/checks.h"
#include "bench/selftest/model_run.h"
#include "common/clock.h"

#include <stdio.h>

enum {
    STALL_MS = 1000,
    QUICK_STALL_MS = 200,
    RUN_STALLS = 10, /* a run is so many stalls long */
    WORKERS = 4,     /* of the closed loop's server */
    SERVICE_MS = 2,
};

static const double open_rate_rps = 1000;
static const double share_of_stall = 0.9; /* p99 of the open loop */
static const double tolerance = 0.05;     /* of the stall */
static const double lag_share = 0.01;     /* of the stall */
static const double hidden_us = 10000;    /* a p99 below this says nothing of the stall */

static uint64_t stall_ns(const struct selftest *selftest)
{
    return (uint64_t)(selftest->quick ? QUICK_STALL_MS : STALL_MS) * NS_PER_MS;
}

static double stall_us(const struct selftest *selftest)
{
    return (double)stall_ns(selftest) / NS_PER_US;
}

static struct model_settings server_that_stalls(const struct selftest *selftest)
{
    uint64_t stall = stall_ns(selftest);
    return (struct model_settings){.stall_after_ns = stall * RUN_STALLS / 2 - stall / 2,
                                   .stall_ns = stall};
}

static bool measure_open(struct selftest *selftest, const struct model_settings *settings,
                         struct model_run *run)
{
    struct model_load load = {
        .connections = 50,
        .rate_rps = open_rate_rps,
        .arrivals = ARRIVAL_CONSTANT,
        .duration_ns = stall_ns(selftest) * RUN_STALLS,
        .seed = selftest->seed,
    };
    return model_run(selftest, settings, &load, run);
}

static void judge_open(struct selftest *selftest, const struct measurement *measurement)
{
    char p99[BENCH_NUMBER_SIZE];
    char lag[BENCH_NUMBER_SIZE];
    double share = measurement->response.p99_us / stall_us(selftest);
    bool right = share > share_of_stall - tolerance && share < share_of_stall + tolerance &&
                 measurement->lag.p99_us < lag_share * stall_us(selftest) &&
                 !measurement->unstable && measurement->failures_total == 0;
    selftest_conclude(
        selftest, right ? SELFTEST_OK : SELFTEST_FAILED, "response p99 %s, lag p99 %s%s",
        bench_number_us(p99, measurement->response.p99_us),
        bench_number_us(lag, measurement->lag.p99_us), measurement->unstable ? ", unstable" : "");
}

void check_stall_open(struct selftest *selftest)
{
    char low[BENCH_NUMBER_SIZE];
    char high[BENCH_NUMBER_SIZE];
    char lag[BENCH_NUMBER_SIZE];
    char stall[BENCH_NUMBER_SIZE];
    double us = stall_us(selftest);
    snprintf(selftest->expected, sizeof(selftest->expected),
             "response p99 %s to %s of a stall of %s in a run of %d times that; lag p99 below %s",
             bench_number_us(low, (share_of_stall - tolerance) * us),
             bench_number_us(high, (share_of_stall + tolerance) * us), bench_number_us(stall, us),
             RUN_STALLS, bench_number_us(lag, lag_share * us));
    struct model_settings settings = server_that_stalls(selftest);
    settings.stall_ns = selftest->broken ? 0 : settings.stall_ns;
    struct model_run run;
    if (measure_open(selftest, &settings, &run))
        judge_open(selftest, &run.measurement);
    model_run_free(&run);
}

static void judge_closed(struct selftest *selftest, const struct measurement *measurement)
{
    char p99[BENCH_NUMBER_SIZE];
    char most[BENCH_NUMBER_SIZE];
    char count[BENCH_NUMBER_SIZE];
    bool right = measurement->response.p99_us < hidden_us &&
                 measurement->response.max_us > share_of_stall * stall_us(selftest) &&
                 measurement->failures_total == 0;
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "response p99 %s, max %s, of %s requests: %s",
                      bench_number_us(p99, measurement->response.p99_us),
                      bench_number_us(most, measurement->response.max_us),
                      bench_number_count(count, measurement->response.count),
                      right ? "the p99 does not know of the stall" : "the stall is not hidden");
}

/* Broken, the loop is open. */
void check_stall_closed(struct selftest *selftest)
{
    char p99[BENCH_NUMBER_SIZE];
    char most[BENCH_NUMBER_SIZE];
    snprintf(selftest->expected, sizeof(selftest->expected),
             "response p99 below %s although max is above %s (coordinated omission)",
             bench_number_us(p99, hidden_us),
             bench_number_us(most, share_of_stall * stall_us(selftest)));
    struct model_settings settings = server_that_stalls(selftest);
    settings.workers = WORKERS;
    settings.service_ns = SERVICE_MS * NS_PER_MS;
    struct model_load load = {
        .connections = WORKERS,
        .duration_ns = stall_ns(selftest) * RUN_STALLS,
        .seed = selftest->seed,
    };
    struct model_run run;
    bool done = selftest->broken ? measure_open(selftest, &settings, &run)
                                 : model_run(selftest, &settings, &load, &run);
    if (done)
        judge_closed(selftest, &run.measurement);
    model_run_free(&run);
}
