/* SPDX-License-Identifier: MIT */
/* What `crew-bench sweep` prints. Single-threaded. */
#ifndef CREW_BENCH_SWEEP_REPORT_H
#define CREW_BENCH_SWEEP_REPORT_H

#include "bench/commands/sweep_summary.h"

/* Table, chart and errors of one workload, with what to use. */
void sweep_report_print(const struct sweep_settings *settings, const struct sweep_summary *summary);

#endif
