/* SPDX-License-Identifier: MIT */
/*
 * What one load run found in one window of time, in the units that reports use, and whether it
 * can be trusted. Times are microseconds; a figure that is not known is NAN.
 *
 *   response = received - scheduled      what a user waits for
 *   wire     = received - sent           what the server and the network took
 *   lag      = sent - scheduled          what the load generator itself added
 *
 * In a closed loop a request is scheduled when it is sent, so response and wire are the same and
 * there is no lag. One thread at a time.
 */
#ifndef CREW_BENCH_MEASUREMENT_H
#define CREW_BENCH_MEASUREMENT_H

#include "bench/engine/bench_failures.h"
#include "bench/engine/bench_response.h"
#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEASUREMENT_REASONS = 8, MEASUREMENT_REASON_SIZE = 200 };

/* One interval of a run. Its length is the distance to the row before (to 0 for the first). */
struct series_row {
    double end_s; /* since the load began */
    double throughput_rps;
    double p50_us; /* of the response time; NAN where nothing was answered */
    double p99_us;
    double max_us;
    uint64_t failures;
    bool warm_up; /* before the window */
};

struct measurement {
    bool open_loop;
    double warm_up_s;      /* from the load's begin to the window's */
    double measured_s;     /* the window's length; 0 when nothing was measured */
    double offered_rps;    /* what the schedule asked for; NAN in a closed loop */
    double sent_rps;       /* what was sent */
    double throughput_rps; /* right replies */
    struct bench_response response;
    struct bench_response wire;
    struct bench_response lag;            /* count 0 in a closed loop */
    struct histogram *response_histogram; /* owned; NULL when nothing was measured */
    struct histogram *wire_histogram;     /* owned; NULL in a closed loop */
    uint64_t failures[BENCH_FAILURES];    /* of the whole run, warm-up included */
    uint64_t failures_total;
    char first_failure[BENCH_FAILURE_TEXT_SIZE]; /* empty if nothing failed */
    uint64_t held_back;          /* requests not sent, since --inflight were outstanding */
    uint64_t outstanding_begin;  /* when the window began */
    uint64_t outstanding_end;    /* when it ended */
    double oldest_unanswered_us; /* age at the end; 0 for none */
    size_t connections;          /* asked for */
    size_t connections_end;      /* still open at the end */
    size_t threads;
    double generator_busy;   /* share of the window that the busiest generator thread ran or
                              * waited for a CPU, idle spinning left out */
    double generator_cpu_us; /* CPU time of all generator threads per request, idle spinning
                              * left out */
    double little_ratio;     /* throughput x mean response / outstanding; closed loop only */

    bool unstable;       /* open loop: the backlog grew all the time; a result, not a mistake */
    size_t reason_count; /* why it cannot be trusted; valid when 0 */
    char reasons[MEASUREMENT_REASONS][MEASUREMENT_REASON_SIZE];

    struct series_row *series; /* owned */
    size_t series_count;
};

/* Frees what it owns and leaves it empty; harmless on a zeroed one. */
void measurement_free(struct measurement *measurement);

/* Adds a printf-formatted reason why it cannot be trusted; ignored beyond MEASUREMENT_REASONS. */
void measurement_refuse(struct measurement *measurement, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool measurement_valid(const struct measurement *measurement)
{
    return measurement->reason_count == 0;
}

#endif
