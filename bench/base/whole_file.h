/* SPDX-License-Identifier: MIT */
/* A file that is read to its end into memory. Any thread. */
#ifndef CREW_BENCH_WHOLE_FILE_H
#define CREW_BENCH_WHOLE_FILE_H

#include "bench/base/bench_error.h"
#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Appends all of the file at `path`, which may be a pipe, to `content`. Blocks until its end.
 * False after filling `error` (with what was read so far in `content`) when it cannot be read, is
 * a directory, or holds more than `most` bytes.
 */
bool whole_file_read(const char *path, size_t most, struct byte_buffer *content,
                     char error[BENCH_ERROR_SIZE]);

#endif
