/* SPDX-License-Identifier: MIT */
/*
 * What a server and the kernel say about a window of time: INFO after CONFIG RESETSTAT, and the
 * difference of two readings of the kernel's accounting, each taken right after the server's
 * reply. The server is asked while the load still runs, so its figures have no idle time in them;
 * the question waits in the ready queue like any request. If it waits for too long, the figures
 * are not known, which says nothing against the load's own. One thread.
 */
#ifndef CREW_BENCH_SERVER_WINDOW_H
#define CREW_BENCH_SERVER_WINDOW_H

#include "bench/results/results.h"
#include "bench/trial/bench_control.h"
#include "bench/trial/kernel_accounting.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server_window {
    bool known; /* it began */
    uint64_t begin_ns;
    struct kernel_accounting begin;
};

/* Both block until the server has replied. server_window_free is due in any case. */
void server_window_begin(struct server_window *window, struct bench_control *control, pid_t pid);
void server_window_end(struct server_window *window, struct bench_control *control, pid_t pid,
                       struct server_figures *figures);
void server_window_free(struct server_window *window);

/* All figures NAN. */
struct server_figures server_figures_unknown(void);

#endif
