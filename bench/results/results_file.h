/* SPDX-License-Identifier: MIT */
/*
 * Results as a file: versioned JSON that holds everything (settings, host, seed, trials with their
 * histograms) and the summaries for readers that do not want to work them out. What is read back
 * equals what was written. One thread.
 */
#ifndef CREW_BENCH_RESULTS_FILE_H
#define CREW_BENCH_RESULTS_FILE_H

#include "bench/base/bench_error.h"
#include "bench/results/analysis.h"
#include "bench/results/json_reader.h"
#include "common/byte_buffer.h"

#define RESULTS_SCHEMA "crew-bench/sweep/2"

/* Appends `results` and one analysis for each of the settings' workloads (NULL for none). */
void results_write_json(const struct results *results, struct analysis *const *analyses,
                        struct byte_buffer *out);

/*
 * Reads the file at `path`. False after filling `error` with the path, the place and what is
 * wrong: not a file, cut short, not JSON, another schema, a value missing or not allowed. Also
 * false when this program was built without a JSON reader. On true results_free is due.
 */
bool results_read(const char *path, struct results *results, char error[BENCH_ERROR_SIZE]);

/* The same for a file that is open already. */
bool results_read_document(struct json_reader *reader, struct results *results,
                           char error[BENCH_ERROR_SIZE]);

#endif
