/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_outcome.h"

#include <stdio.h>

static const char *const names[PEER_CURVE] = {
    [PEER_CPU_US] = "cpu_us",
    [PEER_RATE_RPS] = "rate_rps",
    [PEER_P50_US] = "p50_us",
    [PEER_P99_US] = "p99_us",
    [PEER_SERVICE_US] = "service_us",
    [PEER_SPARE_RPS] = "spare_rps",
    [PEER_MEMORY_BYTES] = "memory_bytes",
    [PEER_GENERATOR_SHARE] = "generator_share",
};

static void add(struct peer_outcome *outcome, const struct peer_aim *aim)
{
    outcome->verdicts[outcome->verdict_count++] = peer_verdict_of(
        aim, outcome->figures[0][aim->figure], outcome->figures[1][aim->figure], outcome->rounds);
}

void peer_outcome_judge(struct peer_outcome *outcome)
{
    outcome->verdict_count = 0;
    for (size_t i = 0; i < PEER_AIMS && outcome->row->aims[i].wish != PEER_NO_MORE; i++)
        add(outcome, &outcome->row->aims[i]);
    for (size_t i = 0; i < outcome->curve_count; i++) {
        struct peer_aim aim = {(enum peer_figure)(PEER_CURVE + i), PEER_AT_LEAST, PEER_CURVE_BOUND};
        add(outcome, &aim);
    }
}

bool peer_outcome_reached(const struct peer_outcome *outcome)
{
    for (size_t i = 0; i < outcome->verdict_count; i++)
        if (outcome->verdicts[i].judgement == PEER_MISSED)
            return false;
    return outcome->problem[0] == '\0' && outcome->verdict_count > 0;
}

const char *peer_outcome_figure_name(const struct peer_outcome *outcome, size_t figure,
                                     char name[PEER_VERDICT_NAME_SIZE])
{
    if (figure < PEER_CURVE)
        snprintf(name, PEER_VERDICT_NAME_SIZE, "%s", names[figure]);
    else
        snprintf(name, PEER_VERDICT_NAME_SIZE, "threads_%u",
                 outcome->curve_threads[figure - PEER_CURVE]);
    return name;
}
