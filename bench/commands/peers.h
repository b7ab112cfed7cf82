/* SPDX-License-Identifier: MIT */
/* `crew-bench peers`: crew-server beside redis-server, memcached and what cannot be undercut. */
#ifndef CREW_BENCH_PEERS_H
#define CREW_BENCH_PEERS_H

/* Runs it with argv[1..]; returns the exit status. Blocks. */
int peers_command(int argc, char **argv);

#endif
