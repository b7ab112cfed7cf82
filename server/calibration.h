/* SPDX-License-Identifier: MIT */
/*
 * Work for WORK CPU: a fixed number of iterations for each microsecond asked for, found out once.
 * Spinning until a clock says so would let eight workers "work" for a second each in one second
 * of two CPUs; a fixed number of iterations takes longer when CPUs are shared, as real work does.
 */
#ifndef CREW_SERVER_CALIBRATION_H
#define CREW_SERVER_CALIBRATION_H

#include <stdint.h>

/* Sets the iterations per microsecond instead of measuring them. Before threads start. */
void calibration_set(uint64_t iterations_per_us);

/* Iterations per microsecond; 0 while neither set nor measured. Any thread. */
uint64_t calibration_iterations_per_us(void);

/* Burns CPU for about this long on an otherwise idle CPU. Any thread; the first call measures for
 * about 20 ms, during which others wait. */
void calibration_burn(uint64_t duration_us);

#endif
