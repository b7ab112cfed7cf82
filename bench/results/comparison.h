/* SPDX-License-Identifier: MIT */
/*
 * Two sweeps side by side: for each workload and worker count that both have, whether the rate of
 * B differs from that of A, and by how much.
 *
 * Note: why blocks are not paired. Within one run the trials of a block share what disturbs the
 * machine meanwhile, so differences within blocks are free of it. Two runs that did not alternate
 * share nothing of the kind: block 3 of A and block 3 of B have in common at most their order.
 * Pairing them would take no disturbance out, but would halve the degrees of freedom: with five
 * blocks the interval of a single difference would be 20 % wider, and those of six at once 40 %.
 * So the two sets of rates count as independent samples (Welch). What differs between two runs as
 * wholes, such as the load of the machine on that day, is in neither interval, which the report has
 * to say.
 *
 * Only usable trials of the capacity experiment count, without the control trials. Pure.
 */
#ifndef CREW_BENCH_COMPARISON_H
#define CREW_BENCH_COMPARISON_H

#include "bench/results/results.h"
#include "bench/statistics/interval.h"

enum {
    COMPARISON_NOTES = 24,
    COMPARISON_NOTE_SIZE = 640,
    COMPARISON_TRIALS_LEAST = 2, /* usable ones on each side: fewer have no interval */
};

/* One worker count in one of the files. */
struct comparison_side {
    size_t planned; /* trials, controls left out */
    size_t usable;
    const char *first_reason;       /* why the first unusable one is; NULL if none says */
    double rate_rps;                /* geometric mean; NAN without usable trials */
    struct bench_response response; /* of the merged histograms */
};

enum { COMPARISON_A, COMPARISON_B, COMPARISON_SIDES };

struct comparison_line {
    unsigned workers;
    struct comparison_side sides[COMPARISON_SIDES];
    bool compared;         /* both have enough usable trials */
    struct interval ratio; /* B to A; the intervals of a workload hold together */
};

struct comparison_workload {
    const char *name;
    struct comparison_line lines[RESULTS_COUNT_LIMIT]; /* rising */
    size_t count;
    size_t compared;   /* lines */
    size_t different;  /* of them, those whose interval leaves out 1 */
    double detectable; /* the largest of the compared lines, as a share; NAN without any */
};

struct comparison {
    const struct results *results[COMPARISON_SIDES];
    bool same_run;                         /* both files hold the very same run */
    struct comparison_workload *workloads; /* owned; in the order of A */
    size_t count;
    size_t compared;                                    /* lines, over all workloads */
    char notes[COMPARISON_NOTES][COMPARISON_NOTE_SIZE]; /* what else differs */
    size_t note_count;
    char missing[COMPARISON_NOTES][COMPARISON_NOTE_SIZE]; /* what cannot be compared, and why */
    size_t missing_count;
};

/* NULL when memory runs out; otherwise freed by comparison_free. Both results must outlive it. */
struct comparison *comparison_take(const struct results *a, const struct results *b);
void comparison_free(struct comparison *comparison);

/* ---- for comparison_take ---- */

/* Fills `notes` and `missing` from what is already known. */
void comparison_take_notes(struct comparison *comparison);

#endif
