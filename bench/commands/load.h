/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_LOAD_H
#define CREW_BENCH_LOAD_H

/*
 * `crew-bench load`: one closed-loop run against a server that is already there. argv[0] is the
 * subcommand. Returns the exit status: 0; 1 if there were errors; 2 for wrong use, or when no
 * connection could be opened.
 */
int load_command(int argc, char **argv);

#endif
