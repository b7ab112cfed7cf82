/* SPDX-License-Identifier: MIT */
#include "bench/commands/compare_report.h"

#include "bench/base/bench_number.h"
#include "bench/results/comparison_text.h"
#include "bench/results/measurement_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 92, RATIO_WIDTH = 24 };

static const char no_statement[] =
    "One run each supports no statement about which is faster: repeat both, or use 'crew-bench "
    "sweep'.";

/* From `begin` on; line feeds stay. */
static void blank_controls(struct byte_buffer *out, size_t begin)
{
    for (size_t i = begin; i < out->size; i++)
        if (((unsigned char)out->bytes[i] < ' ' && out->bytes[i] != '\n') || out->bytes[i] == 0x7f)
            out->bytes[i] = '?';
}

/* In lines of at most LINE_WIDTH, all but the first indented. */
static void append_wrapped(struct byte_buffer *out, const char *text)
{
    size_t column = 0;
    for (const char *at = text; *at != '\0'; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        if (column > 0 && column + 1 + size > LINE_WIDTH) {
            byte_buffer_append_text(out, "\n  ");
            column = 2;
        } else if (column > 0) {
            byte_buffer_append_text(out, " ");
            column++;
        }
        byte_buffer_append(out, at, size);
        column += size;
        at += size;
    }
    byte_buffer_append_text(out, "\n");
}

static const char *name_of(size_t side)
{
    return side == COMPARISON_A ? "A" : "B";
}

static void append_file(struct byte_buffer *out, size_t side, const struct results *results,
                        const char *path)
{
    byte_buffer_printf(out, "%s: %s (crew %s, %s, %u blocks, seed %" PRIu64 ")\n", name_of(side),
                       path, results->crew_version, results->started_utc, results->settings.blocks,
                       results->settings.seed);
}

static const char *rate_text(char text[BENCH_NUMBER_SIZE], double rate_rps)
{
    return isnan(rate_rps) ? "n/a" : bench_number_rate(text, rate_rps);
}

static void append_line(struct byte_buffer *out, const struct comparison_line *line)
{
    const struct comparison_side *a = &line->sides[COMPARISON_A];
    const struct comparison_side *b = &line->sides[COMPARISON_B];
    char texts[6][BENCH_NUMBER_SIZE];
    struct byte_buffer ratio = {0};
    comparison_append_ratio(&line->ratio, &ratio);
    byte_buffer_append(&ratio, "", 1);
    bool differs = interval_differs(&line->ratio);
    byte_buffer_printf(out, "%9u %11s %11s  %-*s%s %9s %9s %9s %9s\n", line->workers,
                       rate_text(texts[0], a->rate_rps), rate_text(texts[1], b->rate_rps),
                       (int)RATIO_WIDTH, ratio.failed ? "" : ratio.bytes, differs ? "*" : " ",
                       bench_number_us(texts[2], a->response.p50_us),
                       bench_number_us(texts[3], b->response.p50_us),
                       bench_number_us(texts[4], a->response.p99_us),
                       bench_number_us(texts[5], b->response.p99_us));
    byte_buffer_free(&ratio);
}

static void append_workload(struct byte_buffer *out, const struct comparison_workload *workload)
{
    byte_buffer_printf(out, "\n%s\n", workload->name);
    byte_buffer_printf(out, "%9s %11s %11s  %-*s  %9s %9s %9s %9s\n", "workers", "A req/s",
                       "B req/s", (int)RATIO_WIDTH, "B to A, 95 % together", "A p50", "B p50",
                       "A p99", "B p99");
    for (size_t i = 0; i < workload->count; i++)
        append_line(out, &workload->lines[i]);
    struct byte_buffer sentence = {0};
    comparison_append_sentence(workload, &sentence);
    byte_buffer_append(&sentence, "", 1);
    append_wrapped(out, sentence.failed ? "" : sentence.bytes);
    byte_buffer_free(&sentence);
}

static void append_texts(struct byte_buffer *out, const char *title,
                         const char (*texts)[COMPARISON_NOTE_SIZE], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        byte_buffer_append_text(out, i == 0 ? "\n" : "");
        byte_buffer_append_text(out, title);
        append_wrapped(out, texts[i]);
    }
}

void compare_report_sweeps(const struct comparison *comparison,
                           const char *const paths[COMPARISON_SIDES], struct byte_buffer *out)
{
    size_t begin = out->size;
    for (size_t side = 0; side < COMPARISON_SIDES; side++)
        append_file(out, side, comparison->results[side], paths[side]);
    append_texts(out, "note: ", comparison->notes, comparison->note_count);
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->workloads[i].count > 0)
            append_workload(out, &comparison->workloads[i]);
    append_texts(out, "missing: ", comparison->missing, comparison->missing_count);
    if (comparison->compared > 0) {
        byte_buffer_append_text(out, "\n* marks what differs by more than chance.\n");
        append_wrapped(out, comparison_method);
    }
    blank_controls(out, begin);
}

static void append_pair(struct byte_buffer *out, const char *what, const char *a, const char *b)
{
    byte_buffer_printf(out, "  %-18s %24.60s %24.60s\n", what, a, b);
}

static void append_times(struct byte_buffer *out, const struct bench_response *a,
                         const struct bench_response *b)
{
    const struct {
        const char *name;
        double a;
        double b;
    } figures[] = {
        {"response mean", a->mean_us, b->mean_us},    {"response p50", a->p50_us, b->p50_us},
        {"response p90", a->p90_us, b->p90_us},       {"response p99", a->p99_us, b->p99_us},
        {"response p99.9", a->p99_9_us, b->p99_9_us}, {"response max", a->max_us, b->max_us},
    };
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        char texts[2][BENCH_NUMBER_SIZE];
        append_pair(out, figures[i].name, bench_number_us(texts[0], figures[i].a),
                    bench_number_us(texts[1], figures[i].b));
    }
}

void compare_report_loads(const struct load_run runs[COMPARISON_SIDES],
                          const char *const paths[COMPARISON_SIDES], struct byte_buffer *out)
{
    size_t begin = out->size;
    const struct load_run *a = &runs[COMPARISON_A];
    const struct load_run *b = &runs[COMPARISON_B];
    const struct measurement *of_a = &a->measurement;
    const struct measurement *of_b = &b->measurement;
    char texts[2][BENCH_NUMBER_SIZE];
    for (size_t side = 0; side < COMPARISON_SIDES; side++)
        byte_buffer_printf(out, "%s: %s (crew %s)\n", name_of(side), paths[side],
                           runs[side].crew_version);
    append_pair(out, "", "A", "B");
    append_pair(out, "target", a->target, b->target);
    append_pair(out, "workload", a->workload, b->workload);
    append_pair(out, "loop", of_a->open_loop ? "open" : "closed",
                of_b->open_loop ? "open" : "closed");
    append_pair(out, "host", a->host.cpu_model, b->host.cpu_model);
    append_pair(out, "connections", bench_number_count(texts[0], of_a->connections),
                bench_number_count(texts[1], of_b->connections));
    append_pair(out, "offered requests/s", rate_text(texts[0], of_a->offered_rps),
                rate_text(texts[1], of_b->offered_rps));
    append_pair(out, "requests/s", rate_text(texts[0], of_a->throughput_rps),
                rate_text(texts[1], of_b->throughput_rps));
    append_times(out, &of_a->response, &of_b->response);
    append_pair(out, "errors", bench_number_count(texts[0], of_a->failures_total),
                bench_number_count(texts[1], of_b->failures_total));
    append_pair(out, "valid", measurement_valid(of_a) ? "yes" : "no",
                measurement_valid(of_b) ? "yes" : "no");
    append_wrapped(out, no_statement);
    blank_controls(out, begin);
}

void compare_write_loads(const struct load_run runs[COMPARISON_SIDES],
                         const char *const paths[COMPARISON_SIDES], struct byte_buffer *out)
{
    struct bench_json json = {.out = out};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", COMPARISON_SCHEMA);
    bench_json_text(&json, "of", "load");
    for (size_t side = 0; side < COMPARISON_SIDES; side++) {
        bench_json_open(&json, side == COMPARISON_A ? "a" : "b", '{');
        bench_json_text(&json, "path", paths[side]);
        bench_json_text(&json, "crew_version", runs[side].crew_version);
        bench_json_text(&json, "target", runs[side].target);
        bench_json_text(&json, "workload", runs[side].workload);
        measurement_write(&json, &runs[side].measurement);
        bench_json_close(&json, '}');
    }
    bench_json_text(&json, "statement", no_statement);
    bench_json_close(&json, '}');
}
