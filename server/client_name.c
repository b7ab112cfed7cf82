/* SPDX-License-Identifier: MIT */
#include "server/client_name.h"

#include "server/call.h"
#include "server/server.h"

#include <stdlib.h>
#include <string.h>

/* Lists of clients are separated by spaces and newlines, so names may have neither. */
static bool is_plain(crew_slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '!' || text.data[i] > '~')
            return false;
    }
    return true;
}

/* Puts `text`, which the table owns from now on, in the field's place. */
static void replace(struct connection_table *table, char **field, char *text)
{
    lock_acquire(&table->lock);
    char *old = *field;
    *field = text;
    lock_release(&table->lock);
    free(old);
}

static struct connection_table *table_of(crew_call *call)
{
    return &call->worker->server->pool.connections;
}

static struct client_identity *identity_of(crew_call *call)
{
    return connection_table_identity(table_of(call), call->connection);
}

enum { LONGEST_NAME = 256 }; /* kept for as long as the connection is open */

static bool set(crew_call *call, char **field, size_t argument, const char *what)
{
    crew_slice text = crew_argument(call, argument);
    if (!is_plain(text)) {
        crew_reply_error(call, "ERR %s cannot contain spaces, newlines or special characters.",
                         what);
        return false;
    }
    if (text.size > LONGEST_NAME) {
        crew_reply_error(call, "ERR %s cannot be longer than %d bytes.", what, (int)LONGEST_NAME);
        return false;
    }
    char *copy = NULL;
    if (text.size > 0) {
        copy = strndup(text.data, text.size);
        if (copy == NULL) {
            crew_reply_error(call, "ERR out of memory");
            return false;
        }
    }
    replace(table_of(call), field, copy);
    return true;
}

bool client_name_set(crew_call *call, size_t argument)
{
    return set(call, &identity_of(call)->name, argument, "Client names");
}

bool client_library_name_set(crew_call *call, size_t argument)
{
    return set(call, &identity_of(call)->library_name, argument, "lib-name");
}

bool client_library_version_set(crew_call *call, size_t argument)
{
    return set(call, &identity_of(call)->library_version, argument, "lib-ver");
}

void client_name_clear(crew_call *call)
{
    replace(table_of(call), &identity_of(call)->name, NULL);
}
