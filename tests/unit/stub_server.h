/* SPDX-License-Identifier: MIT */
/*
 * A server in a thread of the test's own, on a free port of the loopback: it takes requests of one
 * size and answers each as it is told. The test steers it while it runs. What goes wrong in it
 * ends the test.
 */
#ifndef CREW_TESTS_UNIT_STUB_SERVER_H
#define CREW_TESTS_UNIT_STUB_SERVER_H

#include "common/byte_buffer.h"
#include "common/endpoint.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { STUB_REQUEST_SIZE = 64, STUB_CONNECTIONS = 64 };

enum stub_mode {
    STUB_ANSWERS,
    STUB_SILENT, /* takes requests and does not answer */
    STUB_CLOSES, /* closes each connection on which a request comes */
};

struct stub_client {
    int fd;
    char request[STUB_REQUEST_SIZE];
    size_t received; /* of the next request */
};

struct stub_server {
    struct endpoint endpoint;
    size_t request_size;
    const char *reply; /* to each; NULL: the request's bytes from `echo_offset` on */
    size_t echo_offset;
    _Atomic int mode;           /* an enum stub_mode */
    _Atomic uint64_t delay_ns;  /* that each request takes, one after another */
    _Atomic uint64_t requests;  /* that were dealt with: answered, or taken in silence */
    struct byte_buffer *record; /* all requests; NULL for none; to be read after the stop */

    pthread_t thread;
    int stop_fd;
    int listen_fd;
    struct stub_client clients[STUB_CONNECTIONS];
    size_t client_count;
};

/* Answers PING; for other requests set the fields before the start. */
struct stub_server stub_server_of_pings(void);
struct stub_server stub_server_of_echoes(size_t size);

void stub_server_start(struct stub_server *server);
void stub_server_stop(struct stub_server *server);

#endif
