/* SPDX-License-Identifier: MIT */
#include "bench/engine/validity.h"

#include "bench/base/bench_number.h"
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>

static const double busy_limit = 0.9;  /* of a core, by one generator thread */
static const double late_limit = 0.01; /* of the requests, not sent by the generator's fault */
static const double lag_limit = 0.1;   /* of a percentile of the response, added by the generator */
static const double timer_accuracy_us = 50;
static const double little_tolerance = 0.02;
static const double growth_share = 0.02;   /* of the requests sent, left unanswered more ... */
static const double growth_deviations = 2; /* ... and this many times the square root of them */

static void judge_replies(struct measurement *measurement)
{
    uint64_t wrong =
        measurement->failures[BENCH_WRONG_REPLY] + measurement->failures[BENCH_MALFORMED];
    if (wrong > 0)
        measurement_refuse(measurement, "%" PRIu64 " replies did not match what was sent", wrong);
    if (measurement->connections_end < measurement->connections)
        measurement_refuse(measurement, "only %zu of %zu connections were open at the end",
                           measurement->connections_end, measurement->connections);
    if (measurement->response.count < VALIDITY_REPLIES)
        measurement_refuse(
            measurement, "only %" PRIu64 " replies in %.3g s: %d are needed; measure for longer",
            measurement->response.count, measurement->measured_s, (int)VALIDITY_REPLIES);
}

/*
 * What the generator's lateness adds to each percentile that is reported has to be small, or below
 * what a timer can do. One that too few samples stand behind is NAN, and not judged.
 */
static void judge_lag(struct measurement *measurement)
{
    const struct bench_response *response = &measurement->response;
    const struct bench_response *wire = &measurement->wire;
    const struct {
        const char *name;
        double response_us;
        double wire_us;
    } levels[] = {
        {"p50", response->p50_us, wire->p50_us},
        {"p90", response->p90_us, wire->p90_us},
        {"p99", response->p99_us, wire->p99_us},
        {"p99.9", response->p99_9_us, wire->p99_9_us},
    };
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        double added_us = levels[i].response_us - levels[i].wire_us;
        if (!(added_us > lag_limit * levels[i].response_us && added_us > timer_accuracy_us))
            continue;
        char added_text[BENCH_NUMBER_SIZE];
        char response_text[BENCH_NUMBER_SIZE];
        measurement_refuse(measurement,
                           "the generator was late: that adds %s to the wire's %s, over %.0f %% of "
                           "the response's %s",
                           bench_number_us(added_text, added_us), levels[i].name, 100 * lag_limit,
                           bench_number_us(response_text, levels[i].response_us));
        return;
    }
}

static void judge_generator(struct measurement *measurement, uint64_t late_ns)
{
    if (measurement->generator_busy > busy_limit)
        measurement_refuse(measurement,
                           "the generator was saturated: a thread of it was busy for %.0f %% of "
                           "the time",
                           100 * measurement->generator_busy);
    double late_share = (double)late_ns / NS_PER_S / measurement->measured_s;
    if (measurement->open_loop && late_share > late_limit)
        measurement_refuse(measurement,
                           "the generator was saturated: it sent %.1f %% less than was due",
                           100 * late_share);
    if (measurement->open_loop)
        judge_lag(measurement);
}

/* K = X (R + Z) with no think time: the number outstanding is known, so rate and time must fit. */
static void judge_little(struct measurement *measurement, const struct engine_settings *settings)
{
    double outstanding = (double)settings->connections * (double)settings->pipeline;
    measurement->little_ratio =
        measurement->throughput_rps * measurement->response.mean_us / 1e6 / outstanding;
    /* Requests that lie across an end of the window count on one side only: half of them each. */
    double edges = measurement->response.mean_us / 1e6 / (2 * measurement->measured_s);
    if (fabs(measurement->little_ratio - 1) > little_tolerance + edges)
        measurement_refuse(measurement,
                           "Little's law is off by %.1f %%: rate x response time is %.4g requests, "
                           "but %.4g were outstanding (not settled yet: measure for longer)",
                           100 * (measurement->little_ratio - 1),
                           measurement->little_ratio * outstanding, outstanding);
}

static bool backlog_grew(const struct measurement *measurement)
{
    double sent = measurement->sent_rps * measurement->measured_s;
    double growth = (double)measurement->outstanding_end - (double)measurement->outstanding_begin;
    return growth > growth_share * sent + growth_deviations * sqrt(sent);
}

void validity_judge(struct measurement *measurement, const struct engine_settings *settings,
                    uint64_t late_ns, bool early)
{
    judge_replies(measurement);
    judge_generator(measurement, late_ns);
    bool answered = measurement->response.count > 0;
    if (!measurement->open_loop && !early && answered && measurement->failures_total == 0)
        judge_little(measurement, settings);
    measurement->unstable =
        measurement->open_loop && (measurement->held_back > 0 || backlog_grew(measurement));
}
