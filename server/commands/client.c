/* SPDX-License-Identifier: MIT */
/* CLIENT: what connections are called, and a list of them. */
#include "common/clock.h"
#include "server/call.h"
#include "server/client_name.h"
#include "server/commands/commands.h"
#include "server/server.h"

#include <inttypes.h>

enum { LIST_BATCH = 64 }; /* connections described before others may have the table's lock */

static void set_name(crew_call *call)
{
    if (client_name_set(call, 2))
        crew_reply_status(call, "OK");
}

/* Reading its own name needs no lock: only the connection's own requests change it. */
static void get_name(crew_call *call)
{
    const struct client_identity *identity =
        connection_table_identity(&call->worker->server->pool.connections, call->connection);
    if (identity->name != NULL)
        crew_reply_text(call, identity->name);
    else
        crew_reply_null(call);
}

static void get_id(crew_call *call)
{
    const struct client_identity *identity =
        connection_table_identity(&call->worker->server->pool.connections, call->connection);
    crew_reply_integer(call, (int64_t)identity->id);
}

static void set_info(crew_call *call)
{
    bool is_name = crew_argument_is(call, 2, "LIB-NAME");
    if (!is_name && !crew_argument_is(call, 2, "LIB-VER")) {
        crew_slice word = crew_argument(call, 2);
        crew_reply_error(call, "ERR Unrecognized option '%.*s'",
                         (int)(word.size < 64 ? word.size : 64), word.data);
        return;
    }
    if (is_name ? client_library_name_set(call, 3) : client_library_version_set(call, 3))
        crew_reply_status(call, "OK");
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* One line of CLIENT LIST; the caller holds the table's lock. */
static void describe(const struct connection_table *table, const struct connection *connection,
                     uint64_t now_ns, struct byte_buffer *out)
{
    uint32_t slot = connection_table_slot(table, connection);
    const struct client_identity *identity = &table->identities[slot];
    char address[ENDPOINT_TEXT_SIZE];
    endpoint_format_address(&identity->peer.any, address);
    uint64_t active_ns = atomic_load_explicit(&connection->last_active_ns, memory_order_relaxed);
    uint64_t idle_ns = now_ns > active_ns ? now_ns - active_ns : 0;
    int version = atomic_load_explicit(&connection->protocol_version, memory_order_relaxed);
    byte_buffer_printf(out,
                       "id=%" PRIu64 " addr=%s listener=%s name=%s age=%" PRIu64 " idle=%" PRIu64
                       " flags=N db=0 resp=%d user=default lib-name=%s lib-ver=%s\n",
                       identity->id, address, connection->listener->url, or_empty(identity->name),
                       (now_ns - identity->opened_ns) / NS_PER_S, idle_ns / NS_PER_S, version,
                       or_empty(identity->library_name), or_empty(identity->library_version));
}

/* Appends lines for slots from `first` on, one batch under one hold of the lock. */
static void describe_batch(struct connection_table *table, uint32_t first, uint32_t end,
                           struct byte_buffer *out)
{
    lock_acquire(&table->lock);
    uint64_t now_ns = monotonic_ns(); /* after the lock: no connection is younger than this */
    for (uint32_t slot = first; slot < end; slot++) {
        /* An identity without an id belongs to nobody: it is emptied under this lock. */
        if (table->identities[slot].id != 0)
            describe(table, connection_table_at(table, slot), now_ns, out);
    }
    lock_release(&table->lock);
}

static void reply_text(crew_call *call, struct byte_buffer *text)
{
    if (text->failed)
        crew_reply_error(call, "ERR out of memory");
    else
        crew_reply_verbatim(call, text->bytes, text->size);
    byte_buffer_free(text);
}

static void list(crew_call *call)
{
    struct connection_table *table = &call->worker->server->pool.connections;
    struct byte_buffer text = {0};
    uint32_t used = connection_table_used(table);
    for (uint32_t first = 0; first < used; first += LIST_BATCH) {
        uint32_t end = used - first < LIST_BATCH ? used : first + LIST_BATCH;
        describe_batch(table, first, end, &text);
    }
    reply_text(call, &text);
}

static void info(crew_call *call)
{
    struct connection_table *table = &call->worker->server->pool.connections;
    struct byte_buffer text = {0};
    uint32_t slot = connection_table_slot(table, call->connection);
    describe_batch(table, slot, slot + 1, &text);
    reply_text(call, &text);
}

static const crew_command subcommands[] = {
    {"SETNAME", "<name>", "Names this connection.", "connection", 3, CREW_FAST, set_name, NULL},
    {"GETNAME", NULL, "Answers this connection's name.", "connection", 2, CREW_FAST, get_name,
     NULL},
    {"ID", NULL, "Answers this connection's number.", "connection", 2, CREW_FAST, get_id, NULL},
    {"SETINFO", "LIB-NAME|LIB-VER <value>", "Tells which client library is speaking.", "connection",
     4, CREW_FAST, set_info, NULL},
    {"INFO", NULL, "Describes this connection.", "connection", 2, CREW_FAST, info, NULL},
    /* Not fast: with thousands of connections it takes milliseconds. */
    {"LIST", NULL, "Describes all connections, one per line.", "connection", -2, 0, list, NULL},
    HELP_ROW("connection"),
    {.name = NULL},
};

const crew_command client_commands[] = {
    {"CLIENT", "<subcommand>", "Names and lists connections.", "connection", -2,
     CREW_FAST | CREW_EXEMPT, NULL, subcommands},
    {.name = NULL},
};
