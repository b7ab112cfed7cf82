/* SPDX-License-Identifier: MIT */
/* Runs a program to its end: what it is given and what came of it. */
#ifndef CREW_TESTS_SYSTEM_PROGRAM_H
#define CREW_TESTS_SYSTEM_PROGRAM_H

#include <stddef.h>

/* Programs that measure repeat what was disturbed. */
enum { PROGRAM_MS = 60000 };

struct program_run {
    int status;   /* exit status; -1 after a signal */
    char *output; /* standard output, ended by a NUL */
    size_t output_size;
    char *errors; /* standard error, likewise */
};

/*
 * Runs the program at `path` with the words, which end with NULL and leave out its name, and with
 * `input` as standard input (NULL for none). It must end within PROGRAM_MS. The result is to be
 * freed by program_run_free.
 */
void program_run(struct program_run *run, const char *path, const char *const *words,
                 const char *input);
void program_run_free(struct program_run *run);

/* Runs it and fails the test, with all that it wrote, unless it ends with `status`. */
void program_expect(struct program_run *run, const char *path, const char *const *words,
                    const char *input, int status);

/* Fails the test, with all of the text, unless the part is in it. */
void program_expect_part(const char *text, const char *part);

/* Tells the user why tests that need something else than crew are left out, and returns NULL. With
 * CREW_REQUIRE_PEERS=1 in the environment it fails instead. */
const char *program_skip(const char *reason);

/*
 * The path of a program that crew is tested against and that need not be installed. NULL when
 * there is none: tests are then to return at once, after program_skip. Static storage, overwritten
 * each time.
 */
const char *program_peer(const char *name);

#endif
