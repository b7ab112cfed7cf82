/* SPDX-License-Identifier: MIT */
/* What `crew-bench slo` prints about its searches. One thread. */
#ifndef CREW_BENCH_SLO_REPORT_H
#define CREW_BENCH_SLO_REPORT_H

#include "bench/commands/slo_line.h"
#include "bench/commands/slo_settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where to, and what fits there. */
struct slo_report {
    const struct slo_settings *settings;
    FILE *out;
    size_t width;
    bool colour;
};

/* What is searched for, and where. */
void slo_report_begin(const struct slo_report *report);

/* The capacity of one worker count, and every rate that was tried, rising. */
void slo_report_rates(const struct slo_report *report, const struct slo_line *line);

/* A sentence for each of the lines, and their rates as bars if there are several. */
void slo_report_answers(const struct slo_report *report, const struct slo_line *lines,
                        size_t count);

#endif
