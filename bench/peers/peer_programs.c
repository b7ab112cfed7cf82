/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_programs.h"

#include "bench/base/sibling_program.h"
#include "bench/peers/child_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VERSION_TIMEOUT_MS = 5000 };

static const struct {
    const char *name;
    bool is_ours; /* built beside this program */
    const char *missing;
} known[PEER_PROGRAMS] = {
    [PEER_CREW] = {"crew-server", true, "crew-server is not beside crew-bench (make)"},
    [PEER_FLOOR] = {"crew-floor", true, "crew-floor is not beside crew-bench (make bench-peers)"},
    [PEER_QUEUE] = {"ready-queue-speed", true,
                    "ready-queue-speed is not beside crew-bench (make bench-peers)"},
    [PEER_REDIS] = {"redis-server", false,
                    "redis-server is not installed (apt-get install redis-server)"},
    [PEER_MEMCACHED] = {"memcached", false,
                        "memcached is not installed (apt-get install memcached)"},
    [PEER_BENCHMARK] = {"redis-benchmark", false,
                        "redis-benchmark is not installed (apt-get install redis-tools)"},
};

static void find_in_path(const char *name, char path[PATH_MAX])
{
    const char *folders = getenv("PATH");
    path[0] = '\0';
    while (folders != NULL && *folders != '\0') {
        size_t size = strcspn(folders, ":");
        snprintf(path, PATH_MAX, "%.*s/%s", (int)size, folders, name);
        if (access(path, X_OK) == 0)
            return;
        folders += size + (folders[size] == ':' ? 1 : 0);
    }
}

static void ask_version(const char *path, char version[PEER_VERSION_SIZE])
{
    static const char *const words[] = {"--version", NULL};
    char error[BENCH_ERROR_SIZE];
    struct byte_buffer output = {0};
    double cpu_s = 0;
    if (child_program_run(path, words, VERSION_TIMEOUT_MS, &output, &cpu_s, error))
        snprintf(version, PEER_VERSION_SIZE, "%.*s", (int)strcspn(output.bytes, "\n"),
                 output.bytes);
    byte_buffer_free(&output);
}

void peer_programs_find(struct peer_programs *programs, const char *server)
{
    *programs = (struct peer_programs){0};
    for (int i = 0; i < PEER_PROGRAMS; i++) {
        char *path = programs->paths[i];
        if (i == PEER_CREW && server != NULL)
            snprintf(path, PATH_MAX, "%s", server);
        else if (known[i].is_ours)
            sibling_program(known[i].name, path);
        else
            find_in_path(known[i].name, path);
        if (access(path, X_OK) != 0)
            path[0] = '\0';
        else if (!known[i].is_ours)
            ask_version(path, programs->versions[i]);
    }
}

const char *peer_program_name(enum peer_program program)
{
    return known[program].name;
}

const char *peer_program_missing(enum peer_program program)
{
    return known[program].missing;
}
