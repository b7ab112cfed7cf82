/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_BENCH_LOGIN_H
#define CREW_BENCH_BENCH_LOGIN_H

#include "bench/base/bench_error.h"
#include "common/channel.h"

/*
 * Logs a fresh connection to `server` in if the environment has a password in CREW_PASSWORD. A
 * server that asks for none will do. Blocks for at most timeout_ms. False after filling `error`;
 * the channel is then still the caller's to close.
 */
bool bench_log_in(struct channel *channel, const struct endpoint *server, int timeout_ms,
                  char error[BENCH_ERROR_SIZE]);

/* Whether an error reply, or its begin, says that the server wants a password first: then there is
 * nothing that the connection could measure. */
bool bench_login_is_due(const char *reply, size_t size);

#endif
