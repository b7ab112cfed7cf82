/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C: the first SIGINT, SIGTERM or SIGHUP asks for an early end, with what was measured so
 * far; a second one ends the program at once.
 */
#ifndef CREW_BENCH_BENCH_INTERRUPT_H
#define CREW_BENCH_BENCH_INTERRUPT_H

#include <stdbool.h>

/* Once, before any other thread starts. */
void bench_interrupt_install(void);

/* Whether such a signal has come. Any thread. */
bool bench_interrupted(void);

#endif
