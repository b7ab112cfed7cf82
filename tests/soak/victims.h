/* SPDX-License-Identifier: MIT */
/*
 * Client processes that are killed by SIGKILL amid what they do: each pipelines requests and reads
 * some of the replies until it dies, so what dies with it is whatever happens to be under way. One
 * thread.
 */
#ifndef CREW_TESTS_SOAK_VICTIMS_H
#define CREW_TESTS_SOAK_VICTIMS_H

#include "tests/soak/client.h"

#include <stdint.h>
#include <sys/types.h>

enum { VICTIMS = 4 };

struct victims {
    pid_t pids[VICTIMS]; /* 0 for none */
    uint64_t next_ns;    /* when the next one is replaced */
    unsigned turn;
    uint64_t killed;
};

/* Kills one and starts another, when it is time. */
void victims_step(struct victims *victims, const struct soak_address *address, uint64_t now_ns);

/* Kills all. */
void victims_end(struct victims *victims);

#endif
