/* SPDX-License-Identifier: MIT */
/*
 * A running crew-server for one test: on free ports, with its log at hand, gone at the test's
 * end. Every function fails the test (with the server's log) when something is not as it should.
 */
#ifndef CREW_TESTS_SYSTEM_FIXTURE_H
#define CREW_TESTS_SYSTEM_FIXTURE_H

#include "bench/trial/server_process.h"

enum {
    PATIENCE_MS = 20000, /* how long a condition may take to come true; sanitizers are slow */
    START_MS = 20000,
};

struct fixture {
    struct server_process process;
    char url[ENDPOINT_TEXT_SIZE]; /* of the first listener */
};

/* The path of a program beside the tests, from CREW_BIN; static storage, overwritten each time. */
const char *program_path(const char *name);

/* Starts crew-server with the words of `options`, split at spaces, --listen tcp://127.0.0.1:0
 * unless they name a listener, and --shed off unless they say otherwise: to a machine that is slow,
 * or to a sanitizer, many a test is an overload. Waits until it listens. */
void fixture_start(struct fixture *fixture, const char *options);

/* The URL of another listener, in the order of the options. */
void fixture_url(struct fixture *fixture, size_t index, char url[ENDPOINT_TEXT_SIZE]);

/* SIGTERM; fails the test unless the server then ends by itself with status 0. */
void fixture_stop(struct fixture *fixture);

/* Waits for the end after a signal; fails the test unless it exits with `status`. */
void fixture_expect_exit(struct fixture *fixture, int status);

/* The value of a numeric INFO field, asked for over a connection of its own. */
double fixture_info(const struct fixture *fixture, const char *field);

/* The server's resident memory, now and at its peak. */
size_t fixture_resident_kib(const struct fixture *fixture);
size_t fixture_peak_kib(const struct fixture *fixture);

/* How many descriptors the server has open. */
size_t fixture_descriptors(const struct fixture *fixture);

/* Waits until the field is at least `least`. */
void fixture_wait_info(const struct fixture *fixture, const char *field, double least);

#endif
