/* SPDX-License-Identifier: MIT */
/*
 * A file that results are written to. It is opened before the measurement, so that a mistyped
 * path costs nothing, and written once at the end. One thread.
 */
#ifndef CREW_BENCH_REPORT_FILE_H
#define CREW_BENCH_REPORT_FILE_H

#include "bench/base/bench_error.h"
#include "common/byte_buffer.h"

#include <stdbool.h>

struct report_file {
    const char *path; /* NULL: nothing is written; not owned */
    int fd;
};

/* Creates or empties `path`, which may be NULL. False after filling `error`. */
bool report_file_open(struct report_file *file, const char *path, char error[BENCH_ERROR_SIZE]);

/* Writes all of `content` and closes the file, also on failure; false after filling `error`. */
bool report_file_write(struct report_file *file, const struct byte_buffer *content,
                       char error[BENCH_ERROR_SIZE]);

/*
 * Puts `content` in the place of the file at `path` in one step: it is written beside it and moved
 * there, so that until then, and if it fails, the old content stays. What is no regular file (a
 * pipe, a device) is written to as it is. False after filling `error`.
 */
bool report_file_replace(const char *path, const struct byte_buffer *content,
                         char error[BENCH_ERROR_SIZE]);

/* Whether report_file_replace could write there; leaves nothing behind. */
bool report_file_check(const char *path, char error[BENCH_ERROR_SIZE]);

/* False after filling `error` when two of the paths (NULLs aside) are the same. */
bool report_paths_differ(const char *const *paths, size_t count, char error[BENCH_ERROR_SIZE]);

/* Closes it without writing; nothing happens when it was written already. */
void report_file_abandon(struct report_file *file);

#endif
