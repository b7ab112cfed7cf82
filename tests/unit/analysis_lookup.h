/* SPDX-License-Identifier: MIT */
/* Finds what a test wants to look at in an analysis; what is not there ends the test. */
#ifndef CREW_TESTS_UNIT_ANALYSIS_LOOKUP_H
#define CREW_TESTS_UNIT_ANALYSIS_LOOKUP_H

#include "bench/results/analysis.h"

#include <check.h>
#include <string.h>

static inline const struct capacity_line *lookup_capacity(const struct analysis *analysis,
                                                          unsigned workers)
{
    for (size_t i = 0; i < analysis->capacity_count; i++)
        if (analysis->capacity[i].workers == workers)
            return &analysis->capacity[i];
    ck_abort_msg("no line for %u workers", workers);
    return NULL;
}

/* `rate` counts the offered rates from 0, the lowest. */
static inline const struct latency_line *lookup_latency(const struct analysis *analysis,
                                                        unsigned workers, size_t rate)
{
    for (size_t i = 0; i < analysis->latency_count; i++)
        if (analysis->latency[i].workers == workers && rate-- == 0)
            return &analysis->latency[i];
    ck_abort_msg("no latency line for %u workers", workers);
    return NULL;
}

/* The sentence that begins like this; NULL if there is none. */
static inline const char *lookup_sentence(const struct analysis *analysis, const char *begin)
{
    for (size_t i = 0; i < analysis->sentence_count; i++)
        if (strncmp(analysis->sentences[i], begin, strlen(begin)) == 0)
            return analysis->sentences[i];
    return NULL;
}

#endif
