/* SPDX-License-Identifier: MIT */
#include "bench/commands/server_choice.h"

#include "bench/base/sibling_program.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

bool server_choice_find(const char *option, char path[PATH_MAX], char error[OPTION_ERROR_SIZE])
{
    if (option != NULL)
        snprintf(path, PATH_MAX, "%s", option);
    else
        sibling_program("crew-server", path);
    if (access(path, X_OK) == 0)
        return true;
    snprintf(error, OPTION_ERROR_SIZE, "cannot run the server %.150s: %s (see --server-program)",
             path, strerror(errno));
    return false;
}

bool server_choice_target(const char *url, const struct workload *workload, struct endpoint *target,
                          char error[BENCH_ERROR_SIZE])
{
    char reason[ENDPOINT_ERROR_SIZE];
    if (!endpoint_parse(url, target, reason)) {
        snprintf(error, BENCH_ERROR_SIZE, "--target: %s", reason);
        return false;
    }
    /* A raw server knows no commands, and a RESP server no bare text. */
    if ((target->scheme == ENDPOINT_RAW) == workload->raw)
        return true;
    snprintf(error, BENCH_ERROR_SIZE,
             workload->raw ? "workload '%.200s' needs a raw:// target"
                           : "workload '%.200s' needs a target that speaks RESP; a raw:// target "
                             "takes 'text:MESSAGE'",
             workload->spec);
    return false;
}

bool server_choice_tls(const struct tls_client_options *options, const struct endpoint *target,
                       struct tls_context **context, char error[BENCH_ERROR_SIZE])
{
    char message[TLS_MESSAGE_SIZE];
    bool usable = tls_client_context(options, target, context, message);
    if (!usable)
        snprintf(error, BENCH_ERROR_SIZE, "%s", message);
    else if (message[0] != '\0')
        fprintf(stderr, "crew-bench: warning: %s\n", message);
    return usable;
}
