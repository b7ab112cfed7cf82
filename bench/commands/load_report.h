/* SPDX-License-Identifier: MIT */
/* What `crew-bench load` says about a run. Single-threaded. */
#ifndef CREW_BENCH_LOAD_REPORT_H
#define CREW_BENCH_LOAD_REPORT_H

#include "bench/commands/load_settings.h"
#include "bench/engine/measurement.h"
#include "common/byte_buffer.h"

#include <stdbool.h>

void load_report_print(const struct load_settings *settings, const struct measurement *measurement,
                       bool interrupted);

/* Schema "crew-bench/load/2": fields are only ever added within a version. */
void load_report_write_json(const struct load_settings *settings,
                            const struct measurement *measurement, bool interrupted,
                            struct byte_buffer *out);

/* A header, then a line per interval. */
void load_report_write_csv(const struct measurement *measurement, struct byte_buffer *out);

#endif
