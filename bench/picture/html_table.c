/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_number.h"
#include "bench/picture/html_parts.h"
#include "bench/picture/markup.h"
#include "bench/results/trial_group.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The only column that holds text. */
static const char reason_column[] = "why";

enum { REFUSED_SHOWN = 20, REASON_SHOWN = 300 };

static void open_table(struct byte_buffer *out, const char *heading, const char *explanation,
                       const char *const *columns, size_t count)
{
    byte_buffer_append_text(out, "<h3>");
    markup_append(out, heading);
    byte_buffer_append_text(out, "</h3>\n<p class=\"meta\">");
    markup_append(out, explanation);
    byte_buffer_append_text(
        out, "</p>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    markup_append(out, heading);
    byte_buffer_append_text(out, "\">\n<table>\n<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        bool text = strcmp(columns[i], reason_column) == 0;
        byte_buffer_printf(out, "<th scope=\"col\"%s>", text ? " class=\"long\"" : "");
        markup_append(out, columns[i]);
        byte_buffer_append_text(out, "</th>");
    }
    byte_buffer_append_text(out, "</tr></thead>\n<tbody>\n");
}

static void close_table(struct byte_buffer *out)
{
    byte_buffer_append_text(out, "</tbody>\n</table>\n</div>\n");
}

static void open_row(struct byte_buffer *out, unsigned workers, bool chosen)
{
    byte_buffer_printf(out, "<tr%s><th scope=\"row\">%s%u</th>", chosen ? " class=\"chosen\"" : "",
                       chosen ? "▶ " : "", workers);
}

static void close_row(struct byte_buffer *out)
{
    byte_buffer_append_text(out, "</tr>\n");
}

__attribute__((format(printf, 2, 3))) static void put_cell(struct byte_buffer *out,
                                                           const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    byte_buffer_append_text(out, "<td>");
    markup_append(out, text);
    byte_buffer_append_text(out, "</td>");
}

static void put_rate(struct byte_buffer *out, double rps)
{
    char text[BENCH_NUMBER_SIZE];
    put_cell(out, "%s", isfinite(rps) ? bench_number_rate(text, rps) : "n/a");
}

/* A model may have a time as infinite, and errors of other figures may have made it negative. */
static void put_us(struct byte_buffer *out, double us)
{
    char text[BENCH_NUMBER_SIZE];
    put_cell(out, "%s", isinf(us) ? "∞" : bench_number_us(text, us < 0 ? 0 : us));
}

static void put_share(struct byte_buffer *out, double share)
{
    char text[BENCH_NUMBER_SIZE];
    put_cell(out, "%s", bench_number_share(text, share));
}

static void put_number(struct byte_buffer *out, double number)
{
    if (isfinite(number))
        put_cell(out, "%.2f", number);
    else
        put_cell(out, "n/a");
}

static void put_range(struct byte_buffer *out, double low, double high)
{
    char text[2][BENCH_NUMBER_SIZE];
    if (isfinite(low) && isfinite(high))
        put_cell(out, "%s – %s", bench_number_rate(text[0], low), bench_number_rate(text[1], high));
    else
        put_cell(out, "n/a");
}

static void put_ratio(struct byte_buffer *out, const struct interval *ratio, bool known)
{
    double percent = (ratio->middle - 1) * 100;
    if (known && ratio->middle > 0 && isfinite(percent))
        put_cell(out, "%s%.1f %%", percent < 0 ? "−" : "+", fabs(percent));
    else
        put_cell(out, "n/a");
}

static void put_wide_cell(struct byte_buffer *out, size_t columns, const char *text)
{
    byte_buffer_printf(out, "<td class=\"long\" colspan=\"%zu\">", columns);
    markup_append_bytes(out, text, strcspn(text, "\n"));
    byte_buffer_append_text(out, "</td>");
}

/* ---- capacity ----------------------------------------------------------------------------------
 */

static void put_capacity_row(const struct scene *scene, const struct capacity_line *line,
                             struct byte_buffer *out)
{
    bool compared = scene->analysis->choice.verdict != CHOICE_UNDETERMINED;
    open_row(out, line->workers, scene_chosen(scene) == line);
    put_rate(out, line->rate_rps);
    put_range(out, line->rate_low_rps, line->rate_high_rps);
    if (line->workers == scene_reference(scene))
        put_cell(out, "reference");
    else
        put_ratio(out, &line->comparison.to_reference, compared);
    put_us(out, line->response.p50_us);
    put_us(out, line->response.p99_us);
    put_share(out, line->server.utilization);
    put_us(out, line->server.queue_wait_mean_us);
    put_us(out, line->server.service_mean_us);
    put_us(out, line->server.cpu_us);
    put_us(out, line->server.lock_wait_us);
    put_us(out, line->server.run_queue_us);
    put_us(out, line->server.blocked_us);
    put_cell(out, "%zu of %zu", line->usable, line->planned);
    close_row(out);
}

static void put_left_out_row(const struct left_out_line *line, size_t columns,
                             struct byte_buffer *out)
{
    char text[BENCH_ERROR_SIZE + 32];
    snprintf(text, sizeof(text), "%s", line->first_reason != NULL ? line->first_reason : "not run");
    open_row(out, line->workers, false);
    put_wide_cell(out, columns - 2, text);
    put_cell(out, "0 of %zu", line->planned);
    close_row(out);
}

void html_capacity_table(const struct scene *scene, struct byte_buffer *out)
{
    const struct analysis *analysis = scene->analysis;
    char compared[64] = "to reference";
    if (analysis->capacity_count > 0)
        snprintf(compared, sizeof(compared), "to %u", scene_reference(scene));
    const char *const columns[] = {"workers",   "requests/s", "95 % interval", compared,  "p50",
                                   "p99",       "busy",       "queue",         "service", "CPU",
                                   "lock wait", "run queue",  "blocked",       "trials"};
    enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };
    if (analysis->capacity_count + analysis->left_out_count == 0)
        return;
    open_table(out, "Capacity",
               "Closed loop. Means per request in the server: queue, until a worker takes it; "
               "service, in the worker's hands; CPU, of the whole server. Busy: share of its time "
               "that a worker had a request.",
               columns, COLUMNS);
    size_t next = 0;
    size_t left_out = 0;
    while (next < analysis->capacity_count || left_out < analysis->left_out_count) {
        if (left_out == analysis->left_out_count ||
            (next < analysis->capacity_count &&
             analysis->capacity[next].workers < analysis->left_out[left_out].workers))
            put_capacity_row(scene, &analysis->capacity[next++], out);
        else
            put_left_out_row(&analysis->left_out[left_out++], COLUMNS, out);
    }
    close_table(out);
}

/* ---- latency -----------------------------------------------------------------------------------
 */

static void put_latency_times(const struct latency_line *line, struct byte_buffer *out)
{
    if (2 * line->unstable > line->usable) {
        byte_buffer_append_text(out, "<td colspan=\"4\">unstable: its backlog grew</td>");
        return;
    }
    put_us(out, line->response.p50_us);
    put_us(out, line->response.p99_us);
    put_us(out, line->response.p99_9_us);
    put_us(out, line->wire.p99_us);
}

static void put_latency_row(const struct scene *scene, const struct latency_line *line,
                            size_t columns, struct byte_buffer *out)
{
    const struct capacity_line *chosen = scene_chosen(scene);
    open_row(out, line->workers, chosen != NULL && chosen->workers == line->workers);
    put_rate(out, line->offered_rps);
    put_share(out, line->share);
    if (line->usable == 0) {
        put_wide_cell(out, columns - 4,
                      line->first_reason != NULL ? line->first_reason : "not run");
    } else {
        put_rate(out, line->throughput_rps);
        put_latency_times(line, out);
        put_us(out, line->queue_wait_us);
        put_us(out, line->model_queue_wait_us);
        put_us(out, line->model_queue_wait_p99_us);
        put_cell(out, "%s", !line->slo_known ? "n/a" : line->slo_met ? "met" : "missed");
    }
    put_cell(out, "%zu of %zu", line->usable, line->planned);
    close_row(out);
}

void html_latency_table(const struct scene *scene, struct byte_buffer *out)
{
    static const char *const columns[] = {"workers",   "offered/s", "load",     "served/s", "p50",
                                          "p99",       "p99.9",     "wire p99", "queue",    "M/M/c",
                                          "M/M/c p99", "SLO",       "trials"};
    enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };
    if (scene->analysis->latency_count == 0)
        return;
    open_table(out, "Latency",
               "Open loop. Response times count from when a request was due, wire times from when "
               "it was sent. Load: share of the best capacity. Queue: mean wait for a worker, "
               "beside what queueing theory expects.",
               columns, COLUMNS);
    for (size_t i = 0; i < scene->analysis->latency_count; i++)
        put_latency_row(scene, &scene->analysis->latency[i], COLUMNS, out);
    close_table(out);
}

/* ---- models ------------------------------------------------------------------------------------
 */

void html_model_table(const struct scene *scene, struct byte_buffer *out)
{
    static const char *const columns[] = {
        "workers", "measured", "ideal", "USL", "knee", "busy workers (X·S)", "queue length (X·W)"};
    const struct analysis *analysis = scene->analysis;
    if (analysis->capacity_count == 0)
        return;
    open_table(out, "Models",
               "Requests per second: measured, in proportion to the smallest count, and on the "
               "fitted curves; n/a where a curve could not be fitted. By Little's law: how many "
               "workers were busy and how many requests waited.",
               columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        const struct capacity_line *line = &analysis->capacity[i];
        open_row(out, line->workers, scene_chosen(scene) == line);
        put_rate(out, line->rate_rps);
        put_rate(out, line->ideal_rps);
        put_rate(out, line->usl_rps);
        put_rate(out, line->knee_rps);
        put_number(out, line->little_busy);
        put_number(out, line->little_queue);
        close_row(out);
    }
    close_table(out);
}

/* ---- refused trials ----------------------------------------------------------------------------
 */

static void put_refused_row(const struct trial *trial, const char *reason, struct byte_buffer *out)
{
    char text[REASON_SHOWN];
    char rate[BENCH_NUMBER_SIZE];
    open_row(out, trial->workers, false);
    if (trial->experiment == EXPERIMENT_LATENCY)
        put_cell(out, "latency at %s/s", bench_number_rate(rate, trial->rate_rps));
    else
        put_cell(out, "%s", trial->control ? "capacity, A/A" : "capacity");
    put_cell(out, "%u", trial->block);
    snprintf(text, sizeof(text), "%s", reason);
    put_wide_cell(out, 1, text);
    close_row(out);
}

void html_refused_table(const struct scene *scene, struct byte_buffer *out)
{
    static const char *const columns[] = {"workers", "experiment", "block", reason_column};
    const struct results *results = scene->results;
    char heading[64];
    size_t shown = 0;
    if (scene->analysis->unusable == 0)
        return;
    snprintf(heading, sizeof(heading), "%zu trial%s not counted", scene->analysis->unusable,
             scene->analysis->unusable == 1 ? "" : "s");
    open_table(out, heading, "What cannot be trusted is left out of all figures above and below.",
               columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < results->trial_count && shown < REFUSED_SHOWN; i++) {
        const struct trial *trial = &results->trials[i];
        const char *reason = trial->workload == scene->workload ? trial_reason(trial) : NULL;
        if (reason == NULL)
            continue;
        put_refused_row(trial, reason, out);
        shown++;
    }
    close_table(out);
    if (scene->analysis->unusable > shown)
        markup_printf(out, "And %zu more.", scene->analysis->unusable - shown);
}
