/* SPDX-License-Identifier: MIT */
/*
 * The summaries of a results file, for readers that do not want to work them out; this program
 * reads them nowhere, for they follow from the trials. One thread.
 */
#ifndef CREW_BENCH_ANALYSIS_JSON_H
#define CREW_BENCH_ANALYSIS_JSON_H

#include "bench/base/bench_json.h"
#include "bench/results/analysis.h"

/* Writes one element of the array that is open. */
void analysis_write(struct bench_json *json, const struct analysis *analysis);

#endif
