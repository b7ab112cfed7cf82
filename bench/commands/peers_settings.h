/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench peers`. Single-threaded. */
#ifndef CREW_BENCH_PEERS_SETTINGS_H
#define CREW_BENCH_PEERS_SETTINGS_H

#include "bench/peers/peer_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEERS_ROWS_LIMIT = 64 };

struct peers_settings {
    const char *server; /* NULL: the one beside this program */
    int64_t rounds;
    int64_t seconds_ns; /* of each load */
    const char *rows_text;
    const char *json; /* NULL for none */
    bool list;

    const struct peer_row *rows[PEERS_ROWS_LIMIT]; /* that are to be measured, in their order */
    size_t row_count;
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int peers_settings_read(struct peers_settings *settings, int argc, char **argv);

#endif
