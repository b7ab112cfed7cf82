/* SPDX-License-Identifier: MIT */
/* Lists with commas, as options take them: worker counts above all. Pure. */
#ifndef CREW_BENCH_WORKER_LIST_H
#define CREW_BENCH_WORKER_LIST_H

#include "bench/results/results.h"

#include <stdbool.h>
#include <stddef.h>

enum { WORKER_LIST_LARGEST = 1024, WORKER_LIST_WORD_SIZE = 16 };

#define WORKER_LIST_RULE "it takes up to 32 different integers from 1 to 1024, such as 1,2,4,8"

/* Puts the counts in rising order into workers[]; false when `text` breaks the rule. */
bool worker_list_parse(const char *text, unsigned workers[RESULTS_COUNT_LIMIT], size_t *count);

/*
 * Copies the next word of a list and moves *at behind it and its comma. False at the list's end,
 * or when the word is empty or does not fit.
 */
bool worker_list_word(const char **at, char word[WORKER_LIST_WORD_SIZE]);

#endif
