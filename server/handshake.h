/* SPDX-License-Identifier: MIT */
/* The steps of a TLS handshake, taken by a worker at the door. */
#ifndef CREW_SERVER_HANDSHAKE_H
#define CREW_SERVER_HANDSHAKE_H

#include "server/connection.h"
#include "server/worker.h"

enum handshake_result {
    HANDSHAKE_DONE,    /* and counted; what the client sends from now on can be received */
    HANDSHAKE_UNREADY, /* the client has to send more, or to take what it was sent */
    HANDSHAKE_REFUSED, /* there will be no encryption; the client was told why, if it can know */
    HANDSHAKE_BROKEN,  /* the client is gone */
    HANDSHAKE_NO_MEMORY,
};

/*
 * Owner, PHASE_HANDSHAKING: goes as far as what has come allows, without waiting. A step may take
 * milliseconds, for proving who the server is.
 */
enum handshake_result handshake(struct worker *worker, struct connection *connection);

#endif
