/* SPDX-License-Identifier: MIT */
/* A file in memory that has a path, for code that opens files. A failure ends the test. */
#ifndef CREW_TESTS_UNIT_MEMORY_FILE_H
#define CREW_TESTS_UNIT_MEMORY_FILE_H

#include <stddef.h>

struct memory_file {
    int fd;
    char path[64];
};

struct memory_file memory_file_create(const char *bytes, size_t size);

/* Cuts it to its first `size` bytes. */
void memory_file_cut(const struct memory_file *file, size_t size);

void memory_file_close(const struct memory_file *file);

#endif
