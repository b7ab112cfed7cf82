/* SPDX-License-Identifier: MIT */
#include "server/moderation.h"

static void begin_round(struct moderation *moderation, uint64_t now_ns)
{
    moderation->round++;
    moderation->round_started_ns = now_ns;
    moderation->events = 0;
    moderation->active = 0;
}

void moderation_init(struct moderation *moderation, uint64_t longest_nap_ns, uint64_t now_ns)
{
    *moderation = (struct moderation){.longest_nap_ns = longest_nap_ns};
    begin_round(moderation, now_ns);
}

void moderation_count(struct moderation *moderation, uint32_t *round)
{
    moderation->events++;
    if (*round == moderation->round)
        return;
    *round = moderation->round;
    moderation->active++;
}

/* The nap that suits a round of so many events and active connections in so much time. */
static uint64_t suitable_nap_ns(const struct moderation *moderation, uint64_t elapsed_ns)
{
    uint64_t between_requests_ns = elapsed_ns * moderation->active / moderation->events;
    uint64_t nap_ns = between_requests_ns / 3;
    if (nap_ns > moderation->longest_nap_ns)
        nap_ns = moderation->longest_nap_ns;
    /* In a nap, events * nap / elapsed requests are to be expected. */
    return nap_ns * moderation->events >= elapsed_ns * MODERATION_CROWD ? nap_ns : 0;
}

void moderation_end_poll(struct moderation *moderation, uint64_t now_ns)
{
    uint64_t elapsed_ns = now_ns - moderation->round_started_ns;
    /* In a longer round, fewer than a crowd are to be expected even in the longest nap. */
    if (elapsed_ns > moderation->longest_nap_ns * MODERATION_ROUND / MODERATION_CROWD)
        moderation->nap_ns = 0;
    else if (moderation->events >= MODERATION_ROUND)
        moderation->nap_ns = suitable_nap_ns(moderation, elapsed_ns);
    else
        return;
    begin_round(moderation, now_ns);
}
