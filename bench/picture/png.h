/* SPDX-License-Identifier: MIT */
/*
 * Pictures as PNG files, drawn by rsvg-convert, which is looked for on PATH and run without a
 * shell. Blocks until it is done. One thread.
 */
#ifndef CREW_BENCH_PNG_H
#define CREW_BENCH_PNG_H

#include "bench/base/bench_error.h"
#include "bench/results/analysis.h"
#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum { PNG_NAME_SIZE = 128 };

/* Draws an SVG document at twice its size and appends the PNG. False after filling `error`. */
bool png_draw(const struct byte_buffer *svg, struct byte_buffer *png, char error[BENCH_ERROR_SIZE]);

/*
 * Writes each picture of each workload as FOLDER/<workload>-<picture>.png; the folder is made if
 * it is not there. A file is written whole or not at all. False after filling `error`.
 */
bool png_write_all(const struct results *results, struct analysis *const *analyses,
                   const char *folder, char error[BENCH_ERROR_SIZE]);

/*
 * A workload's name for files: letters, digits, dots and minus signs of it, and a number behind it
 * where another workload of these settings would have the same. Returns `name`.
 */
const char *png_workload_name(const struct results_settings *settings, size_t workload,
                              char name[PNG_NAME_SIZE]);

#endif
