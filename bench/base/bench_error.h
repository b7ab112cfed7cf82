/* SPDX-License-Identifier: MIT */
/*
 * Modules of this folder report failure as text in a buffer of this size that the caller passes,
 * without a trailing newline; several lines when a server's log belongs to it.
 */
#ifndef CREW_BENCH_BENCH_ERROR_H
#define CREW_BENCH_BENCH_ERROR_H

enum { BENCH_ERROR_SIZE = 2048 };

#endif
