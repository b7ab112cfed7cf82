/* SPDX-License-Identifier: MIT */
/* A folder of a test's own, for the files that programs write. Use them as a checked fixture. */
#ifndef CREW_TESTS_SYSTEM_SCRATCH_FOLDER_H
#define CREW_TESTS_SYSTEM_SCRATCH_FOLDER_H

#include <stddef.h>

void scratch_folder_make(void);
void scratch_folder_remove(void); /* with the files in it */

/* The path of a file in it; static storage, one for each of a few calls. */
const char *scratch_path(const char *name);

/* All of a file, ended by a NUL, to be freed; fails the test when it is not there. */
char *scratch_read(const char *name);
void scratch_write(const char *name, const char *content);
void scratch_write_program(const char *name, const char *script); /* may be executed */

/* How many files the folder holds. */
size_t scratch_count(void);

#endif
