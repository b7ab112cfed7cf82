/* SPDX-License-Identifier: MIT */
/*
 * Whether requests leave when they are due. The generator's own lag says so; and since it could be
 * wrong, so do the times at which the server read them, compared with the schedule, which the seed
 * decides. Their place within the millisecond must be anywhere, not on the grid of a timer: the
 * rates do not divide a millisecond, so that evenly spaced requests fall anywhere in it too.
 */
#include "bench/base/bench_number.h"
#include "bench/selftest/checks.h"
#include "bench/selftest/model_run.h"
#include "bench/selftest/punctuality.h"
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum {
    CONNECTIONS = 50,
    HICCUP_NS = NS_PER_MS, /* when broken */
    QUICK_DIVISOR = 4,
};

static const struct {
    double rate_rps;
    enum arrival_law law;
    uint64_t requests;
} schedules[] = {
    {197, ARRIVAL_CONSTANT, 480},
    {197, ARRIVAL_POISSON, 480},
    {4900, ARRIVAL_CONSTANT, 9800},
    {4900, ARRIVAL_POISSON, 9800},
};

enum { SCHEDULES = sizeof(schedules) / sizeof(schedules[0]) };

static const double lag_limit_us = 100;  /* of the median */
static const double late_limit_us = 200; /* the same as the server sees it, with its own waking */

/* The worst of all schedules. */
struct findings {
    double lag_us;
    struct punctuality server;
};

/* False when memory runs out. */
static bool note_run(struct findings *findings, const struct model_load *load,
                     const struct model_run *run)
{
    struct arrivals schedule;
    struct punctuality seen;
    struct punctuality *worst = &findings->server;
    arrivals_init(&schedule, load->arrivals, load->rate_rps, load->seed, 0, 1);
    if (!punctuality_take(run->journal.arrival_ns, run->journal.arrivals, schedule, &seen))
        return false;
    findings->lag_us = fmax(findings->lag_us, run->measurement.lag.p50_us);
    worst->late_us = fmax(worst->late_us, seen.late_us);
    worst->slot_low = fmin(worst->slot_low, seen.slot_low);
    worst->slot_high = fmax(worst->slot_high, seen.slot_high);
    worst->even = worst->even && seen.even;
    return true;
}

static bool measure(struct selftest *selftest, size_t index, struct findings *findings)
{
    uint64_t requests = schedules[index].requests / (selftest->quick ? QUICK_DIVISOR : 1);
    struct model_settings settings = {.journal_limit = requests};
    struct model_load load = {
        .connections = CONNECTIONS,
        .rate_rps = schedules[index].rate_rps,
        .arrivals = schedules[index].law,
        .requests = requests,
        .hiccup_ns = selftest->broken ? HICCUP_NS : 0,
        .seed = selftest->seed,
    };
    struct model_run run;
    bool done = model_run(selftest, &settings, &load, &run);
    bool whole = done && run.journal.arrivals == requests;
    bool noted = whole && note_run(findings, &load, &run);
    if (done && !whole)
        selftest_conclude(selftest, SELFTEST_FAILED,
                          "%zu requests arrived where %" PRIu64 " were due", run.journal.arrivals,
                          requests);
    else if (done && !noted)
        selftest_conclude(selftest, SELFTEST_FAILED, "out of memory");
    model_run_free(&run);
    return noted;
}

static void judge(struct selftest *selftest, const struct findings *findings)
{
    const struct punctuality *server = &findings->server;
    bool right = findings->lag_us < lag_limit_us && server->late_us < late_limit_us && server->even;
    char lag[BENCH_NUMBER_SIZE];
    char late[BENCH_NUMBER_SIZE];
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "lag p50 %s, as the server sees it %s; %.1f to %.1f %% in a tenth of the "
                      "millisecond%s",
                      bench_number_us(lag, findings->lag_us),
                      bench_number_us(late, server->late_us), 100 * server->slot_low,
                      100 * server->slot_high, server->even ? "" : ": a grid");
}

/* Broken, the generator pauses. */
void check_punctual(struct selftest *selftest)
{
    char lag[BENCH_NUMBER_SIZE];
    char late[BENCH_NUMBER_SIZE];
    snprintf(selftest->expected, sizeof(selftest->expected),
             "lag p50 below %s, as the server sees it below %s, at 197/s and 4,900/s, evenly "
             "spaced and Poisson; about 10 %% in each tenth of the millisecond",
             bench_number_us(lag, lag_limit_us), bench_number_us(late, late_limit_us));
    struct findings findings = {.server = {.slot_low = 1, .even = true}};
    for (size_t i = 0; i < SCHEDULES; i++) {
        selftest_part(selftest, i, SCHEDULES);
        if (!measure(selftest, i, &findings))
            return;
    }
    judge(selftest, &findings);
}
