/* SPDX-License-Identifier: MIT */
/* Options of the soak test. */
#ifndef CREW_TESTS_SOAK_SETTINGS_H
#define CREW_TESTS_SOAK_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct settings {
    int64_t duration_ns; /* of the mixed load, its warm-up and its stop */
    int64_t connections; /* 0: the mixed load; else so many short lives */
    int64_t workers;
    int64_t seed;
    bool ignore_memory;
    bool attacks; /* alone, and nothing else */
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int settings_read(struct settings *settings, int argc, char **argv);

#endif
