/* SPDX-License-Identifier: MIT */
/*
 * A generator that pauses at every turn of its loop sends late, so what it measures is itself: the
 * measurement has to be refused for that. The same without pauses has to be trusted.
 */
#include "bench/base/bench_number.h"
#include "bench/selftest/checks.h"
#include "bench/selftest/model_run.h"
#include "common/clock.h"

#include <stdio.h>
#include <string.h>

enum {
    WORKERS = 8,
    SERVICE_MS = 5,
    HICCUP_MS = 5,
    DURATION_MS = 1000,
    QUICK_DURATION_MS = 700,
};

static const double rate_rps = 800; /* half of what the workers can; enough replies for a p99 */
static const double lag_least_us = 1000; /* p50, with pauses: less would be another's fault */

struct verdict {
    size_t reasons;
    bool blames_generator;
    double lag_us;                        /* p50 */
    char reason[MEASUREMENT_REASON_SIZE]; /* that does, or the first; empty for none */
};

static void take_verdict(const struct measurement *measurement, struct verdict *verdict)
{
    *verdict =
        (struct verdict){.reasons = measurement->reason_count, .lag_us = measurement->lag.p50_us};
    for (size_t i = 0; i < measurement->reason_count && !verdict->blames_generator; i++) {
        verdict->blames_generator = strstr(measurement->reasons[i], "generator") != NULL;
        if (i == 0 || verdict->blames_generator)
            memcpy(verdict->reason, measurement->reasons[i], sizeof(verdict->reason));
    }
}

static bool measure(struct selftest *selftest, uint64_t hiccup_ns, struct verdict *verdict)
{
    struct model_settings settings = {
        .workers = WORKERS,
        .service_ns = (double)SERVICE_MS * NS_PER_MS,
    };
    struct model_load load = {
        .connections = 100,
        .rate_rps = rate_rps,
        .arrivals = ARRIVAL_POISSON,
        .duration_ns = (uint64_t)(selftest->quick ? QUICK_DURATION_MS : DURATION_MS) * NS_PER_MS,
        .hiccup_ns = hiccup_ns,
        .seed = selftest->seed,
    };
    struct model_run run;
    bool done = model_run(selftest, &settings, &load, &run);
    take_verdict(&run.measurement, verdict);
    model_run_free(&run);
    return done;
}

/* Broken, the generator does not pause. */
void check_slow_generator(struct selftest *selftest)
{
    char least[BENCH_NUMBER_SIZE];
    snprintf(selftest->expected, sizeof(selftest->expected),
             "refused because of the generator when it pauses for %d ms at every turn, with a lag "
             "p50 above %s, and not refused when it does not",
             (int)HICCUP_MS, bench_number_us(least, lag_least_us));
    struct verdict slow;
    struct verdict sound;
    uint64_t hiccup_ns = selftest->broken ? 0 : (uint64_t)HICCUP_MS * NS_PER_MS;
    selftest_part(selftest, 0, 2);
    if (!measure(selftest, hiccup_ns, &slow))
        return;
    selftest_part(selftest, 1, 2);
    if (!measure(selftest, 0, &sound))
        return;
    bool right = slow.blames_generator && slow.lag_us > lag_least_us && sound.reasons == 0;
    char lag[BENCH_NUMBER_SIZE];
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "with pauses lag p50 %s, %s%s; without %s%s",
                      bench_number_us(lag, slow.lag_us), slow.reasons > 0 ? "refused: " : "trusted",
                      slow.reason, sound.reasons > 0 ? "refused: " : "trusted", sound.reason);
}
