/* SPDX-License-Identifier: MIT */
/*
 * The load that redis-benchmark cannot make: any bytes that are sent, and the very bytes that have
 * to come back, each compared. One thread, one epoll; at heart a closed loop (a connection sends
 * again when its reply is complete), or, with an interval, a schedule that does not wait: response
 * times then run from when a request was due (see doc/benchmarking.md). One thread; it blocks while
 * it runs.
 *
 * Times are recorded where the last byte of a reply is taken, so they contain what the generator
 * itself takes; what it used of a CPU is told, so that a generator that was saturated shows.
 */
#ifndef CREW_BENCH_CLOSED_LOAD_H
#define CREW_BENCH_CLOSED_LOAD_H

#include "bench/base/bench_error.h"
#include "common/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is sent at once, and what has to come back; the bytes are the caller's. */
struct load_exchange {
    const char *request;
    size_t request_size;
    const char *reply;
    size_t reply_size;
    size_t requests; /* that the bytes hold */
};

/* What some of the connections do during a run. */
struct load_part {
    const struct load_exchange *exchange;
    size_t connections;
    uint64_t interval_ns; /* between requests of a connection; 0 for a closed loop */
    uint64_t spread_ns;   /* over which the connections of a closed loop begin, evenly */
};

struct load_connection {
    int fd;
    const struct load_part *part; /* NULL while it only stands by */
    bool waiting;                 /* for the rest of a reply */
    size_t sent;
    size_t received;
    uint64_t begin_ns; /* of the exchange under way: when it was sent, or was due */
    uint64_t due_ns;   /* of the next one, with an interval, or of the first, with a spread */
};

struct closed_load {
    int epoll_fd;
    struct load_connection *connections; /* owned */
    size_t count;
    uint64_t end_ns;                /* of the run: nothing is sent any more */
    const struct load_part *parts;  /* of the run; the first is the one that is recorded */
    uint64_t replies;               /* of the first part */
    size_t waiting;                 /* connections that do */
    struct histogram response_time; /* of the first part's exchanges, in the last run */
};

struct load_result {
    uint64_t requests;      /* of the first part, all answered */
    double seconds;         /* from the beginning until the last reply */
    double generator_share; /* of one CPU */
};

/*
 * Connects to a port of the loopback so many times. False after filling `error`; closed_load_close
 * is due in any case.
 */
bool closed_load_open(struct closed_load *load, uint16_t port, size_t connections,
                      char error[BENCH_ERROR_SIZE]);
void closed_load_close(struct closed_load *load);

/*
 * The parts take their connections in order, those with an interval or a spread before those
 * without; connections that are left over stand by. Sends until `duration_ns` is over (each
 * connection at least once in a closed loop that begins at once) and then waits for the replies
 * that are due. False after filling `error`: a wrong reply, a lost connection, no reply for
 * ten seconds, or, with an empty text, Ctrl-C.
 */
bool closed_load_run(struct closed_load *load, const struct load_part *parts, size_t part_count,
                     uint64_t duration_ns, struct load_result *result,
                     char error[BENCH_ERROR_SIZE]);

#endif
