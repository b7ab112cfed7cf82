/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_line.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/bench_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CAPACITY_RUNS = 3,      /* the highest counts: disturbances only lower it */
    CAPACITY_REPLIES = 100, /* in a window, for its rate to be valid with room to spare */
    OUTSTANDING_LEAST = 64, /* enough to keep few workers busy through a round trip */
};

static const double lowest_share = 0.01; /* of the capacity: nothing waits there any more */
static const double longest_warm_up_s = 10;
static const double start_s = 0.1; /* of a server, about */

void slo_line_begin(struct slo_line *line, unsigned workers)
{
    *line = (struct slo_line){.workers = workers, .capacity_rps = NAN, .busy_with_rps = NAN};
}

void slo_line_free(struct slo_line *line)
{
    for (size_t i = 0; i < line->run_count; i++) {
        measurement_free(&line->runs[i].trial.measurement);
        free(line->runs[i].trial.server.workers);
    }
    free(line->runs);
    *line = (struct slo_line){0};
}

/* ---- trials ------------------------------------------------------------------------------------
 */

static double warm_up_s(double window_s)
{
    return fmin(2, fmax(0.1, window_s / 5));
}

static unsigned trials_at(const struct slo_line *line, double rate_rps)
{
    unsigned count = 0;
    for (size_t i = 0; i < line->run_count; i++)
        count += line->runs[i].trial.rate_rps == rate_rps;
    return count;
}

/* Runs a trial and keeps it if it ran to its end; NULL, with `error` filled or empty, if not. */
static struct slo_run *run_trial(struct slo_line *line, struct slo_place *place,
                                 const struct slo_load *load, char *error)
{
    struct slo_run *runs = realloc(line->runs, (line->run_count + 1) * sizeof(*runs));
    if (runs == NULL) {
        snprintf(error, BENCH_ERROR_SIZE, "out of memory");
        return NULL;
    }
    line->runs = runs;
    struct slo_run *run = &runs[line->run_count];
    bool closed = load->rate_rps <= 0;
    *run = (struct slo_run){.seed = load->seed};
    run->trial.workers = load->workers;
    run->trial.experiment = closed ? EXPERIMENT_CAPACITY : EXPERIMENT_LATENCY;
    run->trial.rate_rps = closed ? NAN : load->rate_rps;
    run->trial.block = 1 + (closed ? (unsigned)line->run_count : trials_at(line, load->rate_rps));
    line->busy_with_rps = run->trial.rate_rps;
    bool complete = !bench_interrupted() && slo_trial_run(place, load, &run->trial);
    if (!complete) {
        snprintf(error, BENCH_ERROR_SIZE, "%s", run->trial.problem);
        measurement_free(&run->trial.measurement);
        free(run->trial.server.workers);
        return NULL;
    }
    line->run_count++;
    line->failed += run->trial.measurement.failures_total > 0;
    line->unclean += !run->trial.stopped_cleanly;
    return run;
}

/* ---- capacity ----------------------------------------------------------------------------------
 */

/*
 * A slow server needs a longer window for its rate to be known, and a longer warm-up until each of
 * the outstanding requests has had its turn: the first loop tells the later ones.
 */
static struct slo_load capacity_load(const struct slo_line *line,
                                     const struct slo_settings *settings)
{
    size_t outstanding = 2 * (size_t)line->workers;
    outstanding = outstanding > OUTSTANDING_LEAST ? outstanding : OUTSTANDING_LEAST;
    if (settings->count == 0 || outstanding > (size_t)settings->connections)
        outstanding = (size_t)settings->connections;
    struct slo_load load = {
        .workers = line->workers,
        .connections = outstanding,
        .window_s = fmax(0.2, settings->window.shortest_s / 2),
        .seed = (uint64_t)settings->seed + line->run_count,
    };
    load.warm_up_s = warm_up_s(load.window_s);
    if (line->run_count > 0 && line->capacity_rps > 0) {
        load.window_s = fmax(load.window_s, CAPACITY_REPLIES / line->capacity_rps);
        load.warm_up_s = fmax(load.warm_up_s, 2 * (double)outstanding / line->capacity_rps);
    } else if (line->run_count > 0) {
        load.window_s *= pow(4, (double)line->run_count);
    }
    load.window_s = fmin(load.window_s, settings->window.longest_s);
    load.warm_up_s = fmin(load.warm_up_s, longest_warm_up_s);
    return load;
}

/* The highest of the loops that can be trusted; of all, with a doubt, if none can. */
static void take_capacity(struct slo_line *line)
{
    bool sure = false;
    line->capacity_rps = 0;
    for (size_t i = 0; i < line->run_count; i++) {
        const struct measurement *measurement = &line->runs[i].trial.measurement;
        bool valid = measurement_valid(measurement);
        if (valid == sure)
            line->capacity_rps = fmax(line->capacity_rps, measurement->throughput_rps);
        else if (valid)
            line->capacity_rps = measurement->throughput_rps;
        sure = sure || valid;
        if (!valid)
            snprintf(line->doubt, sizeof(line->doubt), "%s", measurement->reasons[0]);
    }
    if (sure)
        line->doubt[0] = '\0';
}

static bool measure_capacity(struct slo_line *line, struct slo_place *place, char *error)
{
    for (size_t i = 0; i < CAPACITY_RUNS; i++) {
        struct slo_load load = capacity_load(line, place->settings);
        const struct slo_run *run = run_trial(line, place, &load, error);
        if (run == NULL)
            return false;
        take_capacity(line);
        if (run->trial.measurement.failures_total > 0 && line->capacity_rps <= 0) {
            snprintf(error, BENCH_ERROR_SIZE, "no request was answered as it should: %s",
                     run->trial.measurement.first_failure);
            return false;
        }
    }
    return true;
}

/* ---- search ------------------------------------------------------------------------------------
 */

/* The range of rates; false when there is none, with the obstacle noted. */
static bool begin_search(struct slo_line *line, const struct slo_settings *settings)
{
    double lowest_rps = slo_requests_planned(&settings->objective) / settings->window.longest_s;
    if (line->capacity_rps <= 0) {
        snprintf(line->obstacle, sizeof(line->obstacle), "nothing was answered within %.3g s",
                 settings->window.longest_s);
        return false;
    }
    if (lowest_rps > line->capacity_rps) {
        double requests = slo_requests_planned(&settings->objective);
        char texts[3][BENCH_NUMBER_SIZE];
        snprintf(line->obstacle, sizeof(line->obstacle),
                 "p%.10g needs %s requests in a window, and at the capacity of %s requests/s that "
                 "takes %s s: give a --max-duration over that, or a lower percentile",
                 settings->objective.quantile * 100, bench_number_rate(texts[0], requests),
                 bench_number_rate(texts[1], line->capacity_rps),
                 bench_number_rate(texts[2], requests / line->capacity_rps));
        return false;
    }
    lowest_rps = fmax(lowest_rps, lowest_share * line->capacity_rps);
    slo_search_begin(&line->search, lowest_rps, line->capacity_rps, settings->precision,
                     (unsigned)settings->repeats);
    line->searching = true;
    return true;
}

static struct slo_load search_load(const struct slo_line *line, const struct slo_settings *settings,
                                   double rate_rps)
{
    double window_s =
        slo_window_s(&settings->objective, &settings->window, settings->precision, rate_rps);
    return (struct slo_load){
        .workers = line->workers,
        .connections = (size_t)settings->connections,
        .rate_rps = rate_rps,
        .warm_up_s = warm_up_s(window_s),
        .window_s = window_s,
        /* Every repeat has its own arrivals, and they are the same at every rate and for every
         * worker count. */
        .seed = (uint64_t)settings->seed + trials_at(line, rate_rps),
    };
}

bool slo_line_run(struct slo_line *line, struct slo_place *place, char error[BENCH_ERROR_SIZE])
{
    const struct slo_settings *settings = place->settings;
    double rate_rps = 0;
    error[0] = '\0';
    if (!measure_capacity(line, place, error))
        return false;
    if (!begin_search(line, settings))
        return true;
    while (slo_search_next(&line->search, &rate_rps)) {
        struct slo_load load = search_load(line, settings, rate_rps);
        struct slo_run *run = run_trial(line, place, &load, error);
        if (run == NULL)
            return false;
        run->finding = slo_judge(&settings->objective, &run->trial.measurement);
        slo_search_record(&line->search, rate_rps, run->finding.outcome);
    }
    return true;
}

/* ---- what is known -----------------------------------------------------------------------------
 */

double slo_line_left_s(const struct slo_line *line, const struct slo_settings *settings,
                       double done)
{
    struct slo_load load = capacity_load(line, settings);
    double loops = line->run_count < CAPACITY_RUNS ? CAPACITY_RUNS - (double)line->run_count : 0;
    double trials = 0;
    if (line->searching) {
        trials = slo_search_trials_left(&line->search);
    } else if (line->obstacle[0] == '\0') {
        struct slo_search usual;
        slo_search_begin(&usual, 1, 2, settings->precision, (unsigned)settings->repeats);
        trials = slo_search_trials_left(&usual);
    }
    double window_s = settings->window.shortest_s;
    if (!isnan(line->busy_with_rps))
        window_s = slo_window_s(&settings->objective, &settings->window, settings->precision,
                                line->busy_with_rps);
    double loops_s = loops * (load.warm_up_s + load.window_s + start_s);
    double trials_s = trials * (warm_up_s(window_s) + window_s + start_s);
    if (loops > 0)
        return loops_s * (1 - done / loops) + trials_s;
    return trials > 0 ? trials_s * (1 - done / trials) : 0;
}

struct slo_answer slo_line_answer(const struct slo_line *line)
{
    if (line->searching)
        return slo_search_answer(&line->search);
    return (struct slo_answer){
        .verdict = line->obstacle[0] != '\0' ? SLO_UNDETERMINED : SLO_UNFINISHED,
        .surely_held_rps = NAN,
        .surely_missed_rps = NAN,
    };
}

bool slo_line_determined(const struct slo_line *line)
{
    enum slo_verdict verdict = slo_line_answer(line).verdict;
    /* Where the closed loop was not the server's limit, more may be possible than was tried. */
    return verdict == SLO_FOUND || (verdict == SLO_AT_HIGHEST && line->doubt[0] == '\0');
}

const char *slo_line_reason(const struct slo_line *line, double rate_rps)
{
    const char *reason = "";
    for (size_t i = 0; i < line->run_count; i++)
        if (line->runs[i].trial.rate_rps == rate_rps)
            reason = line->runs[i].finding.reason;
    return reason;
}
