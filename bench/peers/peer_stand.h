/* SPDX-License-Identifier: MIT */
/*
 * One side of a row in operation: its server, the connections to it, and what they send. All
 * functions belong to one thread, and block.
 */
#ifndef CREW_BENCH_PEER_STAND_H
#define CREW_BENCH_PEER_STAND_H

#include "bench/base/bench_error.h"
#include "bench/peers/closed_load.h"
#include "bench/peers/peer_exchange.h"
#include "bench/peers/peer_programs.h"
#include "bench/peers/peer_server.h"
#include "bench/peers/peer_table.h"

#include <stdbool.h>

/* What all rows share. */
struct peer_bed {
    const struct peer_programs *programs;
    const char *folder; /* where servers may put files */
    double seconds;     /* that a load takes */
    size_t cpus;
};

struct peer_stand {
    const struct peer_bed *bed;
    const struct peer_row *row;
    const struct peer_side *side;
    struct peer_server own;
    const struct peer_server *server; /* `own`, or the other side's */
    struct closed_load load;
    struct peer_exchange exchange;
    struct peer_exchange sleeper;
    double rate_rps; /* of the load before; 0 at first */
};

/*
 * Starts the side's server, unless `shared` is one that runs already, and opens the connections,
 * where the row's method has any. False after filling `error`; peer_stand_close is due in any case.
 */
bool peer_stand_open(struct peer_stand *stand, const struct peer_bed *bed,
                     const struct peer_row *row, const struct peer_side *side,
                     const struct peer_server *shared, char error[BENCH_ERROR_SIZE]);
void peer_stand_close(struct peer_stand *stand);

/* Threads of the side's server; PEER_ALL_CPUS replaced. */
size_t peer_stand_workers(const struct peer_bed *bed, const struct peer_side *side);

/* Loads the server once and fills the figures that the row's method finds. False after filling
 * `error` (empty after Ctrl-C). */
bool peer_stand_measure(struct peer_stand *stand, double figures[PEER_FIGURES],
                        char error[BENCH_ERROR_SIZE]);

#endif
