/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_SWEEP_H
#define CREW_BENCH_SWEEP_H

/*
 * `crew-bench sweep`: starts crew-server with one worker count after another, loads each in the
 * same way and says how many workers to use. argv[0] is the subcommand. Returns the exit status:
 * 0; 1 if there were errors or the sweep is incomplete; 2 for wrong use, or when no server could
 * be started.
 */
int sweep_command(int argc, char **argv);

#endif
