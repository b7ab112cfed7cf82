/* SPDX-License-Identifier: MIT */
/* From a parsed request to its reply: finds the command, checks it, runs it, counts it. */
#ifndef CREW_SERVER_DISPATCH_H
#define CREW_SERVER_DISPATCH_H

#include "common/resp_request.h"
#include "server/connection.h"
#include "server/reply.h"
#include "server/worker.h"

#include <stddef.h>

/* A request as it was received; its owner is the caller of dispatch. */
struct request {
    char *bytes;
    size_t size;
    const struct resp_span *arguments; /* their offsets count from `bytes` */
    size_t argument_count;
};

/*
 * Runs one request on the worker's thread and appends exactly one reply to worker->output. May
 * block as long as the command's handler does; the pool is told before, and replies that already
 * wait in worker->output are sent before. May set the connection's phase to PHASE_FINISHING, after
 * which nothing more of it is to be run.
 *
 * Before the client has logged in, only commands that are CREW_BEFORE_AUTH run. Those, and whatever
 * else comes before, may hold a password: the request is wiped.
 *
 * True when the command was not CREW_FAST: others may have waited long, so the turn should end.
 */
bool dispatch(struct worker *worker, struct connection *connection, const struct request *request,
              enum reply_codec codec);

#endif
