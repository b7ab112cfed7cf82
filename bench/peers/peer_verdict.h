/* SPDX-License-Identifier: MIT */
/*
 * What a row's measurements say about one of its aims. Pure; any thread.
 *
 * Ratio note. Each round measures both sides, one right after the other, and has a ratio of its
 * own; the median of those is judged. What the machine does to both sides of a round cancels out
 * there, as it does not in the ratio of the two medians, which are shown beside it.
 */
#ifndef CREW_BENCH_PEER_VERDICT_H
#define CREW_BENCH_PEER_VERDICT_H

#include "bench/peers/peer_table.h"

#include <stddef.h>

enum peer_judgement { PEER_REACHED, PEER_MISSED, PEER_TOLD };

struct peer_verdict {
    struct peer_aim aim;
    double subject; /* median over the rounds */
    double peer;
    double ratio; /* median of the rounds' ratios: see the ratio note */
    double low;   /* the smallest and the largest of them */
    double high;
    enum peer_judgement judgement;
};

/* One value per round and side. What cannot be computed is NAN, and then the aim is missed. */
struct peer_verdict peer_verdict_of(const struct peer_aim *aim, const double *subject,
                                    const double *peer, size_t rounds);

#endif
