/* SPDX-License-Identifier: MIT */
/*
 * What `crew-bench peers` measures, one row each: crew-server (the subject) beside something else
 * (the peer), under the same load unless the row says otherwise, and what the ratio of the two is
 * wanted to be. Constant; any thread.
 */
#ifndef CREW_BENCH_PEER_TABLE_H
#define CREW_BENCH_PEER_TABLE_H

#include "bench/peers/peer_programs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a measurement of one side finds; NAN for what it does not look for. */
enum peer_figure {
    PEER_CPU_US,          /* CPU time of the whole server process per request, by the kernel */
    PEER_RATE_RPS,        /* requests answered per second */
    PEER_P50_US,          /* response time */
    PEER_P99_US,          /* response time */
    PEER_SERVICE_US,      /* mean time that crew-server needed per request, by its own INFO */
    PEER_SPARE_RPS,       /* rate, beside what the CPUs allow that the generator left over */
    PEER_MEMORY_BYTES,    /* resident memory per connection */
    PEER_GENERATOR_SHARE, /* what the generator used of one CPU */
    PEER_CURVE,           /* operations per second of the first number of threads, the next ... */
    PEER_CURVE_LIMIT = 16,
    PEER_FIGURES = PEER_CURVE + PEER_CURVE_LIMIT,
};

enum peer_method {
    PEER_BY_BENCHMARK, /* redis-benchmark makes the load */
    PEER_BY_LOAD,      /* bench/peers/closed_load.h does */
    PEER_BY_MEMORY,    /* connections are opened, each asks once, then all are quiet */
    PEER_BY_QUEUE,     /* ready-queue-speed measures both sides */
};

enum peer_wish {
    PEER_NO_MORE = 0, /* ends a row's aims, when there are fewer than PEER_AIMS */
    PEER_NO_AIM,      /* for information */
    PEER_AT_MOST,     /* of the ratio subject / peer */
    PEER_AT_LEAST,
    PEER_SUBJECT_AT_MOST, /* of the subject's own figure */
};

struct peer_aim {
    enum peer_figure figure;
    enum peer_wish wish;
    double bound;
};

enum { PEER_ALL_CPUS = 0, PEER_AIMS = 2 };

struct peer_side {
    enum peer_program program; /* PEER_NONE: nothing is measured, see `ideal` */
    size_t workers;            /* threads, where the program can have several; PEER_ALL_CPUS */
    const char *command;       /* words with single spaces; memcached gets a GET that misses */
    size_t payload;            /* bytes, the last word of an ECHO; 0 for none */
    size_t connections;        /* that send */
    size_t idle;               /* that stand by */
    size_t depth;              /* requests that a connection sends at once */
    uint64_t interval_ns;      /* between requests of a connection; 0 for a closed loop */
    size_t sleepers; /* further connections, each of which keeps a worker in WORK SLEEP 10000 */
};

struct peer_row {
    const char *name;
    const char *what;
    enum peer_method method;
    struct peer_side sides[2]; /* subject, peer */
    struct peer_aim aims[PEER_AIMS];
    bool one_server; /* both sides load the subject's server, in turns */
    bool ideal; /* the peer's rate is what the subject's workers could do: workers / service time,
                   as measured on the peer's side or, where there is none, on the subject's */
};

extern const struct peer_row peer_rows[];
extern const size_t peer_row_count;

enum { PEER_SLEEPER_US = 10000 };

/* Bound for each point of the curve of PEER_BY_QUEUE: "never slower", within noise. */
#define PEER_CURVE_BOUND 0.95

/* The row with that name, whose end is at name + size; NULL when there is none. */
const struct peer_row *peer_row_find(const char *name, size_t size);

#endif
