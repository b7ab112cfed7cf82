/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_json.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_json.h"
#include "bench/commands/slo_sentence.h"
#include "bench/results/measurement_json.h"
#include "bench/results/server_json.h"
#include "common/clock.h"
#include "common/version.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const char *const verdicts[] = {
    [SLO_UNFINISHED] = "unfinished",     [SLO_FOUND] = "found",
    [SLO_AT_HIGHEST] = "at_highest",     [SLO_AT_LOWEST] = "at_lowest",
    [SLO_UNDETERMINED] = "undetermined",
};

static const char *const decisions[] = {
    [SLO_OPEN] = "open",
    [SLO_HELD] = "held",
    [SLO_NOT_HELD] = "missed",
    [SLO_NOT_JUDGED] = "refused",
};

static const char *const outcomes[] = {
    [SLO_MET] = "met",
    [SLO_MISSED] = "missed",
    [SLO_REFUSED] = "refused",
};

/* As text, for not every reader of JSON has 64-bit integers. */
static void write_seed(struct bench_json *json, uint64_t seed)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, seed);
    bench_json_text(json, "seed", text);
}

static void write_objective(struct bench_json *json, const struct slo_settings *settings)
{
    const struct slo_objective *objective = &settings->objective;
    bench_json_open(json, "objective", '{');
    bench_json_text(json, "text", settings->objective_text);
    bench_json_number(json, "quantile", objective->quantile);
    bench_json_number(json, "limit_us", objective->limit_us);
    bench_json_close(json, '}');
}

static void write_settings(struct bench_json *json, const struct slo_settings *settings)
{
    bench_json_open(json, "settings", '{');
    bench_json_text(json, "workload", settings->workload);
    if (settings->target != NULL)
        bench_json_text(json, "target", settings->target);
    else
        bench_json_null(json, "target");
    bench_json_open(json, "workers", '[');
    for (size_t i = 0; i < settings->count; i++)
        bench_json_count(json, NULL, settings->workers[i]);
    bench_json_close(json, ']');
    bench_json_number(json, "precision", settings->precision);
    bench_json_count(json, "repeats", (uint64_t)settings->repeats);
    bench_json_number(json, "duration_s", settings->window.shortest_s);
    bench_json_number(json, "max_duration_s", settings->window.longest_s);
    bench_json_count(json, "connections", (uint64_t)settings->connections);
    bench_json_count(json, "threads", (uint64_t)settings->threads);
    bench_json_number(json, "timeout_s", (double)settings->timeout_ns / NS_PER_S);
    write_seed(json, (uint64_t)settings->seed);
    bench_json_close(json, '}');
}

static double rate_of(const struct slo_point *point)
{
    return point != NULL ? point->rate_rps : NAN;
}

static void write_points(struct bench_json *json, const struct slo_search *search)
{
    bench_json_open(json, "rates", '[');
    for (size_t i = 0; i < search->count; i++) {
        const struct slo_point *point = &search->points[i];
        bench_json_open(json, NULL, '{');
        bench_json_number(json, "rate_rps", point->rate_rps);
        bench_json_text(json, "decision", decisions[slo_point_decision(point)]);
        bench_json_count(json, "met", point->met);
        bench_json_count(json, "missed", point->missed);
        bench_json_count(json, "refused", point->refused);
        bench_json_bool(json, "checked", point->checked);
        bench_json_close(json, '}');
    }
    bench_json_close(json, ']');
}

static void write_run(struct bench_json *json, const struct slo_run *run)
{
    const struct trial *trial = &run->trial;
    bool latency = trial->experiment == EXPERIMENT_LATENCY;
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "experiment", experiment_name(trial->experiment));
    bench_json_number(json, "rate_rps", trial->rate_rps);
    bench_json_count(json, "repeat", trial->block);
    write_seed(json, run->seed);
    if (latency)
        bench_json_text(json, "outcome", outcomes[run->finding.outcome]);
    else
        bench_json_null(json, "outcome");
    bench_json_number(json, "percentile_us", latency ? run->finding.percentile_us : NAN);
    bench_json_text(json, "reason", run->finding.reason);
    bench_json_open(json, "measurement", '{');
    measurement_write(json, &trial->measurement);
    bench_json_close(json, '}');
    bench_json_open(json, "server", '{');
    bench_json_bool(json, "stopped_cleanly", trial->stopped_cleanly);
    server_figures_write(json, &trial->server);
    bench_json_close(json, '}');
    bench_json_close(json, '}');
}

static void write_line(struct bench_json *json, const struct slo_settings *settings,
                       const struct slo_line *line)
{
    struct slo_answer answer = slo_line_answer(line);
    char sentence[SLO_SENTENCE_SIZE];
    bench_json_open(json, NULL, '{');
    if (settings->target == NULL)
        bench_json_count(json, "workers", line->workers);
    else
        bench_json_null(json, "workers");
    bench_json_text(json, "verdict", verdicts[answer.verdict]);
    bench_json_bool(json, "determined", slo_line_determined(line));
    bench_json_text(json, "sentence", slo_sentence(line, settings, sentence));
    bench_json_number(json, "held_rps", rate_of(answer.held));
    bench_json_number(json, "above_rps", rate_of(answer.above));
    bench_json_number(json, "surely_held_rps", answer.surely_held_rps);
    bench_json_number(json, "surely_missed_rps", answer.surely_missed_rps);
    bench_json_number(json, "capacity_rps", line->capacity_rps);
    bench_json_text(json, "capacity_doubt", line->doubt);
    bench_json_number(json, "lowest_rps", line->searching ? line->search.lowest_rps : NAN);
    bench_json_number(json, "highest_rps", line->searching ? line->search.highest_rps : NAN);
    write_points(json, &line->search);
    bench_json_open(json, "trials", '[');
    for (size_t i = 0; i < line->run_count; i++)
        write_run(json, &line->runs[i]);
    bench_json_close(json, ']');
    bench_json_close(json, '}');
}

void slo_json_write(const struct slo_file *file, struct byte_buffer *out)
{
    struct bench_host host;
    struct bench_json json = {.out = out};
    bench_host_take(&host);
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", "crew-bench/slo/1");
    bench_json_text(&json, "crew_version", CREW_VERSION);
    bench_json_text(&json, "started_utc", file->started_utc);
    bench_host_write(&json, &host);
    write_objective(&json, file->settings);
    write_settings(&json, file->settings);
    bench_json_number(&json, "cpu_iterations_per_us", file->cpu_iterations_per_us);
    bench_json_number(&json, "elapsed_s", file->elapsed_s);
    bench_json_bool(&json, "complete", file->complete);
    bench_json_open(&json, "searches", '[');
    for (size_t i = 0; i < file->count; i++)
        write_line(&json, file->settings, &file->lines[i]);
    bench_json_close(&json, ']');
    bench_json_close(&json, '}');
}
