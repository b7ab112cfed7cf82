/* SPDX-License-Identifier: MIT */
/*
 * Poisson arrivals, exponential service, 4 workers: the mean wait is known (Erlang C, and by Allen
 * and Cunneen for service times that the sleeping's own overhead made a little less irregular).
 *
 * A mean wait is measured slowly, for waits go together: seconds of it are good to some 20 %. So
 * the luck of the draw is taken out with a control variate. The arrivals are those of the schedule
 * and the service times those that were given, so what each request should have waited is worked
 * out from them by a recursion that knows no law, and
 *
 *   wait = (response - service) - (recursion's wait - Erlang C)
 *
 * has the same mean as (response - service), with the way to and fro. That the recursion's own
 * mean is Erlang C is seen from millions of requests, which cost nothing.
 */
#include "bench/base/bench_number.h"
#include "bench/engine/arrivals.h"
#include "bench/selftest/checks.h"
#include "bench/selftest/model_run.h"
#include "bench/selftest/queue_recursion.h"
#include "bench/statistics/numeric.h"
#include "bench/statistics/queueing.h"
#include "bench/statistics/sample.h"
#include "common/clock.h"

#include <math.h>
#include <stdio.h>

enum {
    WORKERS = 4,
    SERVICE_US = 10000,
    RUNS = 8,
    QUICK_RUNS = 4,
    REQUESTS = 350, /* of a run; more than a second */
    QUICK_REQUESTS = 150,
    SIMULATED = 4000000,
    QUICK_SIMULATED = 400000,
    SIMULATED_BATCH = 100000, /* between two looks at Ctrl-C */
    CONNECTIONS = 200,        /* more than ever wait, so that none waits behind another */
    HIDDEN_US = 1500,         /* of every service, when broken */
};

static const double utilization = 0.7;
/* Of the service time: what the way to the server and back may take, and the interval's reach. */
static const double way_limit = 0.05;
/* Of the expected wait: standard errors are 0.7 % and, quick, 2 %. */
static const double recursion_tolerance = 0.03;
static const double quick_recursion_tolerance = 0.08;

/* What the runs found; times in microseconds. */
struct findings {
    size_t runs;
    size_t requests;
    double excess[RUNS];   /* of each run: what it waited longer than the recursion says */
    double service;        /* sum of what was given */
    double drawn;          /* sum of what the law drew */
    double wait;           /* sum of (response - service) over the runs */
    struct queueing queue; /* with the service time as it was given */
    double expected;       /* wait by the formula */
    double expected_ideal; /* the same for exactly exponential times */
    double recursion;      /* the recursion's own mean for those, over millions */
};

static double rate_rps(void)
{
    return utilization * WORKERS / SERVICE_US * NS_PER_S / NS_PER_US;
}

static struct model_settings server_settings(const struct selftest *selftest, size_t run)
{
    return (struct model_settings){
        .workers = WORKERS,
        .service_ns = (double)SERVICE_US * NS_PER_US,
        .exponential = true,
        .seed = ~(selftest->seed * RUNS + run), /* not that of the arrivals */
        .hidden_ns = selftest->broken ? HIDDEN_US * NS_PER_US : 0,
        .journal_limit = REQUESTS,
    };
}

/* What the requests of a run should have waited on average, by when they were due. */
static double recursion_wait_us(const struct model_load *load, const struct model_journal *journal)
{
    struct arrivals arrivals;
    struct queue_recursion queue = {.workers = WORKERS};
    arrivals_init(&arrivals, load->arrivals, load->rate_rps, load->seed, 0, 1);
    for (size_t i = 0; i < journal->services; i++) {
        queue_recursion_add(&queue, arrivals.due_ns, (double)journal->service_ns[i]);
        arrivals_advance(&arrivals);
    }
    return queue.waits / (double)queue.count / NS_PER_US;
}

static void note_run(struct findings *findings, const struct model_settings *settings,
                     const struct model_load *load, const struct model_run *run)
{
    const struct model_journal *journal = &run->journal;
    struct bench_random random = {settings->seed};
    double service = 0;
    for (size_t i = 0; i < journal->services; i++) {
        service += (double)journal->service_ns[i] / NS_PER_US;
        findings->drawn += (double)model_draw_ns(settings, &random) / NS_PER_US;
    }
    findings->service += service;
    double wait = run->measurement.response.mean_us - service / (double)journal->services;
    findings->wait += wait;
    findings->excess[findings->runs++] = wait - recursion_wait_us(load, journal);
}

static bool measure(struct selftest *selftest, size_t index, struct findings *findings)
{
    struct model_settings settings = server_settings(selftest, index);
    struct model_load load = {
        .connections = CONNECTIONS,
        .rate_rps = rate_rps(),
        .arrivals = ARRIVAL_POISSON,
        .requests = findings->requests,
        .seed = ~settings.seed,
    };
    struct model_run run;
    bool done = model_run(selftest, &settings, &load, &run);
    bool whole = done && run.journal.services == load.requests &&
                 run.measurement.response.count == load.requests;
    if (whole)
        note_run(findings, &settings, &load, &run);
    else if (done)
        selftest_conclude(selftest, SELFTEST_FAILED, "%zu of %zu requests were answered",
                          (size_t)run.measurement.response.count, (size_t)load.requests);
    model_run_free(&run);
    return whole;
}

/* The recursion's mean wait for drawn, exactly exponential times. False after Ctrl-C. */
static bool simulate(struct selftest *selftest, struct findings *findings)
{
    size_t count = selftest->quick ? QUICK_SIMULATED : SIMULATED;
    struct model_settings settings = server_settings(selftest, RUNS);
    struct bench_random random = {settings.seed};
    struct arrivals arrivals;
    struct queue_recursion queue = {.workers = WORKERS};
    arrivals_init(&arrivals, ARRIVAL_POISSON, rate_rps(), ~settings.seed, 0, 1);
    for (size_t i = 0; i < count; i++) {
        queue_recursion_add(&queue, arrivals.due_ns, (double)model_draw_ns(&settings, &random));
        arrivals_advance(&arrivals);
        if (i % SIMULATED_BATCH == 0 && !selftest_goes_on(selftest, (double)i / (double)count))
            return false;
    }
    findings->recursion = queue.waits / (double)queue.count / NS_PER_US;
    return true;
}

/* With what the timer adds to every service, which makes it longer and more alike. */
static void expect(struct findings *findings)
{
    double services = (double)(findings->runs * findings->requests);
    double overhead_us = (findings->service - findings->drawn) / services;
    struct queueing queue = {rate_rps(), SERVICE_US, WORKERS};
    findings->expected_ideal = queueing_mean_wait_us(&queue);
    queue.service_us += overhead_us;
    findings->queue = queue;
    findings->expected = queueing_mean_wait_us(&queue) *
                         queueing_variability(1, SERVICE_US / (SERVICE_US + overhead_us));
}

static void judge(struct selftest *selftest, const struct findings *findings)
{
    double runs = (double)findings->runs;
    double excess = sample_mean(findings->excess, findings->runs);
    double reach = numeric_t_quantile(0.975, runs - 1) *
                   sample_deviation(findings->excess, findings->runs) / sqrt(runs);
    double limit = way_limit * SERVICE_US;
    double tolerance = selftest->quick ? quick_recursion_tolerance : recursion_tolerance;
    double off = findings->recursion / findings->expected_ideal - 1;
    bool right =
        excess - reach < limit && excess + reach > 0 && reach < limit && fabs(off) < tolerance;
    char expected[BENCH_NUMBER_SIZE];
    char way[BENCH_NUMBER_SIZE];
    char service[BENCH_NUMBER_SIZE];
    snprintf(
        selftest->expected, sizeof(selftest->expected),
        "mean wait %s by Erlang C (%d workers %.1f %% busy, service %s), and up to %s on the way; "
        "the recursion alone within %.0f %%",
        bench_number_us(expected, findings->expected), WORKERS,
        100 * queueing_utilization(&findings->queue),
        bench_number_us(service, findings->queue.service_us), bench_number_us(way, limit),
        100 * tolerance);
    char found[BENCH_NUMBER_SIZE];
    char low[BENCH_NUMBER_SIZE];
    char high[BENCH_NUMBER_SIZE];
    char plain[BENCH_NUMBER_SIZE];
    double wait = findings->expected + excess;
    selftest_conclude(
        selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
        "%s, 95 %% interval %s to %s over %zu runs (%s without the control variate; the "
        "recursion alone is %+.1f %% off Erlang C)",
        bench_number_us(found, wait), bench_number_us(low, wait - reach),
        bench_number_us(high, wait + reach), findings->runs,
        bench_number_us(plain, findings->wait / runs), 100 * off);
}

void check_erlang_c(struct selftest *selftest)
{
    struct findings findings = {.requests = selftest->quick ? QUICK_REQUESTS : REQUESTS};
    size_t runs = selftest->quick ? QUICK_RUNS : RUNS;
    snprintf(selftest->expected, sizeof(selftest->expected), "waits by Erlang C");
    for (size_t i = 0; i < runs; i++) {
        selftest_part(selftest, i, runs + 1);
        if (!measure(selftest, i, &findings))
            return;
    }
    selftest_part(selftest, runs, runs + 1);
    if (!simulate(selftest, &findings))
        return;
    expect(&findings);
    judge(selftest, &findings);
}
