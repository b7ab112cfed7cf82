/* SPDX-License-Identifier: MIT */
/*
 * An analysis for people at a terminal: tables, charts, what the models say, the recommendation
 * and what is uncertain about it. Good from 80 columns on, usable from 60. One thread.
 */
#ifndef CREW_BENCH_ANALYSIS_REPORT_H
#define CREW_BENCH_ANALYSIS_REPORT_H

#include "bench/results/analysis.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Columns of tables stand in the order of their importance: where the width does not suffice, those
 * at the right are left out.
 */
void analysis_report_print(const struct results *results, const struct analysis *analysis,
                           FILE *out, size_t width, bool colour);

#endif
