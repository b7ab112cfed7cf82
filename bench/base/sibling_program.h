/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_SIBLING_PROGRAM_H
#define CREW_BENCH_SIBLING_PROGRAM_H

#include <limits.h>

/* Fills `path` with the program of this name in the folder of the running one: those that were
 * built together belong together. Whether it is there is not looked at. Any thread. */
void sibling_program(const char *name, char path[PATH_MAX]);

#endif
