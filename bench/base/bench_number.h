/* SPDX-License-Identifier: MIT */
/* Measured numbers as people, and in the end programs, read them. Pure; each returns its `text`. */
#ifndef CREW_BENCH_BENCH_NUMBER_H
#define CREW_BENCH_BENCH_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_NUMBER_SIZE = 48 };

/* With thousands separated: "1,234,567". */
const char *bench_number_count(char text[BENCH_NUMBER_SIZE], uint64_t count);

/* The same for a rate; below 100 with three significant digits: "48.2". */
const char *bench_number_rate(char text[BENCH_NUMBER_SIZE], double rate);

/* A time in microseconds, with a unit: "1.25ms"; "n/a" for NAN. */
const char *bench_number_us(char text[BENCH_NUMBER_SIZE], double us);

/* The reverse: requests per second from 0.01 to 10 million, with nothing, k or m behind: "2.5k". */
bool bench_rate_parse(const char *text, double *rate_rps);

/* A share of 1 as "93%"; "n/a" for NAN. */
const char *bench_number_share(char text[BENCH_NUMBER_SIZE], double share);

/* For programs: the fewest digits that give the same (finite) number back. */
const char *bench_number_exact(char text[BENCH_NUMBER_SIZE], double number);

#endif
