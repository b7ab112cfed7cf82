/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_BENCH_DIAL_H
#define CREW_BENCH_BENCH_DIAL_H

#include "bench/base/bench_error.h"
#include "common/endpoint.h"

#define BENCH_PASSWORD_VARIABLE "CREW_PASSWORD"

/*
 * A connected, non-blocking socket; -1 after filling `error`. Blocks for at most timeout_ms, and as
 * long again where the environment has a password in CREW_PASSWORD: the connection is then logged
 * in. A server that asks for none will do. Raw servers are not asked.
 */
int bench_dial(const struct endpoint *target, int timeout_ms, char error[BENCH_ERROR_SIZE]);

#endif
