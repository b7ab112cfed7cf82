/* SPDX-License-Identifier: MIT */
/*
 * How many workers to use, from randomised blocks that each measured every count once: the fewest
 * that are as good as the best, and that meet the SLO, with all that is uncertain about it. Pure;
 * any thread.
 *
 * The best is the count with the highest geometric mean among those that meet the SLO. Intervals
 * to the best, to the reference and to the count below hold together for (counts - 1) comparisons
 * (see interval.h). A count is "indistinguishable" while the upper end of its ratio to the best is
 * at least 0.98; of these the fewest are chosen whose lower end rules out a loss of more than 2 %,
 * or, where the comparison could not detect 2 %, of more than 15 %. Where no two counts differ at
 * all, the fewest are chosen. A count with usable trials in fewer than half as many blocks as
 * another is left out.
 */
#ifndef CREW_BENCH_CHOICE_H
#define CREW_BENCH_CHOICE_H

#include "bench/statistics/interval.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHOICE_TEXT_SIZE = 1024,
    CHOICE_TOLERANCE_PERCENT = 2, /* what counts as equal to the best, at least */
    CHOICE_BLOCKS_LEAST = 2,      /* without so many complete blocks nothing is said */
    CHOICE_NOISE_LEAST = 3,       /* pairs of the A/A control; fewer say nothing */
    CHOICE_BLOCKS_FIRM = 6,       /* with fewer it is said provisionally */
};

enum choice_slo {
    CHOICE_SLO_NONE, /* none was set */
    CHOICE_SLO_MET,
    CHOICE_SLO_MISSED,
    CHOICE_SLO_UNKNOWN, /* set, but not measured: not chosen */
};

struct choice_input {
    const unsigned *workers; /* the counts, rising */
    size_t counts;
    const double *rates_rps; /* rates_rps[block * counts + index]; NAN, zero or less is missing */
    size_t blocks;
    const double *control_rps;  /* the reference's second trial in each block; NULL for none */
    size_t reference;           /* index of the count that others are compared with */
    const enum choice_slo *slo; /* per count; NULL when none was set */
    const double *p99_us;       /* per count, NAN when unknown; NULL when all are */
    uint64_t seed;              /* of the resampling */
};

/* What is known about one count. Figures that are not known are NAN. */
struct choice_line {
    struct interval rate;         /* requests per second */
    struct interval to_best;      /* ratio; exactly 1 for the best itself */
    struct interval to_reference; /* ratio; exactly 1 for the reference itself */
    bool in_set;                  /* meets the SLO and is not shown to be over 2 % worse */
    double chosen_share; /* of resamples in which it is the first within 2 % by its mean alone */
};

enum choice_verdict {
    CHOICE_USE,           /* `chosen` */
    CHOICE_NO_DIFFERENCE, /* no two counts differ, by intervals that hold for all pairs together (so
                           * a single one of the lines may leave out 1); `chosen` is valid */
    CHOICE_UNDETERMINED,  /* nothing can be said, for `reason`; all else may be meaningless */
};

struct choice {
    enum choice_verdict verdict;
    const char *reason; /* static text, or the caller's own that says why its trials do not count */
    size_t chosen;      /* index of the count to use */
    size_t best;        /* index of the best */
    struct interval step;  /* ratio of the chosen to the next smaller count; NAN if it is first */
    struct interval noise; /* A/A: control to reference, which should include 1 */
    double possible_loss;  /* of the chosen to the best, that is not ruled out, as a share */
    double detectable;     /* smallest detectable effect: the largest over all pairs, as a share */
    size_t blocks;         /* of the count that has fewest, not counting those with fewer than 2 */
    bool provisional;      /* fewer than CHOICE_BLOCKS_FIRM */
    bool best_is_largest;  /* of those tried: larger ones may be better still */
    bool chosen_is_largest;
    bool chosen_is_smallest; /* and is not 1: smaller ones may do */
    size_t worse_from;       /* index of the first count beyond the chosen from which on every
                              * known p99 is over 10 % above the chosen's; `counts` if none */
};

/* Fills lines[counts] and *choice. False when memory runs out. */
bool choice_make(const struct choice_input *input, struct choice_line *lines,
                 struct choice *choice);

/* Says it in one line for a person; returns `text`. */
const char *choice_explain(const struct choice_input *input, const struct choice_line *lines,
                           const struct choice *choice, char text[CHOICE_TEXT_SIZE]);

#endif
