/* SPDX-License-Identifier: MIT */
/* Says what is wrong with a reply. Pure. */
#ifndef CREW_BENCH_WRONG_REPLY_H
#define CREW_BENCH_WRONG_REPLY_H

#include "bench/base/bench_error.h"

#include <stddef.h>

/*
 * Fills `error` with where the bytes that came first differ from those that were wanted, and with
 * some of both from there on, as C strings would show them. The bytes are those from byte `at` of
 * the reply on.
 */
void wrong_reply_explain(size_t at, const char *came, size_t came_size, const char *wanted,
                         size_t wanted_size, char error[BENCH_ERROR_SIZE]);

#endif
