/* SPDX-License-Identifier: MIT */
/*
 * The acceptor thread: takes new connections from the listeners and hands them to the pool. It
 * also closes connections whose deadline passed, stands in as poller while every worker is inside
 * slow work, and leads the drain at a stop:
 *
 *   take what waits to be accepted, close the listeners; without descriptors, as they become free
 *   submit every connection once more, so that what was received whole is answered
 *   wait until all are closed, or the drain's deadline closes them
 *   close the pool, so that the workers end
 */
#ifndef CREW_SERVER_ACCEPTOR_H
#define CREW_SERVER_ACCEPTOR_H

#include "server/limits/refusal.h"
#include "server/statistics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct server;

struct acceptor {
    struct server *server;
    pthread_t thread;
    _Atomic bool stopping;
    uint64_t backoff_until_ns;   /* the thread's own: no accepting before this; 0 for now */
    uint64_t backoff_ns;         /* the thread's own: the present pause; doubles */
    uint64_t shortage_logged_ns; /* the thread's own: when a pause was last logged */
    uint64_t swept_ns;           /* the thread's own */
    struct refusals refusals;    /* the thread's own */
    bool all_stuck;              /* the thread's own: it was logged that no worker is left */
    struct acceptor_statistics statistics;
};

/* Returns 0 or an errno value. The server's listeners, pool and workers must be ready. */
int acceptor_start(struct acceptor *acceptor, struct server *server);

/* Any thread, once: begins the drain. acceptor_join returns when it has ended. */
void acceptor_stop(struct acceptor *acceptor);
void acceptor_join(struct acceptor *acceptor);

#endif
