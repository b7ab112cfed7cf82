/* SPDX-License-Identifier: MIT */
/*
 * A server to be measured, as a child on a port of the loopback that was free, and what the kernel
 * says about it. All functions belong to the thread that started it, and block.
 */
#ifndef CREW_BENCH_PEER_SERVER_H
#define CREW_BENCH_PEER_SERVER_H

#include "bench/peers/peer_programs.h"
#include "bench/trial/kernel_accounting.h"
#include "bench/trial/server_process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_server {
    struct server_process process;
    uint16_t port;
};

/*
 * Starts it and waits until it answers. `workers` is for crew-server and memcached; `folder` is
 * where a server may put files. False after filling `error`; there is nothing to stop then.
 */
bool peer_server_start(struct peer_server *server, const struct peer_programs *programs,
                       enum peer_program program, size_t workers, const char *folder,
                       char error[BENCH_ERROR_SIZE]);

/* Harmless when it is all zero, or was stopped before. */
void peer_server_stop(struct peer_server *server);

/* Resident memory, counted page by page (Rss of smaps_rollup in proc(5); VmRSS is the same figure
 * from counters that may lag behind by some pages of each thread). False when it cannot be read. */
bool peer_server_resident(const struct peer_server *server, double *bytes);

/* Asks a crew-server: its mean time per request since the last reset, in microseconds, as INFO's
 * service_us_total / requests_total. False after filling `error`. */
bool peer_server_reset_service(const struct peer_server *server, char error[BENCH_ERROR_SIZE]);
bool peer_server_service_us(const struct peer_server *server, double *mean_us,
                            char error[BENCH_ERROR_SIZE]);

#endif
