/* SPDX-License-Identifier: MIT */
#include "bench/commands/server_choice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The server that was built together with this program is the one to measure. */
bool server_choice_find(const char *option, char path[PATH_MAX], char error[OPTION_ERROR_SIZE])
{
    if (option != NULL) {
        snprintf(path, PATH_MAX, "%s", option);
    } else {
        static const char name[] = "crew-server";
        ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - sizeof(name));
        path[size > 0 ? size : 0] = '\0';
        char *slash = strrchr(path, '/');
        memcpy(slash != NULL ? slash + 1 : path, name, sizeof(name));
    }
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
