/* SPDX-License-Identifier: MIT */
/*
 * Listeners without a protocol: the bytes of a client's first read are handed to one configured
 * command as its last argument, the reply's bare payload is sent back, and the connection ends.
 */
#ifndef CREW_SERVER_RAW_H
#define CREW_SERVER_RAW_H

#include "common/option.h"
#include "server/command_table.h"
#include "server/connection.h"
#include "server/listener.h"
#include "server/worker.h"

#include <stdbool.h>

enum { RAW_WORD_LIMIT = 16 };

/* The configured command, split into words; constant once threads run. */
struct raw_command {
    char *text; /* owned; the words point into it */
    crew_slice words[RAW_WORD_LIMIT];
    size_t count;
};

/* False after filling `error`: bad quotes, too many words, no such command, or no memory. */
bool raw_command_init(struct raw_command *command, const char *text,
                      const struct command_table *table, char error[OPTION_ERROR_SIZE]);
void raw_command_destroy(struct raw_command *command);

/* Owner: whether the connection's one exchange, without a protocol, is still to come. */
static inline bool raw_is_awaited(const struct connection *connection)
{
    return connection->phase == PHASE_SERVING &&
           connection->listener->endpoint.scheme == ENDPOINT_RAW;
}

enum raw_result {
    RAW_WAIT,    /* nothing has arrived yet */
    RAW_REPLIED, /* the reply waits in worker->output */
    RAW_ENDED,   /* there is nobody, or no memory, to reply to */
};

/* Worker, on a connection it owns: reads once and runs the command. The connection is
 * PHASE_FINISHING afterwards, unless the result is RAW_WAIT. */
enum raw_result raw_exchange(struct worker *worker, struct connection *connection);

#endif
