/* SPDX-License-Identifier: MIT */
/*
 * One connection of the load generator, with the test in the server's place. Requests are numbered
 * from 0; number n is scheduled at 1000 + n and sent at 2000 + n. What is not as it should be ends
 * the test.
 */
#ifndef CREW_TESTS_UNIT_BENCH_PAIR_H
#define CREW_TESTS_UNIT_BENCH_PAIR_H

#include "bench/engine/bench_connection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_pair {
    struct bench_connection connection;
    struct workload workload;
    struct bench_random content;
    int peer;        /* the server's end, non-blocking; -1 once closed */
    uint64_t number; /* of the next request */
    char scratch[BENCH_RECEIVE_SIZE];
};

/* With `connected`, over a pair of Unix sockets; else there is no socket yet, as with raw://. */
void bench_pair_open(struct bench_pair *pair, const char *spec, size_t pipeline, bool connected);
void bench_pair_close(struct bench_pair *pair);

void bench_pair_queue(struct bench_pair *pair, size_t count);
void bench_pair_queue_and_send(struct bench_pair *pair, size_t count);

/* The server's side: reads whatever has come; sends; closes. */
size_t bench_pair_drain(struct bench_pair *pair, char *bytes, size_t size);
void bench_pair_answer(struct bench_pair *pair, const char *bytes, size_t size);
void bench_pair_answer_text(struct bench_pair *pair, const char *text);
void bench_pair_close_peer(struct bench_pair *pair);

/* Receives what must be there already. */
void bench_pair_receive(struct bench_pair *pair);

/* The next reply is to request `expected`, with this verdict and text. */
void bench_pair_take(struct bench_pair *pair, enum reply_verdict verdict, uint64_t expected,
                     const char *text);

/* There is no further reply yet; keeps the rest. */
void bench_pair_take_none(struct bench_pair *pair);

#endif
