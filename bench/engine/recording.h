/* SPDX-License-Identifier: MIT */
/*
 * What a run looked like over time: snapshots at equal intervals, and what lies between any two of
 * them as a measurement. Single-threaded.
 *
 *   recording_begin → recording_tick… → recording_finish → recording_measure → recording_free
 */
#ifndef CREW_BENCH_RECORDING_H
#define CREW_BENCH_RECORDING_H

#include "bench/engine/engine.h"
#include "bench/engine/measurement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recording {
    struct engine *engine;
    const struct engine_settings *settings;
    uint64_t interval_ns;
    uint64_t next_ns;
    struct engine_snapshot *zero;   /* owned: when the load began */
    struct engine_snapshot *window; /* owned: when the window began; NULL before */
    struct engine_snapshot *latest; /* owned */
    struct engine_snapshot *kept;   /* owned: one for each row of the window, or NULL */
    size_t kept_limit;
    size_t kept_count;
    struct series_row *rows; /* owned */
    size_t row_count;
    size_t row_capacity;
    size_t window_row; /* index of the window's first row */
    bool failed;       /* out of memory: rows are missing */
};

/*
 * Begins with the load's begin; `keep` is how many snapshots of the window are kept, so that its
 * begin can be moved there. False when memory runs out; recording_free is due in any case.
 */
bool recording_begin(struct recording *recording, struct engine *engine,
                     const struct engine_settings *settings, uint64_t interval_ns, size_t keep);

/* Takes a snapshot if one is due; returns when the next is. */
uint64_t recording_tick(struct recording *recording);

/*
 * The window begins now, or with the first request, which there must be no row yet for. False when
 * memory runs out.
 */
bool recording_begin_window(struct recording *recording, bool from_the_first);

/* The window, if it has begun, ends now. */
void recording_finish(struct recording *recording);

/* The window begins with its row `row`, of those whose snapshots were kept; the rows before count
 * as warm-up. */
void recording_move_window(struct recording *recording, size_t row);

/*
 * Fills `measurement`, judged, after the engine has stopped. `early` says that the run was ended
 * by the number of requests. False when memory runs out; measurement_free is due in any case.
 */
bool recording_measure(struct recording *recording, const struct engine_end *end, bool early,
                       struct measurement *measurement);

void recording_free(struct recording *recording);

#endif
