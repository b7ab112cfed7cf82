/* SPDX-License-Identifier: MIT */
/*
 * One line on stderr that is redrawn while something runs: a bar, the time left and the current
 * rate. Prints nothing unless stderr is a live terminal. One thread.
 */
#ifndef CREW_BENCH_PROGRESS_H
#define CREW_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool live;
    uint64_t begin_ns;
    uint64_t drawn_ns;     /* when the line was last drawn; 0 for never */
    uint64_t rate_ns;      /* when the rate was last taken */
    uint64_t rate_replies; /* replies by then */
    double rate;           /* per second */
};

void progress_begin(struct progress *progress);

/*
 * Redraws the line, at most ten times a second. `done` runs from 0 to 1; `replies` is a running
 * count that may start again at 0; `label` says what runs at present.
 */
void progress_show(struct progress *progress, double done, uint64_t replies, const char *label);

/* Wipes the line, so that other output can follow. */
void progress_end(struct progress *progress);

#endif
