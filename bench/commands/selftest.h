/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_COMMANDS_SELFTEST_H
#define CREW_BENCH_COMMANDS_SELFTEST_H

/*
 * `crew-bench selftest`: measures things whose truth is known. argv[0] is the subcommand. Returns
 * the exit status: 0 when no check failed; 1 when one did, or after Ctrl-C; 2 for wrong use.
 */
int selftest_command(int argc, char **argv);

#endif
