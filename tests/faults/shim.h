/* SPDX-License-Identifier: MIT */
/*
 * How a test tells shim.so, which is loaded into crew-server, which of its calls are to fail. Both
 * map the same memory file, whose path stands in the environment (SHIM_FILE).
 *
 * A rule hits every `every`-th of the calls number `from` to `until` - 1, counted from 1 since it
 * was armed. All is atomic and sequentially consistent: there is no speed to be gained here.
 */
#ifndef CREW_TESTS_FAULTS_SHIM_H
#define CREW_TESTS_FAULTS_SHIM_H

#include <stdatomic.h>
#include <stdint.h>

#define SHIM_FILE "CREW_FAULTS_SHIM"

enum shim_call {
    SHIM_ALLOCATE,      /* malloc and its relatives return NULL */
    SHIM_ACCEPT,        /* accept4 fails with `error` */
    SHIM_THREAD_CREATE, /* pthread_create fails with `error` */
    SHIM_THREAD_RUN,    /* what pthread_create begins does not run while the rule is armed */
    SHIM_REGISTER,      /* epoll_ctl that adds a descriptor fails with `error` */
    SHIM_EPOLL_WAIT,    /* epoll_wait fails with `error` */
    SHIM_POLL,          /* poll fails with `error` */
    SHIM_RECEIVE,       /* recv fails with `error`, or if that is 0 takes 1 to `amount` bytes */
    SHIM_SEND,          /* send, likewise */
    SHIM_REALTIME,      /* clock_gettime is `amount` seconds off, if it is CLOCK_REALTIME */
    SHIM_SLEEP,         /* clock_nanosleep until a time crashes: it writes to address `amount`, or
                           takes stack until there is none if that is 0 */
    SHIM_CALLS,
};

struct shim_rule {
    _Atomic uint64_t from;
    _Atomic uint64_t until; /* 0: the rule is not armed */
    _Atomic uint64_t every;
    _Atomic int error; /* errno */
    _Atomic int64_t amount;
    _Atomic uint64_t calls; /* since it was armed */
    _Atomic uint64_t hits;  /* likewise */
};

struct shim_control {
    struct shim_rule rules[SHIM_CALLS];
    _Atomic int64_t blocks; /* allocated and not yet freed */
};

#endif
