/* SPDX-License-Identifier: MIT */
/*
 * The search for the highest rate at which an objective holds, as a state machine that knows
 * nothing of servers: it says which rate to try next, is told what came of it, and ends with an
 * answer. The same outcomes give the same search. Pure; one thread.
 *
 *   bracket   from three quarters of the highest rate upwards by a third, or downwards, each step
 *             (on a logarithmic scale) twice as long as all before it together
 *   bisect    the geometric middle of the highest rate that held and the lowest that did not,
 *             until they are no farther apart than the precision
 *   check     each end is tried once more: a disturbance may have decided it
 *
 * A rate is decided by the majority of its repeats, which ends as soon as the rest cannot change
 * it; a draw is missed. When the check of an end contradicts, that rate is decided anew by the
 * best of repeats + 2, and the search goes on from there. A trial that cannot be trusted says
 * nothing: it is repeated twice, after which the rate counts as one that cannot be judged and the
 * search goes on below it, for at most three such rates.
 */
#ifndef CREW_BENCH_SLO_SEARCH_H
#define CREW_BENCH_SLO_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SLO_SEARCH_POINTS = 32,       /* different rates; so many only if outcomes contradict */
    SLO_SEARCH_REFUSALS = 3,      /* in a row at one rate, after which it cannot be judged */
    SLO_SEARCH_REFUSED_RATES = 3, /* after which the search ends */
};

enum slo_outcome {
    SLO_MET,
    SLO_MISSED,
    SLO_REFUSED, /* the trial cannot be trusted */
};

enum slo_decision {
    SLO_OPEN, /* more repeats are needed */
    SLO_HELD,
    SLO_NOT_HELD,
    SLO_NOT_JUDGED,
};

/* One rate that was tried. */
struct slo_point {
    double rate_rps;
    unsigned met;
    unsigned missed;
    unsigned refused;        /* in all */
    unsigned refused_in_row; /* at the end */
    unsigned best_of;        /* its majority decides */
    bool checked;            /* tried once more since it was decided first */
};

struct slo_search {
    double lowest_rps; /* of all rates, as is highest_rps */
    double highest_rps;
    double precision; /* 0.05: the ends of the answer are at most 5 % apart */
    unsigned repeats; /* at least 1 */
    struct slo_point points[SLO_SEARCH_POINTS]; /* rates rise */
    size_t count;
};

enum slo_verdict {
    SLO_UNFINISHED, /* the search has not ended yet */
    SLO_FOUND,      /* `held` and `above` are no farther apart than the precision */
    SLO_AT_HIGHEST, /* held at the highest rate; no `above` */
    SLO_AT_LOWEST,  /* missed at the lowest rate; no `held` */
    SLO_UNDETERMINED,
};

struct slo_answer {
    enum slo_verdict verdict;
    const struct slo_point *held;  /* highest rate that held, of those below `above`; or NULL */
    const struct slo_point *above; /* lowest rate that did not hold, or could not be judged;
                                    * or NULL */
    /* What bounds the true limit where repeats disagreed; NAN where nothing does. */
    double surely_held_rps;   /* up to it no trial missed */
    double surely_missed_rps; /* from it on no trial met */
};

/* lowest_rps is above 0 and not above highest_rps. */
void slo_search_begin(struct slo_search *search, double lowest_rps, double highest_rps,
                      double precision, unsigned repeats);

/* Fills *rate_rps with what to try next; false when the search has ended. */
bool slo_search_next(const struct slo_search *search, double *rate_rps);

/* What came of the rate that slo_search_next said. */
void slo_search_record(struct slo_search *search, double rate_rps, enum slo_outcome outcome);

enum slo_decision slo_point_decision(const struct slo_point *point);

/* About how many trials are still to come, if nothing unexpected happens. */
unsigned slo_search_trials_left(const struct slo_search *search);

/* As far as it is known; the points are the search's own. */
struct slo_answer slo_search_answer(const struct slo_search *search);

#endif
