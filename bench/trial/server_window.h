/* SPDX-License-Identifier: MIT */
/*
 * What a server and the kernel say about a window of time: INFO after CONFIG RESETSTAT, and the
 * difference of two readings of the kernel's accounting. The server is asked while the load still
 * runs, so its figures have no idle time in them; the question waits in the ready queue like any
 * request. One thread.
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
    uint64_t begin_ns;
    struct kernel_accounting begin;
};

/* False after filling `error`; server_window_free is due in any case. */
bool server_window_begin(struct server_window *window, struct bench_control *control, pid_t pid,
                         char error[BENCH_ERROR_SIZE]);
bool server_window_end(struct server_window *window, struct bench_control *control, pid_t pid,
                       struct server_figures *figures, char error[BENCH_ERROR_SIZE]);
void server_window_free(struct server_window *window);

#endif
