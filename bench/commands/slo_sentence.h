/* SPDX-License-Identifier: MIT */
/* The answer of a search as a person reads it. Pure. */
#ifndef CREW_BENCH_SLO_SENTENCE_H
#define CREW_BENCH_SLO_SENTENCE_H

#include "bench/commands/slo_line.h"

enum { SLO_NAME_SIZE = 128, SLO_SENTENCE_SIZE = BENCH_ERROR_SIZE + 512 };

/* "4 workers", or the target's URL. Returns `text`. */
const char *slo_line_name(const struct slo_line *line, const struct slo_settings *settings,
                          char text[SLO_NAME_SIZE]);

/* "p99". Returns `text`. */
const char *slo_percentile_name(double quantile, char text[SLO_NAME_SIZE]);

/* "p99<10ms holds up to ...". Returns `text`. */
const char *slo_sentence(const struct slo_line *line, const struct slo_settings *settings,
                         char text[SLO_SENTENCE_SIZE]);

#endif
