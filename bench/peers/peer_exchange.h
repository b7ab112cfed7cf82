/* SPDX-License-Identifier: MIT */
/* The bytes that a side of a row is sent, and those that it has to answer. Pure but for memory. */
#ifndef CREW_BENCH_PEER_EXCHANGE_H
#define CREW_BENCH_PEER_EXCHANGE_H

#include "bench/peers/closed_load.h"
#include "bench/peers/peer_table.h"
#include "common/byte_buffer.h"

#include <stdbool.h>

struct peer_exchange {
    struct byte_buffer request; /* owned */
    struct byte_buffer reply;   /* owned */
    struct load_exchange load;  /* points into them */
};

/*
 * `command` in RESP, with a payload as last word if it is not 0, which is then the reply; else the
 * reply is "+PONG" for PING and "+OK" for others. Memcached gets a GET that misses instead. `depth`
 * times over. False when memory runs out; peer_exchange_free is due in any case.
 */
bool peer_exchange_make(struct peer_exchange *exchange, enum peer_program program,
                        const char *command, size_t payload, size_t depth);
void peer_exchange_free(struct peer_exchange *exchange);

#endif
