/* SPDX-License-Identifier: MIT */
#include "bench/results/measurement_json.h"

#include "bench/results/histogram_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES_LIMIT = 1000000, THREAD_LIMIT = 1000000 };

static const uint64_t count_limit = INT64_MAX;

static void write_reasons(struct bench_json *json, const struct measurement *measurement)
{
    bench_json_bool(json, "valid", measurement_valid(measurement));
    bench_json_open(json, "invalid_reasons", '[');
    for (size_t i = 0; i < measurement->reason_count; i++)
        bench_json_text(json, NULL, measurement->reasons[i]);
    bench_json_close(json, ']');
}

static void write_series(struct bench_json *json, const struct measurement *measurement)
{
    bench_json_open(json, "series", '[');
    for (size_t i = 0; i < measurement->series_count; i++) {
        const struct series_row *row = &measurement->series[i];
        bench_json_open(json, NULL, '{');
        bench_json_number(json, "end_s", row->end_s);
        bench_json_number(json, "throughput_rps", row->throughput_rps);
        bench_json_number(json, "p50_us", row->p50_us);
        bench_json_number(json, "p99_us", row->p99_us);
        bench_json_number(json, "max_us", row->max_us);
        bench_json_count(json, "errors", row->failures);
        bench_json_bool(json, "warm_up", row->warm_up);
        bench_json_close(json, '}');
    }
    bench_json_close(json, ']');
}

static void write_histogram(struct bench_json *json, const char *name,
                            const struct histogram *histogram)
{
    if (histogram == NULL) {
        bench_json_null(json, name);
        return;
    }
    struct byte_buffer text = {0};
    histogram_text_append(histogram, &text);
    byte_buffer_append(&text, "", 1);
    bench_json_text(json, name, text.failed ? "" : text.bytes);
    json->out->failed = json->out->failed || text.failed;
    byte_buffer_free(&text);
}

static void write_circumstances(struct bench_json *json, const struct measurement *measurement)
{
    bench_json_open(json, "outstanding", '{');
    bench_json_count(json, "begin", measurement->outstanding_begin);
    bench_json_count(json, "end", measurement->outstanding_end);
    bench_json_number(json, "oldest_unanswered_us", measurement->oldest_unanswered_us);
    bench_json_close(json, '}');
    bench_json_open(json, "connections", '{');
    bench_json_count(json, "asked", measurement->connections);
    bench_json_count(json, "open_at_end", measurement->connections_end);
    bench_json_close(json, '}');
    bench_json_open(json, "generator", '{');
    bench_json_count(json, "threads", measurement->threads);
    bench_json_number(json, "busy", measurement->generator_busy);
    bench_json_number(json, "cpu_us_per_request", measurement->generator_cpu_us);
    bench_json_close(json, '}');
    bench_json_number(json, "little_ratio", measurement->little_ratio);
}

void measurement_write(struct bench_json *json, const struct measurement *measurement)
{
    bench_json_text(json, "loop", measurement->open_loop ? "open" : "closed");
    bench_json_number(json, "warm_up_s", measurement->warm_up_s);
    bench_json_number(json, "measured_s", measurement->measured_s);
    bench_json_number(json, "offered_rps", measurement->offered_rps);
    bench_json_number(json, "sent_rps", measurement->sent_rps);
    bench_json_number(json, "throughput_rps", measurement->throughput_rps);
    bench_response_write(json, "response_us", &measurement->response);
    bench_response_write(json, "wire_us", &measurement->wire);
    bench_response_write(json, "lag_us", &measurement->lag);
    bench_failures_write(json, measurement->failures);
    bench_json_count(json, "errors_total", measurement->failures_total);
    bench_json_text(json, "first_error", measurement->first_failure);
    bench_json_count(json, "held_back", measurement->held_back);
    write_circumstances(json, measurement);
    write_reasons(json, measurement);
    bench_json_bool(json, "unstable", measurement->unstable);
    write_series(json, measurement);
    bench_json_open(json, "histograms_ns", '{');
    write_histogram(json, "response", measurement->response_histogram);
    write_histogram(json, "wire", measurement->wire_histogram);
    bench_json_close(json, '}');
}

static void read_response(const struct json_place *place, const char *name,
                          struct bench_response *response)
{
    struct json_place at = json_read_object(place, name);
    response->mean_us = json_read_figure(&at, "mean");
    response->p50_us = json_read_figure(&at, "p50");
    response->p90_us = json_read_figure(&at, "p90");
    response->p99_us = json_read_figure(&at, "p99");
    response->p99_9_us = json_read_figure(&at, "p99_9");
    response->max_us = json_read_figure(&at, "max");
    response->count = json_read_count(&at, "count", 0, count_limit);
}

static void read_failures(const struct json_place *place, struct measurement *measurement)
{
    struct json_place at = json_read_object(place, "errors");
    for (size_t i = 0; i < BENCH_FAILURES; i++)
        measurement->failures[i] =
            json_read_count(&at, bench_failure_key((enum bench_failure)i), 0, count_limit);
    measurement->failures_total = json_read_count(place, "errors_total", 0, count_limit);
    json_read_description(place, "first_error", measurement->first_failure,
                          sizeof(measurement->first_failure));
}

static void read_reasons(const struct json_place *place, struct measurement *measurement)
{
    struct json_place at =
        json_read_array(place, "invalid_reasons", MEASUREMENT_REASONS, &measurement->reason_count);
    for (size_t i = 0; i < measurement->reason_count; i++) {
        struct json_place reason = json_read_element(&at, i);
        json_read_description(&reason, NULL, measurement->reasons[i], MEASUREMENT_REASON_SIZE);
    }
    if (json_read_bool(place, "valid") != measurement_valid(measurement))
        json_reader_refuse(place, "valid", "it contradicts invalid_reasons");
}

static void read_row(const struct json_place *place, struct series_row *row)
{
    struct json_place at = json_read_object(place, NULL);
    row->end_s = json_read_figure(&at, "end_s");
    row->throughput_rps = json_read_figure(&at, "throughput_rps");
    row->p50_us = json_read_figure(&at, "p50_us");
    row->p99_us = json_read_figure(&at, "p99_us");
    row->max_us = json_read_figure(&at, "max_us");
    row->failures = json_read_count(&at, "errors", 0, count_limit);
    row->warm_up = json_read_bool(&at, "warm_up");
}

static void read_series(const struct json_place *place, struct measurement *measurement)
{
    size_t count = 0;
    struct json_place at = json_read_array(place, "series", SERIES_LIMIT, &count);
    if (count == 0)
        return;
    measurement->series = calloc(count, sizeof(*measurement->series));
    if (measurement->series == NULL) {
        json_reader_refuse(place, "series", "out of memory");
        return;
    }
    measurement->series_count = count;
    for (size_t i = 0; i < count; i++) {
        struct json_place row = json_read_element(&at, i);
        read_row(&row, &measurement->series[i]);
    }
}

/* NULL for null, and after a mistake. */
static struct histogram *read_histogram(const struct json_place *place, const char *name)
{
    const char *text = json_read_text(place, name);
    if (text == NULL)
        return NULL;
    char error[HISTOGRAM_TEXT_ERROR_SIZE] = "out of memory";
    struct histogram *histogram = histogram_new();
    if (histogram != NULL && histogram_text_parse(text, histogram, error))
        return histogram;
    json_reader_refuse(place, name, "%s", error);
    free(histogram);
    return NULL;
}

static void read_circumstances(const struct json_place *place, struct measurement *measurement)
{
    struct json_place at = json_read_object(place, "outstanding");
    measurement->outstanding_begin = json_read_count(&at, "begin", 0, count_limit);
    measurement->outstanding_end = json_read_count(&at, "end", 0, count_limit);
    measurement->oldest_unanswered_us = json_read_figure(&at, "oldest_unanswered_us");
    at = json_read_object(place, "connections");
    measurement->connections = json_read_count(&at, "asked", 0, count_limit);
    measurement->connections_end = json_read_count(&at, "open_at_end", 0, count_limit);
    at = json_read_object(place, "generator");
    measurement->threads = json_read_count(&at, "threads", 0, THREAD_LIMIT);
    measurement->generator_busy = json_read_figure(&at, "busy");
    measurement->generator_cpu_us = json_read_figure(&at, "cpu_us_per_request");
    measurement->little_ratio = json_read_figure(place, "little_ratio");
}

void measurement_read(const struct json_place *place, struct measurement *measurement)
{
    *measurement = (struct measurement){0};
    measurement->open_loop = json_read_choice(place, "loop", "closed|open") == 1;
    measurement->warm_up_s = json_read_figure(place, "warm_up_s");
    measurement->measured_s = json_read_figure(place, "measured_s");
    measurement->offered_rps = json_read_figure(place, "offered_rps");
    measurement->sent_rps = json_read_figure(place, "sent_rps");
    measurement->throughput_rps = json_read_figure(place, "throughput_rps");
    read_response(place, "response_us", &measurement->response);
    read_response(place, "wire_us", &measurement->wire);
    read_response(place, "lag_us", &measurement->lag);
    read_failures(place, measurement);
    measurement->held_back = json_read_count(place, "held_back", 0, count_limit);
    read_circumstances(place, measurement);
    read_reasons(place, measurement);
    measurement->unstable = json_read_bool(place, "unstable");
    read_series(place, measurement);
    struct json_place at = json_read_object(place, "histograms_ns");
    measurement->response_histogram = read_histogram(&at, "response");
    measurement->wire_histogram = read_histogram(&at, "wire");
}
