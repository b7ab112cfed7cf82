/* SPDX-License-Identifier: MIT */
/* What the terminal can show, if there is one. Any thread. */
#ifndef CREW_BENCH_BENCH_TERMINAL_H
#define CREW_BENCH_BENCH_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Columns of the terminal behind `fd`, or of COLUMNS, or 80. */
size_t bench_terminal_width(int fd);

/* Whether `fd` is a terminal that lines can be redrawn on. */
bool bench_terminal_is_live(int fd);

/* The same, and the user does not forbid colours (NO_COLOR). */
bool bench_terminal_has_colour(int fd);

#endif
