/* SPDX-License-Identifier: MIT */
/* Picks fields out of the text that INFO replies with: lines "field:value". Pure. */
#ifndef CREW_BENCH_BENCH_INFO_H
#define CREW_BENCH_BENCH_INFO_H

/* The field's value as a number; NAN when there is no such field or it is no number. */
double bench_info_number(const char *info, const char *field);

#endif
