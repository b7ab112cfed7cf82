/* SPDX-License-Identifier: MIT */
/* `crew-bench compare`: two results files, what differs, and what is only chance. */
#ifndef CREW_BENCH_COMPARE_H
#define CREW_BENCH_COMPARE_H

/* Runs it to its end; argv[0] is the subcommand. Returns the exit status. */
int compare_command(int argc, char **argv);

#endif
