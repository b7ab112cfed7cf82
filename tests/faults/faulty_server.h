/* SPDX-License-Identifier: MIT */
/* A crew-server with shim.so loaded, whose calls a test lets fail. */
#ifndef CREW_TESTS_FAULTS_FAULTY_SERVER_H
#define CREW_TESTS_FAULTS_FAULTY_SERVER_H

#include "tests/faults/shim.h"
#include "tests/system/fixture.h"

#include <stdbool.h>
#include <stddef.h>

struct faulty_server {
    struct fixture fixture;
    struct shim_control *shim; /* mapped; shared with the server */
    int shim_fd;
};

/* Maps the rules, all disarmed, and has programs that are started from now on load the shim. */
void faulty_prepare(struct faulty_server *server);

/* Programs that are started from now on do without it. */
void faulty_end_preparation(void);

/* Both, and fixture_start between them. */
void faulty_start(struct faulty_server *server, const char *options);

/* fixture_stop, and unmaps the rules. */
void faulty_stop(struct faulty_server *server);
void faulty_release(struct faulty_server *server);

/* What a rule is armed with; see shim.h. */
struct shim_fault {
    uint64_t from;
    uint64_t until; /* 0: for ever */
    uint64_t every; /* 0: each */
    int error;
    int64_t amount;
};

/* From now on the call fails so. */
void shim_arm(struct faulty_server *server, enum shim_call call, struct shim_fault fault);
void shim_disarm(struct faulty_server *server, enum shim_call call);

uint64_t shim_hits(const struct faulty_server *server, enum shim_call call);

/* Waits until the rule has hit `least` times. */
void shim_wait_hits(const struct faulty_server *server, enum shim_call call, uint64_t least);

/* Descriptors that the server has open. */
size_t descriptor_count(const struct fixture *fixture);

/* How often `text` is in the server's log. */
size_t log_count(const struct fixture *fixture, const char *text);
void log_wait(struct fixture *fixture, const char *text);

/* Waits for an end by a signal. */
void expect_killed(struct fixture *fixture, int number);

#endif
