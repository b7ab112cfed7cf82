/* SPDX-License-Identifier: MIT */
/*
 * The certificates that tls:// listeners show, and their replacement while the server runs:
 * handshakes that begin later use the new ones, and connections keep what they began with.
 */
#ifndef CREW_SERVER_ENCRYPTION_H
#define CREW_SERVER_ENCRYPTION_H

#include "common/lock.h"
#include "common/tls.h"
#include "server/listener.h"
#include "server/settings.h"

struct encryption {
    struct lock lock;            /* held for the exchange of a pointer */
    struct tls_context *context; /* under lock; NULL: nothing is encrypted */
};

/*
 * Before threads start: reads the files that the options name, and logs what is odd about them.
 * False after filling `error`: a file cannot be used, options do not go together, or a listener
 * lacks a certificate. encryption_close is due only after success.
 */
bool encryption_open(struct encryption *encryption, const struct settings *settings,
                     const struct listener_set *listeners, char error[TLS_MESSAGE_SIZE]);
void encryption_close(struct encryption *encryption); /* after all threads ended */

/* Before threads start: whether clients can be asked for a handshake. */
bool encryption_is_offered(const struct encryption *encryption);

/* Any one thread: reads the files again. When they cannot be used it logs why, and what was in use
 * stays. May block. */
void encryption_reload(struct encryption *encryption, const struct settings *settings);

/* Any thread: the server's end of a new stream; NULL without memory. */
struct tls_stream *encryption_begin(struct encryption *encryption, int fd);

#endif
