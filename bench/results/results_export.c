/* SPDX-License-Identifier: MIT */
#include "bench/results/results_export.h"

#include "bench/base/bench_number.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* In quotes, which are doubled inside: a text may hold commas, quotes and line feeds. */
static void append_quoted(struct byte_buffer *out, const char *text)
{
    byte_buffer_append_text(out, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"')
            byte_buffer_append_text(out, "\"");
        byte_buffer_append(out, at, 1);
    }
    byte_buffer_append_text(out, "\"");
}

static void append_number(struct byte_buffer *out, double number)
{
    char text[BENCH_NUMBER_SIZE];
    byte_buffer_append_text(out, ",");
    if (isfinite(number))
        byte_buffer_append_text(out, bench_number_exact(text, number));
}

static void append_bool(struct byte_buffer *out, bool value)
{
    byte_buffer_append_text(out, value ? ",true" : ",false");
}

/* The columns that tell a trial from all others, and whether to use it. */
static const char place_header[] =
    "workload,experiment,workers,rate_rps,block,place,control,complete,usable";

static void append_place(struct byte_buffer *out, const struct results *results,
                         const struct trial *trial)
{
    append_quoted(out, results->settings.workloads[trial->workload]);
    byte_buffer_printf(out, ",%s,%u", experiment_name(trial->experiment), trial->workers);
    append_number(out, trial->rate_rps);
    byte_buffer_printf(out, ",%u,%u", trial->block, trial->place);
    append_bool(out, trial->control);
    append_bool(out, trial->complete);
    append_bool(out, trial_usable(trial));
}

#define MEASURED(column, field)                                                                    \
    {                                                                                              \
        column, offsetof(struct trial, measurement.field)                                          \
    }
#define SERVER(field)                                                                              \
    {                                                                                              \
        "server_" #field, offsetof(struct trial, server.field)                                     \
    }
#define TIMES(name)                                                                                \
    MEASURED(#name "_mean_us", name.mean_us), MEASURED(#name "_p50_us", name.p50_us),              \
        MEASURED(#name "_p90_us", name.p90_us), MEASURED(#name "_p99_us", name.p99_us),            \
        MEASURED(#name "_p99_9_us", name.p99_9_us), MEASURED(#name "_max_us", name.max_us)

static const struct {
    const char *name;
    size_t offset; /* of its double in a trial */
} columns[] = {
    MEASURED("warm_up_s", warm_up_s),
    MEASURED("measured_s", measured_s),
    MEASURED("offered_rps", offered_rps),
    MEASURED("sent_rps", sent_rps),
    MEASURED("throughput_rps", throughput_rps),
    TIMES(response),
    TIMES(wire),
    TIMES(lag),
    MEASURED("oldest_unanswered_us", oldest_unanswered_us),
    MEASURED("generator_busy", generator_busy),
    MEASURED("generator_cpu_us", generator_cpu_us),
    MEASURED("little_ratio", little_ratio),
    SERVER(utilization),
    SERVER(requests),
    SERVER(queue_wait_mean_us),
    SERVER(queue_wait_p50_us),
    SERVER(queue_wait_p99_us),
    SERVER(service_mean_us),
    SERVER(service_p50_us),
    SERVER(service_p99_us),
    SERVER(service_scv),
    SERVER(cpu_us),
    SERVER(worker_cpu_us),
    SERVER(run_queue_us),
    SERVER(lock_wait_us),
    SERVER(blocked_us),
    SERVER(switches),
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* Why a trial cannot be used, in one field. */
static void append_reasons(struct byte_buffer *out, const struct trial *trial)
{
    struct byte_buffer text = {0};
    byte_buffer_append_text(&text, trial->problem);
    for (size_t i = 0; i < trial->measurement.reason_count; i++)
        byte_buffer_printf(&text, "%s%s", text.size > 0 ? "; " : "", trial->measurement.reasons[i]);
    byte_buffer_append(&text, "", 1);
    byte_buffer_append_text(out, ",");
    append_quoted(out, text.failed ? "" : text.bytes);
    out->failed = out->failed || text.failed;
    byte_buffer_free(&text);
}

static void append_trial(struct byte_buffer *out, const struct results *results,
                         const struct trial *trial)
{
    const struct measurement *measurement = &trial->measurement;
    append_place(out, results, trial);
    append_reasons(out, trial);
    if (trial->complete)
        byte_buffer_printf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, measurement->response.count,
                           measurement->failures_total, measurement->held_back);
    else
        byte_buffer_append_text(out, ",,,");
    append_bool(out, measurement->unstable);
    for (size_t i = 0; i < COLUMNS; i++) {
        double figure = NAN;
        if (trial->complete)
            memcpy(&figure, (const char *)trial + columns[i].offset, sizeof(figure));
        append_number(out, figure);
    }
    byte_buffer_append_text(out, "\n");
}

void results_export_csv(const struct results *results, struct byte_buffer *out)
{
    byte_buffer_append_text(out, place_header);
    byte_buffer_append_text(out, ",reasons,requests,errors,held_back,unstable");
    for (size_t i = 0; i < COLUMNS; i++)
        byte_buffer_printf(out, ",%s", columns[i].name);
    byte_buffer_append_text(out, "\n");
    for (size_t i = 0; i < results->trial_count; i++)
        append_trial(out, results, &results->trials[i]);
}

static void append_row(struct byte_buffer *out, const struct series_row *row)
{
    append_number(out, row->end_s);
    append_number(out, row->throughput_rps);
    append_number(out, row->p50_us);
    append_number(out, row->p99_us);
    append_number(out, row->max_us);
    byte_buffer_printf(out, ",%" PRIu64, row->failures);
    append_bool(out, row->warm_up);
    byte_buffer_append_text(out, "\n");
}

void results_export_series_csv(const struct results *results, struct byte_buffer *out)
{
    byte_buffer_append_text(out, place_header);
    byte_buffer_append_text(out, ",end_s,throughput_rps,p50_us,p99_us,max_us,errors,warm_up\n");
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial *trial = &results->trials[i];
        for (size_t row = 0; row < trial->measurement.series_count; row++) {
            append_place(out, results, trial);
            append_row(out, &trial->measurement.series[row]);
        }
    }
}
