/* SPDX-License-Identifier: MIT */
/*
 * The search for one worker count (or for the one running server): measures the capacity, drives
 * the search with trials, and keeps every one of them. Blocks; one thread.
 */
#ifndef CREW_BENCH_SLO_LINE_H
#define CREW_BENCH_SLO_LINE_H

#include "bench/commands/slo_search.h"
#include "bench/commands/slo_trial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A trial that ran to its end; its block is its number among those of its rate, from 1. */
struct slo_run {
    struct trial trial;
    uint64_t seed;
    struct slo_finding finding; /* not of capacity trials */
};

struct slo_line {
    unsigned workers;                    /* 0 with a target */
    double capacity_rps;                 /* highest of the closed loops; NAN before there is one */
    char doubt[MEASUREMENT_REASON_SIZE]; /* why that is no capacity, but a scale; or empty */
    char obstacle[BENCH_ERROR_SIZE];     /* why no search was possible; or empty */
    bool searching;                      /* `search` has begun */
    struct slo_search search;
    double busy_with_rps; /* the rate that is being tried; NAN for the capacity */
    struct slo_run *runs; /* owned */
    size_t run_count;
    size_t failed;  /* runs with failures */
    size_t unclean; /* servers that did not stop as they should */
};

void slo_line_begin(struct slo_line *line, unsigned workers);

/* False when it could not be brought to its end: `error` says why, or is empty after Ctrl-C. */
bool slo_line_run(struct slo_line *line, struct slo_place *place, char error[BENCH_ERROR_SIZE]);

void slo_line_free(struct slo_line *line);

/*
 * About how long it will still take, or a whole search before it has begun. `done` is how much of
 * the trial that runs is over, from 0 to 1.
 */
double slo_line_left_s(const struct slo_line *line, const struct slo_settings *settings,
                       double done);

/* As slo_search_answer; undetermined when no search was possible. */
struct slo_answer slo_line_answer(const struct slo_line *line);

/* Whether it is known up to which rate the objective holds. */
bool slo_line_determined(const struct slo_line *line);

/* Why that rate could not be judged, by its last trial; empty if it could. */
const char *slo_line_reason(const struct slo_line *line, double rate_rps);

#endif
