/* SPDX-License-Identifier: MIT */
/* What `crew-bench load` says about a run. Single-threaded. */
#ifndef CREW_BENCH_LOAD_REPORT_H
#define CREW_BENCH_LOAD_REPORT_H

#include "bench/commands/load_settings.h"
#include "bench/engine/engine.h"
#include "common/byte_buffer.h"

#include <stdbool.h>

void load_report_print(const struct load_settings *settings, const struct engine_result *result,
                       bool interrupted);

/* Schema "crew-bench/load/1": fields are only ever added within a version. */
void load_report_write_json(const struct load_settings *settings,
                            const struct engine_result *result, bool interrupted,
                            struct byte_buffer *out);

#endif
