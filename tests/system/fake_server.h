/* SPDX-License-Identifier: MIT */
/*
 * A server in a thread of the test's own that answers whatever comes with the same bytes, right or
 * wrong, and may end in the middle. On a free port of the loopback.
 */
#ifndef CREW_TESTS_SYSTEM_FAKE_SERVER_H
#define CREW_TESTS_SYSTEM_FAKE_SERVER_H

#include "common/endpoint.h"

#include <pthread.h>
#include <stddef.h>

enum { FAKE_CONNECTIONS = 64 };

struct fake_server {
    const char *reply; /* to each read that brings bytes */
    size_t limit;      /* closes everything after this many replies; 0 for never */
    char url[ENDPOINT_TEXT_SIZE];

    pthread_t thread;
    int stop_fd;
    int fds[FAKE_CONNECTIONS + 2]; /* stop, listener, connections */
    size_t count;
};

void fake_server_start(struct fake_server *server, const char *reply, size_t limit);
void fake_server_stop(struct fake_server *server);

#endif
