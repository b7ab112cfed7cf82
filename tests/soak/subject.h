/* SPDX-License-Identifier: MIT */
/*
 * The crew-server that is soaked: a child process, a connection that asks it for its counters, and
 * what the system says about it. One thread.
 */
#ifndef CREW_TESTS_SOAK_SUBJECT_H
#define CREW_TESTS_SOAK_SUBJECT_H

#include "bench/base/bench_error.h"
#include "bench/trial/bench_control.h"
#include "bench/trial/server_process.h"
#include "tests/soak/client.h"
#include "tests/soak/secrets.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct subject {
    struct server_process process;
    struct bench_control control;
    char unix_path[64];
};

/* What must not grow. */
struct subject_state {
    uint64_t descriptors;
    uint64_t threads;
    uint64_t resident_kib;
    uint64_t peak_kib; /* the most that was resident so far */
};

/* Starts `program` with `extra` options, which end with NULL, and with one listener of each kind
 * (of tls:// only where there is a certificate), and finds out where it listens. False after
 * filling `error`; subject_end is due either way. */
bool subject_start(struct subject *subject, const char *program, const char *const *extra,
                   const struct secrets *secrets, struct soak_address addresses[LISTENER_COUNT],
                   char error[BENCH_ERROR_SIZE]);
void subject_end(struct subject *subject);

/* The server does nothing until subject_stop; what is sent to it waits. */
void subject_freeze(struct subject *subject);

/* The server is asked to stop, and its own connection with it closed. */
void subject_stop(struct subject *subject);

/* Waits for its end; false after filling `error` unless it ends with status 0. */
bool subject_ended_well(struct subject *subject, int timeout_ms, char error[BENCH_ERROR_SIZE]);

/* A counter of INFO, or how often a command was called. False after filling `error`. */
bool subject_count(struct subject *subject, const char *field, uint64_t *value,
                   char error[BENCH_ERROR_SIZE]);
bool subject_calls(struct subject *subject, const char *command, uint64_t *calls,
                   char error[BENCH_ERROR_SIZE]);

bool subject_read_state(const struct subject *subject, struct subject_state *state,
                        char error[BENCH_ERROR_SIZE]);

#endif
