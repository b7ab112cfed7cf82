/* SPDX-License-Identifier: MIT */
/*
 * The inside of the model server, shared by its files alone: model_server.c starts and ends it,
 * model_reader.c is the thread that reads, model_workers.c are those that serve.
 *
 * The reader alone touches the connections. Workers are handed a descriptor, which stays open
 * until all threads have ended, so that its number cannot come to mean another connection.
 */
#ifndef CREW_BENCH_MODEL_PARTS_H
#define CREW_BENCH_MODEL_PARTS_H

#include "bench/selftest/model_server.h"
#include "common/byte_buffer.h"
#include "common/lock.h"
#include "common/resp_request.h"

#include <pthread.h>

struct model_connection {
    int fd; /* blocking, owned */
    struct resp_parser parser;
    struct byte_buffer input;  /* what is not parsed yet */
    struct byte_buffer output; /* replies to what was read together */
};

/* A request in the queue. */
struct model_request {
    int fd; /* where to reply */
    uint64_t came_ns;
};

/*
 * Requests on their way from the reader to the workers. Everything is guarded by `lock`.
 *
 * As many are served at a time as there are places: workers, or what limits them. A service begins
 * when the request was there and a place was free, not when a worker woke up for it: with that, the
 * server is the queue of theory also on a busy machine.
 */
struct model_queue {
    struct lock lock;
    struct condition changed;                   /* there is something to take, or `stopping` */
    struct model_request requests[MODEL_QUEUE]; /* ring */
    size_t head;
    size_t count;
    uint64_t free_ns[MODEL_WORKERS]; /* of each free place, since when */
    size_t places_free;
    size_t taken; /* ever */
    struct bench_random random;
    bool stopping;
};

struct model_server {
    struct model_settings settings;
    struct endpoint endpoint;
    int listen_fd;
    int epoll_fd;
    int stop_fd; /* eventfd: readable when the reader is to end */
    bool stopped;
    pthread_t reader;
    bool has_reader;
    pthread_t workers[MODEL_WORKERS];
    size_t worker_count;
    struct model_queue queue;

    /* The reader's; the owner's after the join. */
    struct model_connection connections[MODEL_CONNECTIONS];
    size_t connection_count;
    uint64_t first_ns; /* when the first request was read; 0 before */
    bool has_stalled;
    uint64_t requests;
    struct model_connection *held; /* whose reply waits to be swapped; NULL for none */
    struct byte_buffer held_text;  /* what it should be */
    uint64_t wrong_replies;
    uint64_t *arrival_ns; /* owned; `requests` of them, at most journal_limit */

    /* Each entry is its worker's until the join. */
    uint64_t *service_ns; /* owned; queue.taken of them, at most journal_limit */
};

/* Thread functions; the argument is the server. */
void *model_reader_run(void *argument);
void *model_worker_run(void *argument);

/* Hands a request to the workers. False when the queue is full. */
bool model_queue_put(struct model_queue *queue, int fd);

/* For the threads of the server, which mostly sleep: they wake on time if the system allows. */
void model_be_punctual(void);

/* Sends all, blocking. Where that fails it ends the connection for its client to see. */
void model_send(int fd, const char *bytes, size_t size);

#endif
