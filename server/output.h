/* SPDX-License-Identifier: MIT */
/*
 * Sending replies without ever waiting for a client. Replies gather in the worker's buffer; what
 * the socket does not take moves to the connection, which is then parked until it is writable.
 */
#ifndef CREW_SERVER_OUTPUT_H
#define CREW_SERVER_OUTPUT_H

#include "server/connection.h"
#include "server/worker.h"

enum output_result {
    OUTPUT_SENT,    /* all of it */
    OUTPUT_BLOCKED, /* the rest stays with the connection until its socket is writable */
    OUTPUT_FAILED,  /* the peer is gone or, if its output failed, replies for it are: close it */
};

/* Owner: sends the connection's own rest first, then what the worker gathered for it. */
enum output_result output_send(struct worker *worker, struct connection *connection);

/* Owner: sends what it can before something slow; a failure shows at the next output_send. */
void output_send_early(struct worker *worker, struct connection *connection);

#endif
