/* SPDX-License-Identifier: MIT */
/*
 * The steps of analysis_take, in this order; each reads what the earlier ones left. Those that
 * return false ran out of memory. One thread at a time.
 */
#ifndef CREW_BENCH_ANALYSIS_PARTS_H
#define CREW_BENCH_ANALYSIS_PARTS_H

#include "bench/results/analysis.h"
#include "bench/results/trial_group.h"

struct analysis_work {
    const struct results *results;
    size_t workload;
    struct analysis *analysis;
    double *scratch;             /* as many as there are trials, and one */
    struct histogram *histogram; /* to merge into */
};

/* The lines of capacity[] and left_out[], without intervals and models. */
void analysis_take_capacity(struct analysis_work *work);

/* The curves and Goetz's formula. */
bool analysis_take_models(struct analysis_work *work);

/* The lines of latency[]. */
bool analysis_take_latency(struct analysis_work *work);

/* The choice, its text and the intervals of capacity[]. */
bool analysis_take_choice(struct analysis_work *work);

/* sentences[]: first those about models, then those about what is uncertain. */
void analysis_say_models(struct analysis_work *work);
void analysis_say_doubts(struct analysis_work *work);

/* ---- what several steps need ------------------------------------------------------------------
 */

/* Index in capacity[] of the count with the highest rate; there must be one. */
size_t analysis_fastest(const struct analysis *analysis);

/* Index in capacity[] of the count that models are held against: the chosen one, or the fastest
 * while the choice is undetermined. */
size_t analysis_focus(const struct analysis *analysis);

/* More than half of the usable trials. */
bool analysis_unstable(const struct latency_line *line);

/*
 * The rate at which the SLO is judged and p99 compared: the one that was asked for, or else the
 * highest that the fastest count serves without a growing backlog; NAN if there is none.
 */
double analysis_judged_rps(const struct analysis_work *work);

/* Whether a count meets the SLO at analysis_judged_rps. */
enum choice_slo analysis_slo(const struct analysis_work *work, unsigned workers);

/* Adds a sentence; one that is too long is cut, one too many is dropped. */
void analysis_say(struct analysis *analysis, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "" for one, "s" for any other number. */
const char *analysis_plural(size_t count);

#endif
