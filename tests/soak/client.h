/* SPDX-License-Identifier: MIT */
/*
 * One client of a kind (behaviour.h): connects, sends its requests in random pieces, keeps a
 * history, leaves, and comes again as a new connection. Never blocks. One thread for all clients.
 */
#ifndef CREW_TESTS_SOAK_CLIENT_H
#define CREW_TESTS_SOAK_CLIENT_H

#include "bench/base/bench_random.h"
#include "common/byte_buffer.h"
#include "common/channel.h"
#include "tests/soak/behaviour.h"
#include "tests/soak/history.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Where a listener is. */
struct soak_address {
    union {
        struct sockaddr any;
        struct sockaddr_in tcp;
        struct sockaddr_un local;
    } socket;
    socklen_t size;
};

/* What all clients share. */
struct client_world {
    struct soak_address addresses[LISTENER_COUNT];
    struct bench_random random;
    struct tls_context *trust; /* of tls:// clients; not owned */
    bool passwords;            /* clients have to log in */
    int epoll_fd;
    uint64_t connections;      /* begun; each one's number is in its tokens */
    uint64_t connections_most; /* no more are begun; UINT64_MAX for no limit */
    uint64_t late_ns;          /* without any answer for so long, something is wrong */
    bool leaving;              /* no new connections */
    bool before_stop;          /* those that come at the stop come now */
    bool busy; /* somebody began or sent something in this turn: the next should not wait */
};

enum client_phase {
    CLIENT_AWAY,    /* no connection; comes at begin_ns */
    CLIENT_SHAKING, /* agrees on encryption */
    CLIENT_TALKING, /* has requests to send, or answers to take */
    CLIENT_DONE,    /* all is sent and it waits for the end of the connection */
};

struct client {
    const struct behaviour *behaviour;
    struct history_totals *totals;
    enum client_phase phase;
    struct channel channel;
    struct history history;
    bool must_log_in;       /* when the server comes to the next request; see struct compose */
    struct byte_buffer out; /* requests that are being sent */
    size_t out_sent;
    size_t piece;       /* bytes of them that the next send is to take; 0: not drawn yet */
    size_t out_most;    /* bytes of them that are sent at all: fewer when it leaves amid one */
    unsigned left;      /* requests still to make */
    uint64_t begin_ns;  /* when it comes again */
    uint64_t leave_ns;  /* when it leaves at the latest; 0 for never */
    uint64_t active_ns; /* when the last byte went either way */
    bool send_failed;   /* the server does not listen to it any more */
};

/* Comes at once, or together with the others of its kind. */
void client_init(struct client *client, const struct behaviour *behaviour,
                 struct history_totals *totals);

/* Does what is to be done without an event: begins, sends a piece, leaves. */
void client_step(struct client *client, struct client_world *world, uint64_t now_ns);

/* There may be something to read, or the connection is gone. */
void client_event(struct client *client, uint64_t now_ns);

/* The server has been told to stop: notes what must be answered. */
void client_note_stop(struct client *client);

/* Goes away at once, as if killed. For an end of the run that does not come by itself. */
void client_abandon(struct client *client);

#endif
