/* SPDX-License-Identifier: MIT */
#ifndef CREW_BENCH_REPORT_H
#define CREW_BENCH_REPORT_H

/*
 * `crew-bench report`: makes a page with pictures of what a sweep found. argv[0] is the subcommand.
 * Returns the exit status: 0; 1 if something could not be written; 2 for wrong use, or for results
 * that cannot be read.
 */
int report_command(int argc, char **argv);

#endif
