/* SPDX-License-Identifier: MIT */
/*
 * All clients of a run, of every kind, in one thread and one epoll set. Beside them stand processes
 * of their own that are killed while they talk.
 */
#ifndef CREW_TESTS_SOAK_LOAD_H
#define CREW_TESTS_SOAK_LOAD_H

#include "tests/soak/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct load {
    const struct behaviour *behaviours;
    size_t kinds;
    struct history_totals *totals; /* owned; one for each kind */
    struct client *clients;        /* owned */
    size_t count;
    struct client_world world;
};

/* No clients come before load_turn. False when memory or descriptors ran out. */
bool load_init(struct load *load, const struct behaviour *behaviours, size_t kinds, uint64_t seed);
void load_free(struct load *load);

/* Handles what has come and lets each client take a step. Waits at most a millisecond. */
void load_turn(struct load *load);

/* How many clients are connected. */
size_t load_present(const struct load *load);

/* From now on nobody comes any more; those that are there finish what they began. */
void load_leave(struct load *load);

/* The clients of the stop come too; true when all workers have enough to do with them. */
bool load_prepare_stop(struct load *load);

/* To be called just before the server is told to stop. */
void load_note_stop(struct load *load);

/* Whoever is still there goes at once. */
void load_abandon(struct load *load);

/* The sums over all kinds, and over those that are orderly or not. */
void load_sum(const struct load *load, struct history_totals *sum);
void load_sum_counted(const struct load *load, bool orderly, struct history_totals *sum);

#endif
