/* SPDX-License-Identifier: MIT */
/* Which server is measured: one that is started, or one that runs already. One thread. */
#ifndef CREW_BENCH_SERVER_CHOICE_H
#define CREW_BENCH_SERVER_CHOICE_H

#include "bench/base/bench_error.h"
#include "bench/engine/workload.h"
#include "common/endpoint.h"
#include "common/option.h"
#include "common/tls_client.h"

#include <limits.h>
#include <stdbool.h>

/*
 * Fills `path` with the crew-server to start: `option` (of --server-program), or, where that is
 * NULL, the one beside this program. False after filling `error` when it cannot be executed.
 */
bool server_choice_find(const char *option, char path[PATH_MAX], char error[OPTION_ERROR_SIZE]);

/* Parses the URL of --target, whose server has to understand the workload. False after filling
 * `error`. */
bool server_choice_target(const char *url, const struct workload *workload, struct endpoint *target,
                          char error[BENCH_ERROR_SIZE]);

/* How to encrypt what goes to the target: see tls_client_context, whose warnings it prints. */
bool server_choice_tls(const struct tls_client_options *options, const struct endpoint *target,
                       struct tls_context **context, char error[BENCH_ERROR_SIZE]);

#endif
