/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/bench_terminal.h"
#include "bench/base/progress.h"
#include "bench/commands/analysis_report.h"
#include "bench/commands/sweep_files.h"
#include "bench/commands/sweep_plan.h"
#include "bench/commands/sweep_settings.h"
#include "bench/engine/workload.h"
#include "bench/results/results_file.h"
#include "bench/trial/trial.h"
#include "common/clock.h"
#include "common/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_PROBLEMS = 1, EXIT_USAGE = 2, EXIT_UNDETERMINED = 3 };

struct sweep {
    struct sweep_settings settings;
    struct results results;
    struct workload workloads[RESULTS_WORKLOAD_LIMIT];
    size_t workload_count; /* parsed so far */
    struct analysis *analyses[RESULTS_WORKLOAD_LIMIT];
    struct sweep_files files;
    struct trial_bed bed;
    struct progress progress;
    const struct trial *running;
    size_t done;    /* trials of this run */
    size_t to_do;   /* at first */
    size_t unclean; /* servers that did not stop as they should */
    size_t failed;  /* trials with failures */
    char error[BENCH_ERROR_SIZE];
};

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench sweep: %s\n", error);
    return status;
}

static void show_progress(void *context, double done, uint64_t replies, uint64_t failures)
{
    struct sweep *sweep = context;
    const struct trial *trial = sweep->running;
    const struct results_settings *settings = &sweep->results.settings;
    bool latency = trial->experiment == EXPERIMENT_LATENCY;
    char label[RESULTS_TEXT_SIZE + 128];
    snprintf(label, sizeof(label), "%.200s, %u worker%s, %s block %u of %u%s",
             settings->workloads[trial->workload], trial->workers, trial->workers == 1 ? "" : "s",
             experiment_name(trial->experiment), trial->block,
             latency ? settings->latency_blocks : settings->blocks,
             failures > 0 ? ", with errors" : "");
    size_t all = sweep->to_do + sweep_plan_unplanned(&sweep->results);
    progress_show(&sweep->progress, ((double)sweep->done + done) / (double)(all > 0 ? all : 1),
                  replies, label);
}

static struct trial_load load_of(const struct sweep *sweep, const struct trial *trial)
{
    const struct results_settings *settings = &sweep->results.settings;
    bool latency = trial->experiment == EXPERIMENT_LATENCY;
    static const uint64_t shortest_ns = UINT64_C(100) * NS_PER_MS;
    static const uint64_t longest_ns = UINT64_C(2) * NS_PER_S;
    uint64_t duration_ns = (uint64_t)(settings->duration_s * NS_PER_S);
    uint64_t warm_up_ns = duration_ns / 5;
    warm_up_ns = warm_up_ns > shortest_ns ? warm_up_ns : shortest_ns;
    return (struct trial_load){
        .workload = &sweep->workloads[trial->workload],
        .workers = trial->workers,
        .connections = latency ? settings->latency_connections : settings->connections,
        .threads = settings->threads,
        .rate_rps = latency ? trial->rate_rps : 0,
        /* The same arrivals for every worker count of a block. */
        .seed = settings->seed + trial->block,
        .warm_up_ns = warm_up_ns < longest_ns ? warm_up_ns : longest_ns,
        .duration_ns = duration_ns,
        .timeout_ms = (int)(sweep->settings.timeout_ns / NS_PER_MS),
    };
}

/* Names the trial, for a sweep has many. */
static void explain_problem(struct sweep *sweep, const struct trial *trial)
{
    snprintf(sweep->error, sizeof(sweep->error), "%.100s with %u worker%s, %s block %u: %.900s",
             sweep->results.settings.workloads[trial->workload], trial->workers,
             trial->workers == 1 ? "" : "s", experiment_name(trial->experiment), trial->block,
             trial->problem);
}

/* Runs the trials of one workload that have not run yet; false when the sweep cannot go on. */
static bool run_trials(struct sweep *sweep, size_t workload)
{
    struct results *results = &sweep->results;
    for (size_t i = 0; i < results->trial_count; i++) {
        struct trial *trial = &results->trials[i];
        if (trial->workload != workload || trial->complete)
            continue;
        if (bench_interrupted())
            return false;
        sweep->running = trial;
        measurement_free(&trial->measurement);
        struct trial_load load = load_of(sweep, trial);
        if (!trial_run(&sweep->bed, &load, trial)) {
            if (trial->problem[0] != '\0')
                explain_problem(sweep, trial);
            return false;
        }
        results->cpu_iterations_per_us = (double)sweep->bed.cpu_iterations;
        sweep->done++;
        sweep->unclean += trial->stopped_cleanly ? 0 : 1;
        sweep->failed += trial->measurement.failures_total > 0 ? 1 : 0;
        bool block_ends = i + 1 == results->trial_count || trial[1].block != trial->block ||
                          trial[1].workload != workload;
        if (block_ends && !sweep_files_checkpoint(&sweep->files, results, sweep->error))
            return false;
    }
    return true;
}

static bool run_workload(struct sweep *sweep, size_t workload)
{
    if (!run_trials(sweep, workload))
        return false;
    size_t before = sweep->results.trial_count;
    if (!sweep_plan_has_latency(&sweep->results, workload) &&
        !sweep_plan_latency(&sweep->results, workload)) {
        snprintf(sweep->error, sizeof(sweep->error), "out of memory");
        return false;
    }
    sweep->to_do += sweep->results.trial_count - before;
    return run_trials(sweep, workload);
}

static bool has_complete_trial(const struct results *results, size_t workload)
{
    for (size_t i = 0; i < results->trial_count; i++)
        if (results->trials[i].workload == workload && results->trials[i].complete)
            return true;
    return false;
}

static bool analyse(struct sweep *sweep, size_t workload)
{
    sweep->analyses[workload] = analysis_take(&sweep->results, workload);
    if (sweep->analyses[workload] == NULL)
        return false;
    if (!has_complete_trial(&sweep->results, workload))
        return true;
    analysis_report_print(&sweep->results, sweep->analyses[workload], stdout,
                          bench_terminal_width(STDOUT_FILENO),
                          bench_terminal_has_colour(STDOUT_FILENO));
    fflush(stdout);
    return true;
}

static int final_status(struct sweep *sweep, int status)
{
    struct results *results = &sweep->results;
    if (sweep->unclean > 0) {
        snprintf(sweep->error, sizeof(sweep->error),
                 "%zu server%s did not stop cleanly after SIGTERM", sweep->unclean,
                 sweep->unclean == 1 ? "" : "s");
        status = complain(sweep->error, status == 0 ? EXIT_PROBLEMS : status);
    }
    /* Where nothing could be measured, what the files hold from before is worth more. */
    if ((status == 0 || sweep->done > 0) &&
        !sweep_files_write(&sweep->files, results, sweep->analyses, sweep->error))
        status = complain(sweep->error, status == 0 ? EXIT_PROBLEMS : status);
    if (sweep->failed > 0 && status == 0)
        status = EXIT_PROBLEMS;
    for (size_t i = 0; i < results->settings.workload_count && status == 0; i++)
        if (sweep->analyses[i] == NULL || sweep->analyses[i]->choice.verdict == CHOICE_UNDETERMINED)
            status = EXIT_UNDETERMINED;
    return status;
}

static int run(struct sweep *sweep)
{
    int status = 0;
    struct results *results = &sweep->results;
    uint64_t begin_ns = monotonic_ns();
    progress_begin(&sweep->progress);
    for (size_t i = 0; i < results->settings.workload_count; i++) {
        bool complete = status == 0 && run_workload(sweep, i);
        progress_end(&sweep->progress);
        if (status == 0 && !complete && sweep->error[0] != '\0')
            status = complain(sweep->error, sweep->done == 0 ? EXIT_USAGE : EXIT_PROBLEMS);
        else if (status == 0 && !complete)
            status = complain("interrupted", EXIT_PROBLEMS);
        if (!analyse(sweep, i))
            status = complain("out of memory", EXIT_PROBLEMS);
    }
    results->elapsed_s += (double)(monotonic_ns() - begin_ns) / NS_PER_S;
    results->complete = status == 0;
    return final_status(sweep, status);
}

static bool begin_results(struct sweep *sweep)
{
    struct results *results = &sweep->results;
    time_t now = time(NULL);
    struct tm utc;
    results->settings = sweep->settings.results;
    snprintf(results->crew_version, sizeof(results->crew_version), "%s", CREW_VERSION);
    if (gmtime_r(&now, &utc) != NULL)
        (void)strftime(results->started_utc, sizeof(results->started_utc), "%Y-%m-%dT%H:%M:%SZ",
                       &utc);
    bench_host_take(&results->host);
    if (sweep_plan_capacity(results))
        return true;
    snprintf(sweep->error, sizeof(sweep->error), "out of memory");
    return false;
}

/* Trials of another machine or version are not of the same experiment. */
static bool resume(struct sweep *sweep, const char *path)
{
    struct results *results = &sweep->results;
    struct bench_host host;
    bench_host_take(&host);
    if (!results_read(path, results, sweep->error))
        return false;
    bool same = strcmp(results->crew_version, CREW_VERSION) == 0 &&
                results->host.cpus == host.cpus &&
                strcmp(results->host.cpu_model, host.cpu_model) == 0 &&
                strcmp(results->host.kernel, host.kernel) == 0;
    if (!same)
        snprintf(sweep->error, sizeof(sweep->error),
                 "%.300s cannot be resumed here: it is of crew %.31s on %.4g CPUs (%.100s, kernel "
                 "%.100s)",
                 path, results->crew_version, results->host.cpus, results->host.cpu_model,
                 results->host.kernel);
    return same;
}

static bool prepare(struct sweep *sweep)
{
    const struct sweep_settings *settings = &sweep->settings;
    struct results *results = &sweep->results;
    bool begun = settings->resume != NULL ? resume(sweep, settings->resume) : begin_results(sweep);
    if (!begun)
        return false;
    for (size_t i = 0; i < results->settings.workload_count; i++) {
        if (!workload_parse(results->settings.workloads[i], &sweep->workloads[i], sweep->error))
            return false;
        sweep->workload_count++;
        if (sweep->workloads[i].raw) {
            snprintf(sweep->error, sizeof(sweep->error),
                     "workload '%.200s' is for raw:// servers, and a sweep starts RESP servers",
                     results->settings.workloads[i]);
            return false;
        }
    }
    for (size_t i = 0; i < results->trial_count; i++)
        sweep->to_do += results->trials[i].complete ? 0 : 1;
    sweep->bed = (struct trial_bed){
        .server_program = settings->server_program,
        .cpu_iterations = (int64_t)results->cpu_iterations_per_us,
        .progress = show_progress,
        .context = sweep,
    };
    return sweep_files_open(&sweep->files, settings, sweep->error);
}

static void clean_up(struct sweep *sweep)
{
    sweep_files_close(&sweep->files);
    for (size_t i = 0; i < RESULTS_WORKLOAD_LIMIT; i++)
        analysis_free(sweep->analyses[i]);
    for (size_t i = 0; i < sweep->workload_count; i++)
        workload_free(&sweep->workloads[i]);
    results_free(&sweep->results);
    free(sweep);
}

int sweep_command(int argc, char **argv)
{
    struct sweep *sweep = calloc(1, sizeof(*sweep));
    if (sweep == NULL)
        return complain("out of memory", EXIT_PROBLEMS);
    sweep->files =
        (struct sweep_files){.csv.fd = -1, .series_csv.fd = -1, .benchstat.fd = -1, .html.fd = -1};
    int status = sweep_settings_read(&sweep->settings, argc, argv);
    if (status < 0 && prepare(sweep)) {
        bench_interrupt_install();
        status = run(sweep);
    } else if (status < 0) {
        status = complain(sweep->error, EXIT_USAGE);
    }
    clean_up(sweep);
    return status;
}
