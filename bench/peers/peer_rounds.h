/* SPDX-License-Identifier: MIT */
/*
 * Measures a row: both sides in every round, one right after the other, in turns who is first; the
 * first round warms up and does not count. One thread; blocks for (rounds + 1) x 2 loads.
 */
#ifndef CREW_BENCH_PEER_ROUNDS_H
#define CREW_BENCH_PEER_ROUNDS_H

#include "bench/peers/peer_outcome.h"
#include "bench/peers/peer_stand.h"

/* Before each round; `done` is the share of the row. */
typedef void peer_progress(void *context, double done);

/*
 * Fills `outcome`, of which the row is set and all else zero, and judges it. What keeps the row
 * from being measured goes to outcome->problem. All servers are gone afterwards.
 */
void peer_rounds_run(const struct peer_bed *bed, size_t rounds, struct peer_outcome *outcome,
                     peer_progress *progress, void *context);

#endif
