/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/bench_number.h"
#include "bench/base/bench_terminal.h"
#include "bench/base/progress.h"
#include "bench/base/report_file.h"
#include "bench/commands/server_choice.h"
#include "bench/commands/slo_json.h"
#include "bench/commands/slo_line.h"
#include "bench/commands/slo_report.h"
#include "bench/commands/slo_sentence.h"
#include "bench/commands/slo_settings.h"
#include "common/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_PROBLEMS = 1, EXIT_USAGE = 2, EXIT_UNDETERMINED = 3 };

struct slo {
    struct slo_settings settings;
    struct workload workload;
    bool has_workload;
    struct slo_place place;
    struct report_file json;
    struct slo_line lines[RESULTS_COUNT_LIMIT];
    size_t line_count;
    size_t running; /* index of the line whose search goes on */
    struct progress progress;
    uint64_t begin_ns;
    char started_utc[32];
    char error[BENCH_ERROR_SIZE];
};

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench slo: %s\n", error);
    return status;
}

/* ---- progress ----------------------------------------------------------------------------------
 */

static void describe(const struct slo *slo, uint64_t failures, char *label, size_t size)
{
    const struct slo_line *line = &slo->lines[slo->running];
    char name[SLO_NAME_SIZE];
    char rates[3][BENCH_NUMBER_SIZE] = {"closed loop"};
    struct slo_answer answer = slo_line_answer(line);
    if (!isnan(line->busy_with_rps))
        bench_number_rate(rates[0], line->busy_with_rps);
    if (answer.held != NULL)
        bench_number_rate(rates[1], answer.held->rate_rps);
    if (answer.above != NULL)
        bench_number_rate(rates[2], answer.above->rate_rps);
    snprintf(label, size, "%s: %s%s%s%s%s%s", slo_line_name(line, &slo->settings, name), rates[0],
             answer.held != NULL ? ", held at " : "", rates[1],
             answer.above != NULL ? ", missed at " : "", rates[2],
             failures > 0 ? ", with errors" : "");
}

static void show_progress(void *context, double done, uint64_t replies, uint64_t failures)
{
    struct slo *slo = context;
    char label[2 * SLO_NAME_SIZE + 3 * BENCH_NUMBER_SIZE];
    double spent_s = (double)(monotonic_ns() - slo->begin_ns) / NS_PER_S;
    double left_s = 0;
    for (size_t i = slo->running; i < slo->line_count; i++)
        left_s += slo_line_left_s(&slo->lines[i], &slo->settings, i == slo->running ? done : 0);
    describe(slo, failures, label, sizeof(label));
    progress_show(&slo->progress, spent_s / (spent_s + left_s), replies, label);
}

/* ---- the searches ------------------------------------------------------------------------------
 */

static struct slo_report report_of(const struct slo *slo)
{
    return (struct slo_report){
        .settings = &slo->settings,
        .out = stdout,
        .width = bench_terminal_width(STDOUT_FILENO),
        .colour = bench_terminal_has_colour(STDOUT_FILENO),
    };
}

static bool anything_ran(const struct slo *slo)
{
    for (size_t i = 0; i < slo->line_count; i++)
        if (slo->lines[i].run_count > 0)
            return true;
    return false;
}

/* Searches for one worker count after another; stops at the first problem. */
static int search(struct slo *slo, const struct slo_report *report)
{
    for (slo->running = 0; slo->running < slo->line_count; slo->running++) {
        struct slo_line *line = &slo->lines[slo->running];
        bool complete = slo_line_run(line, &slo->place, slo->error);
        progress_end(&slo->progress);
        if (line->run_count > 0)
            slo_report_rates(report, line);
        if (complete)
            continue;
        if (slo->error[0] == '\0')
            return complain("interrupted", EXIT_PROBLEMS);
        char name[SLO_NAME_SIZE];
        char error[sizeof(slo->error) + SLO_NAME_SIZE];
        snprintf(error, sizeof(error), "%s: %s", slo_line_name(line, &slo->settings, name),
                 slo->error);
        return complain(error, anything_ran(slo) ? EXIT_PROBLEMS : EXIT_USAGE);
    }
    return 0;
}

static int write_json(struct slo *slo, bool complete, int status)
{
    struct byte_buffer text = {0};
    struct slo_file file = {
        .settings = &slo->settings,
        .lines = slo->lines,
        .count = slo->line_count,
        .started_utc = slo->started_utc,
        .elapsed_s = (double)(monotonic_ns() - slo->begin_ns) / NS_PER_S,
        .cpu_iterations_per_us = (double)slo->place.bed.cpu_iterations,
        .complete = complete,
    };
    if (slo->json.path != NULL)
        slo_json_write(&file, &text);
    if (!report_file_write(&slo->json, &text, slo->error))
        status = complain(slo->error, status == 0 ? EXIT_PROBLEMS : status);
    byte_buffer_free(&text);
    return status;
}

/* Says what a status of 1 is for, unless an error was printed already. */
static int complain_of_trials(const struct slo *slo, int status)
{
    size_t failed = 0;
    size_t unclean = 0;
    char error[BENCH_ERROR_SIZE];
    const char *first = "";
    for (size_t i = slo->line_count; i > 0; i--) {
        const struct slo_line *line = &slo->lines[i - 1];
        failed += line->failed;
        unclean += line->unclean;
        for (size_t j = line->run_count; j > 0; j--)
            if (line->runs[j - 1].trial.measurement.failures_total > 0)
                first = line->runs[j - 1].trial.measurement.first_failure;
    }
    if (failed > 0 && slo->error[0] == '\0') {
        snprintf(error, sizeof(error), "requests failed in %zu trial%s; the first: %s", failed,
                 failed == 1 ? "" : "s", first);
        status = complain(error, status == 0 ? EXIT_PROBLEMS : status);
    }
    if (unclean > 0) {
        snprintf(error, sizeof(error), "%zu server%s did not stop cleanly after SIGTERM", unclean,
                 unclean == 1 ? "" : "s");
        status = complain(error, status == 0 ? EXIT_PROBLEMS : status);
    }
    return status;
}

static int run(struct slo *slo)
{
    struct slo_report report = report_of(slo);
    slo->begin_ns = monotonic_ns();
    slo_report_begin(&report);
    progress_begin(&slo->progress);
    int status = search(slo, &report);
    bool complete = status == 0;
    if (anything_ran(slo))
        slo_report_answers(&report, slo->lines, slo->line_count);
    status = complain_of_trials(slo, status);
    status = write_json(slo, complete, status);
    for (size_t i = 0; i < slo->line_count && status == 0; i++)
        if (!slo_line_determined(&slo->lines[i]))
            status = EXIT_UNDETERMINED;
    return status;
}

/* ---- begin and end -----------------------------------------------------------------------------
 */

static bool choose_target(struct slo *slo)
{
    const struct slo_settings *settings = &slo->settings;
    struct slo_place *place = &slo->place; /* its target is a tcp:// one if none was given */
    if (settings->target != NULL &&
        !server_choice_target(settings->target, &slo->workload, &place->target, slo->error))
        return false;
    if (!server_choice_tls(&settings->tls, &place->target, &place->tls, slo->error))
        return false;
    if (settings->target != NULL || !slo->workload.raw)
        return true;
    snprintf(slo->error, sizeof(slo->error),
             "workload '%.200s' is for raw:// servers: give the --target", settings->workload);
    return false;
}

static bool prepare(struct slo *slo)
{
    const struct slo_settings *settings = &slo->settings;
    slo->has_workload = workload_parse(settings->workload, &slo->workload, slo->error);
    if (!slo->has_workload || !choose_target(slo))
        return false;
    slo->place.settings = settings;
    slo->place.workload = &slo->workload;
    slo->place.bed = (struct trial_bed){
        .server_program = settings->server_program,
        .progress = show_progress,
        .context = slo,
    };
    slo->line_count = settings->count > 0 ? settings->count : 1;
    for (size_t i = 0; i < slo->line_count; i++)
        slo_line_begin(&slo->lines[i], settings->workers[i]);
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        (void)strftime(slo->started_utc, sizeof(slo->started_utc), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return report_file_open(&slo->json, settings->json, slo->error);
}

static void clean_up(struct slo *slo)
{
    report_file_abandon(&slo->json);
    tls_context_release(slo->place.tls);
    for (size_t i = 0; i < slo->line_count; i++)
        slo_line_free(&slo->lines[i]);
    if (slo->has_workload)
        workload_free(&slo->workload);
    free(slo);
}

int slo_command(int argc, char **argv)
{
    struct slo *slo = calloc(1, sizeof(*slo));
    if (slo == NULL)
        return complain("out of memory", EXIT_PROBLEMS);
    slo->json.fd = -1;
    int status = slo_settings_read(&slo->settings, argc, argv);
    if (status < 0 && prepare(slo)) {
        bench_interrupt_install();
        status = run(slo);
    } else if (status < 0) {
        status = complain(slo->error, EXIT_USAGE);
    }
    clean_up(slo);
    return status;
}
