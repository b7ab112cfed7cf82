/* SPDX-License-Identifier: MIT */
#ifndef CREW_SERVER_VISIT_H
#define CREW_SERVER_VISIT_H

#include "server/connection.h"
#include "server/worker.h"

/*
 * One turn of a worker at a RUNNING connection that it owns: sends what waits, reads, runs whole
 * requests, sends the replies; then parks the connection, returns it to the queue's tail when its
 * turn is over, or closes it. After this the connection is not the worker's any more.
 */
void visit(struct worker *worker, struct connection *connection);

#endif
