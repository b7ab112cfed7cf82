/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_SLO_COMMAND_H
#define CREW_BENCH_SLO_COMMAND_H

/*
 * `crew-bench slo`: searches for the highest rate at which an objective such as p99<10ms holds.
 * argv[0] is the subcommand. Returns the exit status: 0; 1 if there were errors or a search is
 * incomplete; 2 for wrong use, or when no server could be reached or started; 3 when nothing was
 * found for at least one worker count.
 */
int slo_command(int argc, char **argv);

#endif
