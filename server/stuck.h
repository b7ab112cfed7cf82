/* SPDX-License-Identifier: MIT */
/*
 * Workers that do not come back: a thread cannot be ended from outside, but it can be told of. The
 * time at which a worker turned to its connection is there anyway (visit_started_ns), so nobody
 * pays for this but who looks. A visit ends after one slow command, fast ones take no time, and a
 * turn's bytes are bounded: one that lasts for --stuck-after has in all likelihood a handler that
 * does not return. The log names the slow command, or says "?" when it is in none, but for example
 * in a handler that was registered as fast and is not. Workers at the door are not followed: what
 * they run is known to end, and the dearest hash that a password file may hold takes some seconds.
 */
#ifndef CREW_SERVER_STUCK_H
#define CREW_SERVER_STUCK_H

#include <stdbool.h>
#include <stdint.h>

struct server;

/* Acceptor's own: which visit of a worker was warned about. */
struct stuck_episode {
    uint64_t started_ns;                 /* 0: none */
    const struct command_entry *command; /* NULL when it was no slow one */
};

struct stuck_figures {
    unsigned workers; /* that are stuck */
    uint64_t longest_ns;
};

/* Any thread: a moment's truth; zeros with --stuck-after 0. */
struct stuck_figures stuck_read(const struct server *server, uint64_t now_ns);

/* Acceptor, at every tick: logs each worker that got stuck and each that came back, once, and the
 * moment at which none is left. */
void stuck_report(struct server *server, uint64_t now_ns);

#endif
