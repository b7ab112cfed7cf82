/* SPDX-License-Identifier: MIT */
/*
 * When the poller should look away for a moment, so that it finds many connections ready at once
 * instead of being woken for each: what network cards call interrupt moderation. Falling asleep
 * and being woken costs as much as a fifth of a short request; shared by many it costs nothing.
 *
 * The rule. A nap lasts at most a third of the mean time between two requests of a connection, and
 * at most as long as --poll-nap says. It is taken only if MODERATION_CROWD requests should come
 * meanwhile, and fewer than that are ready now. So there are no naps with fewer than 12 active
 * connections, nor below some 27,000 requests per second (4 in 150 us), nor on a busy server. A
 * client much faster than the mean may wait for as long as a nap at each request.
 * doc/performance.md has the figures.
 *
 * How it knows. By Little's law the mean time between requests of a connection is the number of
 * active connections over the rate. Both are counted in rounds of MODERATION_ROUND events; a round
 * that takes too long ends all naps.
 *
 * Everything here belongs to the worker that holds the poller's role; the ready queue's lock, under
 * which the role changes hands, orders one holder after the other.
 */
#ifndef CREW_SERVER_MODERATION_H
#define CREW_SERVER_MODERATION_H

#include <stdint.h>

enum {
    MODERATION_CROWD = 4,
    MODERATION_ROUND = 256,
};

struct moderation {
    uint64_t longest_nap_ns; /* 0: never; constant */
    uint64_t nap_ns;         /* how long to look away before the next wait; 0: not at all */
    uint64_t round_started_ns;
    uint32_t round;  /* counts up from 1 */
    uint32_t events; /* found in this round */
    uint32_t active; /* different connections among them */
};

void moderation_init(struct moderation *moderation, uint64_t longest_nap_ns, uint64_t now_ns);

/* A connection was found ready. `round` belongs to the connection: when it was last counted. */
void moderation_count(struct moderation *moderation, uint32_t *round);

/* After each poll: ends the round if it is due, and then decides on naps. */
void moderation_end_poll(struct moderation *moderation, uint64_t now_ns);

#endif
