/* SPDX-License-Identifier: MIT */
/*
 * A worker thread: takes a connection, visits it, takes the next. Its buffers serve whichever
 * connection it visits, so an idle connection needs none.
 *
 * Most are the pool's. Where clients have to be let in, by a TLS handshake or a password, others
 * stand at the door and serve strangers alone: see server/stranger_queue.h. They are two at least,
 * so that one can go on letting in whom it knows while another checks a password that takes its
 * time; and half as many as the CPUs, if that is more, so that many who come at once get in soon.
 */
#ifndef CREW_SERVER_WORKER_H
#define CREW_SERVER_WORKER_H

#include "common/byte_buffer.h"
#include "server/input.h"
#include "server/request_run.h"
#include "server/statistics.h"
#include "server/stuck.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct connection;
struct server;

enum { LEAST_AT_DOOR = 2 };

struct worker {
    struct server *server;
    pthread_t thread;
    unsigned index; /* among those of the pool, or those at the door */
    bool at_door;
    struct worker_statistics statistics; /* the worker counts, others read */
    struct stuck_episode stuck;          /* the acceptor's own */

    /* The command that may block and runs now, or NULL; the worker writes, the acceptor reads. */
    _Atomic(const struct command_entry *) slow_command;

    /* The rest is the worker's own. */
    struct input *input;       /* empty between visits */
    struct byte_buffer output; /* likewise */
    uint64_t now_ns;           /* when the present run of requests began */
    uint64_t received_ns;      /* when the requests at hand were ready to be run, at the latest */
    bool sheds;                /* in this visit, what is not exempt; see server/limits/overload.h */
    uint64_t service_ns;       /* mean of the last runs of requests */
    struct request_run run;    /* requests that are not counted yet */
};

/* Allocates what the worker needs. Returns 0 or an errno value. */
int worker_init(struct worker *worker, struct server *server, unsigned index, bool at_door);
void worker_destroy(struct worker *worker);

/* Returns 0 or an errno value. */
int worker_start(struct worker *worker);

/* Waits for the thread to end, which it does once the pool is closed and its queue empty. */
void worker_join(struct worker *worker);

/* The worker, to whoever serves it next: a connection that had its turn and has more to do. */
void worker_give_back(struct worker *worker, struct connection *connection);

/* The worker, around what may block or burn CPU: somebody else of the pool watches meanwhile. */
void worker_begin_slow(struct worker *worker);
void worker_end_slow(struct worker *worker);

#endif
