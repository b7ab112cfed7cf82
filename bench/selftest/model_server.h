/* SPDX-License-Identifier: MIT */
/*
 * A server that is known: it speaks as much RESP as the load generator needs (PING, and ECHO
 * without workers), and everything that it does is set beforehand or noted while it does it. One
 * thread reads; either it answers at once, or it puts each request into one queue, first come first
 * served, from which the workers take. A worker serves by sleeping, so that any number of them fits
 * any number of cores.
 *
 * It belongs to one thread, which starts, stops and frees it. It listens on a free port of
 * 127.0.0.1.
 */
#ifndef CREW_BENCH_MODEL_SERVER_H
#define CREW_BENCH_MODEL_SERVER_H

#include "bench/base/bench_error.h"
#include "bench/base/bench_random.h"
#include "common/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_WORKERS = 64,      /* at most */
    MODEL_CONNECTIONS = 256, /* at most; more are not accepted */
    MODEL_QUEUE = 4096,      /* requests that may wait; a client with more loses its connection */
};

struct model_settings {
    size_t workers;          /* at most MODEL_WORKERS; 0: the thread that reads answers */
    size_t active_limit;     /* so many of them serve at a time; 0 for all */
    double service_ns;       /* mean */
    bool exponential;        /* the law of the service times; else all are alike */
    uint64_t seed;           /* of the service times */
    uint64_t hidden_ns;      /* a worker takes so much longer than the journal says */
    uint64_t stall_after_ns; /* since the first request: nothing is read for stall_ns */
    uint64_t stall_ns;
    uint64_t swap_every;  /* of so many requests, two get each other's replies; 0 for none */
    bool mutes_one;       /* nothing that comes on the first connection is ever answered */
    size_t journal_limit; /* requests that are noted */
};

/* What happened, in the order of the requests; owned by the server. */
struct model_journal {
    size_t arrivals;
    const uint64_t *arrival_ns; /* when each was read */
    size_t services;
    const uint64_t *service_ns; /* how long each took, from when it was there and a worker free */
    uint64_t wrong_replies;
};

struct model_server;

/* NULL after filling `error`: no port, no thread, no memory. Blocks for a moment at most. */
struct model_server *model_server_start(const struct model_settings *settings,
                                        char error[BENCH_ERROR_SIZE]);

const struct endpoint *model_server_endpoint(const struct model_server *server);

/* Ends its threads; clients are to have gone. Blocks until what is being served is done. */
void model_server_stop(struct model_server *server);

/* After model_server_stop. */
struct model_journal model_server_journal(const struct model_server *server);

/* Stops it if need be; NULL does nothing. */
void model_server_free(struct model_server *server);

/* The next service time by its law. Started with the seed of the settings, `random` gives those
 * that the server draws, in the order of the requests. Pure. */
uint64_t model_draw_ns(const struct model_settings *settings, struct bench_random *random);

#endif
