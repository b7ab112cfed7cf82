/* SPDX-License-Identifier: MIT */
/* All that makes up a running server. main.c composes it; handlers of built-in commands see it. */
#ifndef CREW_SERVER_SERVER_H
#define CREW_SERVER_SERVER_H

#include "common/endpoint.h"
#include "server/acceptor.h"
#include "server/access/access.h"
#include "server/command_table.h"
#include "server/encryption.h"
#include "server/listener.h"
#include "server/pool.h"
#include "server/raw.h"
#include "server/settings.h"
#include "server/statistics.h"
#include "server/worker.h"

struct server {
    struct settings settings; /* constant once threads run, like all up to `pool` */
    struct command_table commands;
    struct raw_command raw_command;
    struct listener_set listeners;
    struct access access;   /* constant but for what its lock guards */
    uint64_t started_ns;    /* monotonic */
    struct worker *workers; /* owned; those of the pool, followed by those at the door */
    unsigned worker_count;  /* of the pool's */
    unsigned door_count;    /* 0 where nobody has to be let in */

    struct encryption encryption;
    struct pool pool;
    struct acceptor acceptor;
    struct statistics_epoch epoch;
    _Atomic uint64_t foreign_logged_ns; /* when a foreign protocol was last logged: relaxed */
};

#endif
