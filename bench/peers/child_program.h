/* SPDX-License-Identifier: MIT */
/* A program that is run to its end for what it prints. The thread that calls; it blocks. */
#ifndef CREW_BENCH_CHILD_PROGRAM_H
#define CREW_BENCH_CHILD_PROGRAM_H

#include "bench/base/bench_error.h"
#include "common/byte_buffer.h"

#include <stdbool.h>

/*
 * Runs `path` with `arguments` (ending with NULL, without the program's name). What it printed is
 * in `output`, terminated, to be freed by the caller in any case; *cpu_seconds is what it used.
 * False after filling `error` unless it ends by itself with status 0 within `timeout_ms`; with an
 * empty text after Ctrl-C.
 */
bool child_program_run(const char *path, const char *const *arguments, int timeout_ms,
                       struct byte_buffer *output, double *cpu_seconds,
                       char error[BENCH_ERROR_SIZE]);

#endif
