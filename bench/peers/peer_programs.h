/* SPDX-License-Identifier: MIT */
/*
 * The programs that `crew-bench peers` needs: some were built beside it, some come with the
 * distribution and may be missing. One thread.
 */
#ifndef CREW_BENCH_PEER_PROGRAMS_H
#define CREW_BENCH_PEER_PROGRAMS_H

#include <limits.h>
#include <stdbool.h>

enum peer_program {
    PEER_CREW,
    PEER_FLOOR,
    PEER_QUEUE,
    PEER_REDIS,
    PEER_MEMCACHED,
    PEER_BENCHMARK,
    PEER_PROGRAMS,
    PEER_NONE = PEER_PROGRAMS, /* where a row needs none */
};

enum { PEER_VERSION_SIZE = 96 };

struct peer_programs {
    char paths[PEER_PROGRAMS][PATH_MAX];             /* empty: it is not there */
    char versions[PEER_PROGRAMS][PEER_VERSION_SIZE]; /* what --version says first; empty likewise */
};

/* Looks for all of them: beside this program (crew-server at `server` if that is not NULL), and in
 * the folders of PATH. Asks those of the distribution for their versions. */
void peer_programs_find(struct peer_programs *programs, const char *server);

/* "redis-server" and so on. */
const char *peer_program_name(enum peer_program program);

/* "redis-server is not installed (apt-get install redis-server)". */
const char *peer_program_missing(enum peer_program program);

#endif
