/* SPDX-License-Identifier: MIT */
/*
 * Counts requests and their service time. Consecutive requests of the same command, as pipelines
 * bring them, are timed as a run: the clock is read once at its end and the time divided evenly.
 * A look at the clock takes about as long as a PING. A command that may block is always a run of
 * its own.
 *
 * Belongs to the worker that runs the requests.
 */
#ifndef CREW_SERVER_REQUEST_RUN_H
#define CREW_SERVER_REQUEST_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct command_entry;
struct worker;

struct request_run {
    const struct command_entry *entry; /* NULL: of unknown commands */
    uint32_t calls;                    /* whose handler ran */
    uint32_t failed;                   /* of `calls`: answered with an error */
    uint32_t rejected;                 /* not run, but answered with an error */
};

/* Before a request of `entry` is run: ends a run of another command. */
void request_run_join(struct worker *worker, const struct command_entry *entry);

/* After it: whether it was run, and whether it was answered with an error. */
void request_run_add(struct request_run *run, bool ran, bool is_error);

/* Reads the clock and adds the run, if there is one, to the worker's statistics. */
void request_run_end(struct worker *worker);

#endif
