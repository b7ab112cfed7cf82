/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_verdict.h"

#include "bench/peers/peer_outcome.h"
#include "bench/statistics/sample.h"

#include <math.h>

static enum peer_judgement judge(const struct peer_verdict *verdict)
{
    bool reached = false; /* a comparison with NAN is false */
    switch (verdict->aim.wish) {
    case PEER_NO_MORE:
    case PEER_NO_AIM:
        return PEER_TOLD;
    case PEER_AT_MOST:
        reached = verdict->ratio <= verdict->aim.bound;
        break;
    case PEER_AT_LEAST:
        reached = verdict->ratio >= verdict->aim.bound;
        break;
    case PEER_SUBJECT_AT_MOST:
        reached = verdict->subject <= verdict->aim.bound;
        break;
    }
    return reached ? PEER_REACHED : PEER_MISSED;
}

struct peer_verdict peer_verdict_of(const struct peer_aim *aim, const double *subject,
                                    const double *peer, size_t rounds)
{
    double ratios[PEER_ROUNDS_LIMIT];
    struct peer_verdict verdict = {.aim = *aim, .low = NAN, .high = NAN};
    for (size_t i = 0; i < rounds; i++) {
        ratios[i] = peer[i] > 0 ? subject[i] / peer[i] : NAN;
        verdict.low = fmin(verdict.low, ratios[i]); /* the number when the other is NAN */
        verdict.high = fmax(verdict.high, ratios[i]);
    }
    verdict.subject = sample_median(subject, rounds);
    verdict.peer = sample_median(peer, rounds);
    verdict.ratio = sample_known(ratios, rounds) == rounds ? sample_median(ratios, rounds) : NAN;
    verdict.judgement = judge(&verdict);
    return verdict;
}
