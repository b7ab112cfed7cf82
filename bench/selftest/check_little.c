/* SPDX-License-Identifier: MIT */
/*
 * Little's law twice over. In a closed loop the requests outstanding are known, so they have to be
 * rate x response time; and the workers are all busy, so they have to be rate x service time, which
 * the server knows. The second pins the rate down without the response time.
 */
#include "bench/selftest/checks.h"
#include "bench/selftest/model_run.h"
#include "bench/statistics/queueing.h"
#include "common/clock.h"

#include <math.h>
#include <stdio.h>

enum {
    WORKERS = 8,
    SERVICE_MS = 5,
    OUTSTANDING = 16,
    WARM_UP_MS = 200,
    DURATION_MS = 2500,
    QUICK_DURATION_MS = 500,
    JOURNAL = 20000,
};

static const double loop_tolerance = 0.02;
static const double busy_tolerance = 0.05; /* between two requests a worker needs a moment */

static void judge(struct selftest *selftest, const struct model_run *run)
{
    const struct measurement *measurement = &run->measurement;
    const struct model_journal *journal = &run->journal;
    double sum_us = 0;
    for (size_t i = 0; i < journal->services; i++)
        sum_us += (double)journal->service_ns[i] / NS_PER_US;
    double rate_rps = measurement->throughput_rps;
    double inside = queueing_little(rate_rps, measurement->response.mean_us);
    double busy = queueing_little(rate_rps, sum_us / (double)journal->services);
    bool right = fabs(inside / OUTSTANDING - 1) < loop_tolerance &&
                 fabs(busy / WORKERS - 1) < busy_tolerance && measurement->failures_total == 0;
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "rate x response time %.2f outstanding (%+.2f %%), rate x service time %.2f "
                      "busy (%+.2f %%)",
                      inside, 100 * (inside / OUTSTANDING - 1), busy, 100 * (busy / WORKERS - 1));
}

/* Broken, one request is kept for ever, so there is one less in the loop than asked for. */
void check_little(struct selftest *selftest)
{
    snprintf(selftest->expected, sizeof(selftest->expected),
             "rate x response time = %d outstanding within %.0f %%, rate x service time = %d busy "
             "workers within %.0f %%",
             (int)OUTSTANDING, 100 * loop_tolerance, (int)WORKERS, 100 * busy_tolerance);
    struct model_settings settings = {
        .workers = WORKERS,
        .service_ns = (double)SERVICE_MS * NS_PER_MS,
        .mutes_one = selftest->broken,
        .journal_limit = JOURNAL,
    };
    struct model_load load = {
        .connections = OUTSTANDING,
        .warm_up_ns = (uint64_t)WARM_UP_MS * NS_PER_MS,
        .duration_ns = (uint64_t)(selftest->quick ? QUICK_DURATION_MS : DURATION_MS) * NS_PER_MS,
        .seed = selftest->seed,
    };
    struct model_run run;
    if (model_run(selftest, &settings, &load, &run))
        judge(selftest, &run);
    model_run_free(&run);
}
