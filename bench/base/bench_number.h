/* SPDX-License-Identifier: MIT */
/* Measured numbers as people read them. Pure; each returns its `text`. */
#ifndef CREW_BENCH_BENCH_NUMBER_H
#define CREW_BENCH_BENCH_NUMBER_H

#include <stdint.h>

enum { BENCH_NUMBER_SIZE = 48 };

/* With thousands separated: "1,234,567". */
const char *bench_number_count(char text[BENCH_NUMBER_SIZE], uint64_t count);

/* The same for a rate; below 100 with three significant digits: "48.2". */
const char *bench_number_rate(char text[BENCH_NUMBER_SIZE], double rate);

/* A time in microseconds, with a unit: "1.25ms"; "n/a" for NAN. */
const char *bench_number_us(char text[BENCH_NUMBER_SIZE], double us);

/* A share of 1 as "93%"; "n/a" for NAN. */
const char *bench_number_share(char text[BENCH_NUMBER_SIZE], double share);

#endif
