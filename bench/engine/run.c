/* SPDX-License-Identifier: MIT */
#include "bench/engine/run.h"

#include "bench/base/bench_interrupt.h"
#include "bench/engine/bench_login.h"
#include "bench/engine/recording.h"
#include "bench/statistics/sample.h"
#include "bench/statistics/warm_up.h"
#include "common/clock.h"
#include "common/password_variable.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICK_MS = 50,
    SERIES_ROWS = 20,   /* in a window, at least */
    SETTLING_ROWS = 50, /* the same where a warm-up is looked for */
    SHORTEST_ROW_MS = 10,
    PATIENCE = 10, /* times the planned length, for a warm-up */
};

static const double drift_limit = 0.25; /* of the mean, over the window */
static const double drift_p_value = 0.01;
static const double transient_deviations = 3; /* of the mean of a batch */
static const double transient_share = 0.02;   /* of the rate */
static const double transient_part = 0.5;     /* of the largest difference that is dropped */

struct run {
    const struct run_plan *plan;
    struct engine *engine;
    struct recording recording;
    uint64_t begin_ns;
    char *error;
};

static uint64_t interval_ns(const struct run_plan *plan)
{
    if (plan->interval_ns > 0)
        return plan->interval_ns;
    uint64_t rows = plan->settle ? SETTLING_ROWS : SERIES_ROWS;
    uint64_t interval = plan->duration_ns > 0 ? plan->duration_ns / rows : NS_PER_S;
    if (interval > NS_PER_S && !plan->settle)
        interval = NS_PER_S;
    uint64_t shortest = (uint64_t)SHORTEST_ROW_MS * NS_PER_MS;
    return interval > shortest ? interval : shortest;
}

static void show_progress(const struct run *run, uint64_t now_ns)
{
    const struct run_plan *plan = run->plan;
    if (plan->progress == NULL)
        return;
    uint64_t replies = engine_replies(run->engine);
    double done = plan->duration_ns > 0 ? (double)(now_ns - run->begin_ns) /
                                              (double)(plan->warm_up_ns + plan->duration_ns)
                                        : (double)replies / (double)plan->load.requests;
    plan->progress(plan->context, done < 1 ? done : 1, replies, engine_failures(run->engine));
}

/* Lets the load run until the deadline; anything but RUN_DONE ended it before. */
static enum run_result follow(struct run *run, uint64_t deadline_ns, bool *ended)
{
    for (;;) {
        uint64_t next_ns = recording_tick(&run->recording);
        uint64_t now_ns = monotonic_ns();
        show_progress(run, now_ns);
        if (now_ns >= deadline_ns)
            return RUN_DONE;
        if (bench_interrupted())
            return RUN_INTERRUPTED;
        uint64_t wake_ns = next_ns < deadline_ns ? next_ns : deadline_ns;
        uint64_t left_ms = wake_ns > now_ns ? (wake_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
        if (engine_wait(run->engine, left_ms < TICK_MS ? (int)left_ms : TICK_MS)) {
            *ended = true;
            return RUN_DONE;
        }
    }
}

/*
 * In a closed loop, every place has to have been answered once and again: until then, response
 * times still grow with the queue. A server that takes for ever is left to the judgement.
 */
static enum run_result warm_up(struct run *run, bool *ended)
{
    const struct run_plan *plan = run->plan;
    uint64_t begin_ns = engine_begin_ns(run->engine);
    uint64_t latest_ns = begin_ns + PATIENCE * (plan->warm_up_ns + plan->duration_ns);
    uint64_t enough = plan->settle && plan->load.rate_rps <= 0
                          ? (uint64_t)2 * plan->load.connections * plan->load.pipeline
                          : 0;
    enum run_result result = follow(run, begin_ns + plan->warm_up_ns, ended);
    while (result == RUN_DONE && !*ended && engine_replies(run->engine) < enough &&
           monotonic_ns() < latest_ns)
        result = follow(run, monotonic_ns() + (uint64_t)TICK_MS * NS_PER_MS, ended);
    return result;
}

/* Warm-up and window; *ended is set when the generators ended by themselves. */
static enum run_result measure(struct run *run, bool *ended)
{
    const struct run_plan *plan = run->plan;
    enum run_result result = RUN_DONE;
    if (plan->duration_ns > 0)
        result = warm_up(run, ended);
    if (result != RUN_DONE || *ended) {
        recording_finish(&run->recording); /* without a window, but failures count */
        return result;
    }
    if (plan->window_begins != NULL)
        plan->window_begins(plan->context);
    bool from_the_first = plan->warm_up_ns == 0 && run->recording.row_count == 0;
    if (!recording_begin_window(&run->recording, from_the_first)) {
        snprintf(run->error, BENCH_ERROR_SIZE, "out of memory");
        return RUN_FAILED;
    }
    uint64_t deadline_ns = plan->duration_ns > 0 ? monotonic_ns() + plan->duration_ns : UINT64_MAX;
    result = follow(run, deadline_ns, ended);
    recording_finish(&run->recording);
    if (result == RUN_DONE && !*ended && plan->window_ended != NULL)
        plan->window_ended(plan->context);
    return result;
}

/* The window's rates, as the statistics take them; NULL when memory runs out. */
static double *window_rates(const struct recording *recording, size_t *count)
{
    *count = recording->row_count - recording->window_row;
    double *rates = malloc((*count + 1) * sizeof(*rates));
    for (size_t i = 0; rates != NULL && i < *count; i++)
        rates[i] = recording->rows[recording->window_row + i].throughput_rps;
    return rates;
}

/*
 * Whether the rate was another one at the very beginning, and that is the most of it. A stall in
 * the middle of a window would look like a long warm-up too, and with it the slowest requests would
 * be dropped.
 */
static bool begins_differently(const double *rates, size_t count, size_t dropped)
{
    double rest = sample_mean(rates + dropped, count - dropped);
    double deviation = sample_deviation(rates + dropped, count - dropped);
    double first = fabs(sample_mean(rates, WARM_UP_BATCH) - rest);
    double largest = first;
    for (size_t i = WARM_UP_BATCH; i < dropped; i += WARM_UP_BATCH)
        largest = fmax(largest, fabs(sample_mean(rates + i, WARM_UP_BATCH) - rest));
    return first > transient_deviations * deviation / sqrt(WARM_UP_BATCH) &&
           first > transient_share * rest && first > transient_part * largest;
}

static bool settle(struct recording *recording, struct warm_up_trend *trend)
{
    size_t count = 0;
    double *rates = window_rates(recording, &count);
    if (rates == NULL)
        return false;
    size_t drop = warm_up_find(rates, count).drop;
    if (drop > 0 && !begins_differently(rates, count, drop))
        drop = 0;
    *trend = warm_up_trend(rates + drop, count - drop);
    recording_move_window(recording, drop);
    free(rates);
    return true;
}

static enum run_result fail(const struct run *run, enum run_result result, const char *why)
{
    snprintf(run->error, BENCH_ERROR_SIZE, "%s", why);
    return result;
}

static enum run_result conclude(struct run *run, enum run_result result, bool ended,
                                struct measurement *measurement)
{
    struct engine_end end;
    struct warm_up_trend trend = {NAN, NAN, NAN};
    engine_stop(run->engine, &end);
    bool closed_loop = run->plan->load.rate_rps <= 0;
    bool settles = run->plan->settle && closed_loop && result == RUN_DONE;
    bool good = !settles || settle(&run->recording, &trend);
    good = recording_measure(&run->recording, &end, ended, measurement) && good;
    if (closed_loop && trend.p_value < drift_p_value && fabs(trend.drift) > drift_limit)
        measurement_refuse(measurement,
                           "the rate still drifted: by %.0f %% of its mean over the window (a "
                           "longer --duration helps)",
                           100 * trend.drift);
    /* They ended by themselves: had they sent everything, or was nobody left to send it to? */
    if (ended)
        result = end.connections_open > 0 ? RUN_DONE : RUN_LOST;
    if (!good)
        return fail(run, RUN_FAILED, "out of memory");
    if (result == RUN_LOST && bench_login_is_due(end.first_failure, strlen(end.first_failure)))
        return fail(run, RUN_UNREACHABLE,
                    "the server asks for a password: the environment variable " PASSWORD_VARIABLE
                    " has to hold it");
    return result;
}

static enum run_result run_engine(struct run *run, struct measurement *measurement)
{
    size_t keep = run->plan->settle ? SETTLING_ROWS / 2 : 0;
    bool ended = false;
    if (!engine_launch(run->engine, run->error))
        return RUN_FAILED;
    run->begin_ns = engine_begin_ns(run->engine);
    enum run_result result = RUN_FAILED;
    if (recording_begin(&run->recording, run->engine, &run->plan->load, interval_ns(run->plan),
                        keep))
        result = measure(run, &ended);
    else
        snprintf(run->error, BENCH_ERROR_SIZE, "out of memory");
    if (result != RUN_FAILED)
        result = conclude(run, result, ended, measurement);
    recording_free(&run->recording);
    return result;
}

enum run_result run_load(const struct run_plan *plan, struct measurement *measurement,
                         char error[BENCH_ERROR_SIZE])
{
    struct run run = {.plan = plan, .error = error};
    *measurement = (struct measurement){0};
    error[0] = '\0';
    run.engine = engine_open(&plan->load, error);
    if (run.engine == NULL)
        return RUN_UNREACHABLE;
    enum run_result result = run_engine(&run, measurement);
    engine_close(run.engine);
    return result;
}
