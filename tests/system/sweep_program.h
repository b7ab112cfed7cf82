/* SPDX-License-Identifier: MIT */
/* Runs crew-bench sweep in a scratch folder (scratch_folder.h), where its --json file is "json". */
#ifndef CREW_TESTS_SYSTEM_SWEEP_PROGRAM_H
#define CREW_TESTS_SYSTEM_SWEEP_PROGRAM_H

#include "bench/results/results.h"
#include "tests/system/program.h"

/* How it ends. */
enum { SWEEP_GOOD, SWEEP_PROBLEMS, SWEEP_USAGE, SWEEP_UNDETERMINED };

enum { SWEEP_WORDS = 40 };

/* Trials of 100 ms in two blocks of three, then two at one rate, all with requests of 1 ms. */
#define SWEEP_TINY                                                                                 \
    "-N 1,2 -c 4 -b 2 -l 1 --rates 0.5 -d 100ms -w sleep:1ms --reference 1 --timeout 20s"

/*
 * The words of `crew-bench sweep --json FILE` (the file to resume is one already) and those of
 * `options`, split at spaces. The texts are static storage, overwritten each time.
 */
void sweep_words(const char *options, const char *words[SWEEP_WORDS]);

/* Runs it to its end, which must be `status`. */
void sweep_run(struct program_run *run, const char *options, int status);

/* Reads what a file of the scratch folder holds. */
void sweep_read(const char *name, struct results *results);

size_t sweep_complete_trials(const struct results *results);

#endif
