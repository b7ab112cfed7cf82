/* SPDX-License-Identifier: MIT */
/*
 * What stands behind the crew_call of the public API. Handlers of built-in commands that are
 * about the connection or the server itself look in here; all others use crew.h alone.
 */
#ifndef CREW_SERVER_CALL_H
#define CREW_SERVER_CALL_H

#include "common/resp_request.h"
#include "crew.h"
#include "server/command_table.h"
#include "server/connection.h"
#include "server/reply.h"
#include "server/worker.h"

struct crew_call {
    struct worker *worker;
    struct connection *connection;
    const struct command_entry *entry;
    const char *request; /* what the arguments' offsets count from */
    const struct resp_span *arguments;
    size_t argument_count;
    struct reply reply;
};

#endif
