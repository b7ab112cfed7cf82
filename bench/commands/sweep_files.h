/* SPDX-License-Identifier: MIT */
/*
 * What a sweep leaves behind. The results file is written again after every block, beside itself
 * and then moved into place, so that neither a full disk nor a killed process costs what was
 * measured before. The others are written once, at the end. One thread.
 */
#ifndef CREW_BENCH_SWEEP_FILES_H
#define CREW_BENCH_SWEEP_FILES_H

#include "bench/base/report_file.h"
#include "bench/commands/sweep_settings.h"
#include "bench/results/analysis.h"

#include <stdbool.h>

struct sweep_files {
    const char *json; /* NULL for none */
    struct report_file csv;
    struct report_file series_csv;
    struct report_file benchstat;
    struct report_file html;
};

/* Checks that all can be written. False after filling `error`; sweep_files_close is due anyway. */
bool sweep_files_open(struct sweep_files *files, const struct sweep_settings *settings,
                      char error[BENCH_ERROR_SIZE]);

/* Writes the results file alone; no analyses. False after filling `error`: the old one is there. */
bool sweep_files_checkpoint(const struct sweep_files *files, const struct results *results,
                            char error[BENCH_ERROR_SIZE]);

/* Writes all of them, also after a failure; false after filling `error` with the first. */
bool sweep_files_write(struct sweep_files *files, const struct results *results,
                       struct analysis *const *analyses, char error[BENCH_ERROR_SIZE]);

void sweep_files_close(struct sweep_files *files);

#endif
