/* SPDX-License-Identifier: MIT */
/* What came of a row: every figure of every round, or why there is none. One thread. */
#ifndef CREW_BENCH_PEER_OUTCOME_H
#define CREW_BENCH_PEER_OUTCOME_H

#include "bench/base/bench_error.h"
#include "bench/peers/peer_table.h"
#include "bench/peers/peer_verdict.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PEER_ROUNDS_LIMIT = 100,
    PEER_VERDICTS = PEER_CURVE_LIMIT, /* of a row */
    PEER_VERDICT_NAME_SIZE = 32,
};

struct peer_outcome {
    const struct peer_row *row;
    char problem[BENCH_ERROR_SIZE]; /* why it was not measured; empty when it was */
    size_t rounds;                  /* that are complete, without the one that warms up */
    double figures[2][PEER_FIGURES][PEER_ROUNDS_LIMIT]; /* subject, peer */
    unsigned curve_threads[PEER_CURVE_LIMIT];
    size_t curve_count;
    struct peer_verdict verdicts[PEER_VERDICTS];
    size_t verdict_count; /* 0 when there is a problem */
};

/* Judges a row that was measured, by its aims or, for a curve, point by point. */
void peer_outcome_judge(struct peer_outcome *outcome);

/* Measured, and no aim of it missed. */
bool peer_outcome_reached(const struct peer_outcome *outcome);

/* "cpu_us" and so on; of the curve "threads_4". Returns `name`. */
const char *peer_outcome_figure_name(const struct peer_outcome *outcome, size_t figure,
                                     char name[PEER_VERDICT_NAME_SIZE]);

#endif
