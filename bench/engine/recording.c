/* SPDX-License-Identifier: MIT */
#include "bench/engine/recording.h"

#include "bench/engine/validity.h"
#include "common/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool recording_begin(struct recording *recording, struct engine *engine,
                     const struct engine_settings *settings, uint64_t interval_ns, size_t keep)
{
    *recording = (struct recording){
        .engine = engine, .settings = settings, .interval_ns = interval_ns, .kept_limit = keep};
    recording->zero = calloc(1, sizeof(*recording->zero));
    recording->latest = calloc(1, sizeof(*recording->latest));
    if (keep > 0)
        recording->kept = calloc(keep, sizeof(*recording->kept));
    if (recording->zero == NULL || recording->latest == NULL ||
        (keep > 0 && recording->kept == NULL))
        return false;
    recording->zero->at_ns = engine_begin_ns(engine);
    recording->latest->at_ns = engine_begin_ns(engine);
    recording->next_ns = engine_begin_ns(engine) + interval_ns;
    return true;
}

static uint64_t failures_since(const struct engine_snapshot *earlier,
                               const struct engine_snapshot *later)
{
    uint64_t failures = 0;
    for (size_t kind = 0; kind < BENCH_FAILURES; kind++)
        failures += later->failures[kind] - earlier->failures[kind];
    return failures;
}

static double quantile_us(const struct histogram *histogram, double quantile)
{
    if (histogram_count(histogram) == 0)
        return NAN;
    return (double)histogram_quantile_ns(histogram, quantile) / NS_PER_US;
}

static struct series_row *new_row(struct recording *recording)
{
    if (recording->row_count == recording->row_capacity) {
        size_t capacity = recording->row_capacity > 0 ? 2 * recording->row_capacity : 64;
        struct series_row *rows = realloc(recording->rows, capacity * sizeof(*rows));
        if (rows == NULL) {
            recording->failed = true;
            return NULL;
        }
        recording->rows = rows;
        recording->row_capacity = capacity;
    }
    return &recording->rows[recording->row_count++];
}

/* Adds the row between the latest snapshot and `now`, whose histogram is lost by that. */
static void add_row(struct recording *recording, struct engine_snapshot *now)
{
    const struct engine_snapshot *before = recording->latest;
    /* The end of the last generator may lie before the reading that was taken while it ended. */
    if (now->at_ns <= before->at_ns)
        return;
    double seconds = (double)(now->at_ns - before->at_ns) / NS_PER_S;
    struct series_row *row = new_row(recording);
    if (row == NULL)
        return;
    histogram_subtract(&now->response, &before->response);
    double count = (double)histogram_count(&now->response);
    *row = (struct series_row){
        .end_s = (double)(now->at_ns - recording->zero->at_ns) / NS_PER_S,
        .throughput_rps = count / seconds,
        .p50_us = quantile_us(&now->response, 0.5),
        .p99_us = quantile_us(&now->response, 0.99),
        .max_us = count > 0 ? (double)histogram_max_ns(&now->response) / NS_PER_US : NAN,
        .failures = failures_since(before, now),
        .warm_up = recording->window == NULL,
    };
}

/* Takes a snapshot, and the row that ends with it. */
static void advance(struct recording *recording)
{
    struct engine_snapshot *now = malloc(sizeof(*now));
    struct engine_snapshot *scratch = malloc(sizeof(*scratch));
    if (now == NULL || scratch == NULL) {
        recording->failed = true;
    } else {
        engine_snapshot(recording->engine, now);
        memcpy(scratch, now, sizeof(*now));
        add_row(recording, scratch);
        memcpy(recording->latest, now, sizeof(*now));
        if (recording->window != NULL && recording->kept_count < recording->kept_limit)
            memcpy(&recording->kept[recording->kept_count++], now, sizeof(*now));
    }
    free(now);
    free(scratch);
}

uint64_t recording_tick(struct recording *recording)
{
    if (monotonic_ns() >= recording->next_ns) {
        advance(recording);
        recording->next_ns += recording->interval_ns;
        /* After a long pause the intervals go on from now: rows say themselves how long they are.
         */
        if (recording->next_ns < recording->latest->at_ns)
            recording->next_ns = recording->latest->at_ns + recording->interval_ns;
    }
    return recording->next_ns;
}

/* What is left over before the window or at its end, and too short to be like the others, joins
 * the row before. */
static void join_last_rows(struct recording *recording)
{
    if (recording->row_count < recording->window_row + 2)
        return;
    struct series_row *last = &recording->rows[recording->row_count - 1];
    struct series_row *before = last - 1;
    double begin_s = recording->row_count > 2 ? (before - 1)->end_s : 0;
    double length_s = last->end_s - before->end_s;
    if (length_s * NS_PER_S > (double)recording->interval_ns / 2)
        return;
    double replies =
        last->throughput_rps * length_s + before->throughput_rps * (before->end_s - begin_s);
    before->throughput_rps = replies / (last->end_s - begin_s);
    before->max_us = fmax(before->max_us, last->max_us);
    before->failures += last->failures;
    before->end_s = last->end_s;
    recording->row_count--;
}

bool recording_begin_window(struct recording *recording, bool from_the_first)
{
    if (!from_the_first) {
        advance(recording);
        join_last_rows(recording);
    }
    recording->window = malloc(sizeof(*recording->window));
    if (recording->window == NULL)
        return false;
    memcpy(recording->window, recording->latest, sizeof(*recording->window));
    recording->window_row = recording->row_count;
    recording->next_ns = recording->window->at_ns + recording->interval_ns;
    return true;
}

void recording_finish(struct recording *recording)
{
    advance(recording);
    join_last_rows(recording);
}

void recording_move_window(struct recording *recording, size_t row)
{
    if (row == 0 || row > recording->kept_count)
        return;
    memcpy(recording->window, &recording->kept[row - 1], sizeof(*recording->window));
    for (size_t i = 0; i < row; i++)
        recording->rows[recording->window_row + i].warm_up = true;
    recording->window_row += row;
}

/* What the window's two ends say; the histograms of `end` become those of the window. */
static void fill_rates(struct measurement *measurement, const struct engine_snapshot *begin,
                       struct engine_snapshot *end)
{
    double seconds = (double)(end->at_ns - begin->at_ns) / NS_PER_S;
    measurement->measured_s = seconds;
    histogram_subtract(&end->response, &begin->response);
    histogram_subtract(&end->wire, &begin->wire);
    histogram_subtract(&end->lag, &begin->lag);
    bench_response_take(&measurement->response, &end->response);
    bench_response_take(&measurement->wire, measurement->open_loop ? &end->wire : &end->response);
    bench_response_take(&measurement->lag, &end->lag);
    double sent = (double)(end->sent - begin->sent);
    measurement->sent_rps = sent / seconds;
    measurement->throughput_rps = (double)measurement->response.count / seconds;
    measurement->held_back = end->held_back - begin->held_back;
    measurement->outstanding_begin = begin->outstanding;
    measurement->outstanding_end = end->outstanding;
    measurement->threads = end->threads;
    measurement->generator_busy = NAN;
    for (size_t i = 0; i < end->threads; i++)
        measurement->generator_busy =
            fmax(measurement->generator_busy,
                 (end->busy_ns[i] - begin->busy_ns[i]) / (seconds * NS_PER_S));
    measurement->generator_cpu_us =
        sent > 0 ? (end->cpu_ns - begin->cpu_ns) / NS_PER_US / sent : NAN;
}

static struct histogram *copy_histogram(const struct histogram *histogram)
{
    struct histogram *copy = malloc(sizeof(*copy));
    if (copy != NULL)
        memcpy(copy, histogram, sizeof(*copy));
    return copy;
}

static void fill_failures(struct measurement *measurement, const struct engine_snapshot *end)
{
    for (size_t kind = 0; kind < BENCH_FAILURES; kind++) {
        measurement->failures[kind] = end->failures[kind];
        measurement->failures_total += end->failures[kind];
    }
}

/* Hands the rows over. */
static void take_series(struct measurement *measurement, struct recording *recording)
{
    measurement->series = recording->rows;
    measurement->series_count = recording->row_count;
    recording->rows = NULL;
    recording->row_count = 0;
    recording->row_capacity = 0;
}

bool recording_measure(struct recording *recording, const struct engine_end *end, bool early,
                       struct measurement *measurement)
{
    const struct engine_settings *settings = recording->settings;
    struct engine_snapshot *last = recording->latest;
    *measurement = (struct measurement){
        .open_loop = settings->rate_rps > 0,
        .offered_rps = settings->rate_rps > 0 ? settings->rate_rps : NAN,
        .little_ratio = NAN,
        .generator_busy = NAN,
        .generator_cpu_us = NAN,
        .connections = settings->connections,
        .connections_end = end->connections_open,
        .oldest_unanswered_us = (double)end->oldest_unanswered_ns / NS_PER_US,
    };
    memcpy(measurement->first_failure, end->first_failure, sizeof(measurement->first_failure));
    fill_failures(measurement, last);
    take_series(measurement, recording);
    if (recording->window == NULL || last->at_ns <= recording->window->at_ns) {
        bench_response_take(&measurement->response, &recording->zero->response);
        bench_response_take(&measurement->wire, &recording->zero->response);
        bench_response_take(&measurement->lag, &recording->zero->response);
        measurement_refuse(measurement, "it ended before anything was measured");
        return !recording->failed;
    }
    measurement->warm_up_s = (double)(recording->window->at_ns - recording->zero->at_ns) / NS_PER_S;
    uint64_t late_ns = last->late_ns;
    fill_rates(measurement, recording->window, last);
    measurement->response_histogram = copy_histogram(&last->response);
    if (measurement->open_loop)
        measurement->wire_histogram = copy_histogram(&last->wire);
    validity_judge(measurement, settings, late_ns, early);
    return !recording->failed && measurement->response_histogram != NULL &&
           (!measurement->open_loop || measurement->wire_histogram != NULL);
}

void recording_free(struct recording *recording)
{
    free(recording->zero);
    free(recording->window);
    free(recording->latest);
    free(recording->kept);
    free(recording->rows);
    *recording = (struct recording){0};
}
