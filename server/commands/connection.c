/* SPDX-License-Identifier: MIT */
/* Commands that greet, echo, and settle how a connection is spoken to. */
#include "common/clock.h"
#include "common/version.h"
#include "server/access/login.h"
#include "server/call.h"
#include "server/client_name.h"
#include "server/commands/commands.h"
#include "server/server.h"

#include <stdio.h>

static void ping(crew_call *call)
{
    if (crew_argument_count(call) > 2) {
        crew_reply_error(call, "ERR wrong number of arguments for 'ping' command");
    } else if (crew_argument_count(call) == 2) {
        crew_slice message = crew_argument(call, 1);
        crew_reply_bulk(call, message.data, message.size);
    } else {
        crew_reply_status(call, "PONG");
    }
}

static void echo(crew_call *call)
{
    crew_slice message = crew_argument(call, 1);
    crew_reply_bulk(call, message.data, message.size);
}

static void greet(crew_call *call)
{
    crew_reply_text(call, "Hello from server!");
}

static void reply_number_text(crew_call *call, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    crew_reply_text(call, text);
}

static void time_of_day(crew_call *call)
{
    uint64_t now_us = wall_ns() / NS_PER_US;
    crew_reply_array(call, 2);
    reply_number_text(call, now_us / 1000000);
    reply_number_text(call, now_us % 1000000);
}

static void set_protocol(crew_call *call, int version)
{
    atomic_store_explicit(&call->connection->protocol_version, (uint8_t)version,
                          memory_order_relaxed);
    if (call->reply.codec != REPLY_RAW)
        call->reply.codec = version == 3 ? REPLY_RESP3 : REPLY_RESP2;
}

static void reply_hello(crew_call *call)
{
    const struct connection_table *table = &call->worker->server->pool.connections;
    uint32_t slot = connection_table_slot(table, call->connection);
    crew_reply_map(call, 7);
    crew_reply_text(call, "server");
    crew_reply_text(call, "crew");
    crew_reply_text(call, "version");
    crew_reply_text(call, CREW_VERSION);
    crew_reply_text(call, "proto");
    crew_reply_integer(
        call, atomic_load_explicit(&call->connection->protocol_version, memory_order_relaxed));
    crew_reply_text(call, "id");
    crew_reply_integer(call, (int64_t)table->identities[slot].id);
    crew_reply_text(call, "mode");
    crew_reply_text(call, "standalone");
    crew_reply_text(call, "role");
    crew_reply_text(call, "master");
    crew_reply_text(call, "modules");
    crew_reply_array(call, 0);
}

static const char no_password[] =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure"
    " your configuration is correct?";

static const char hello_first[] =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH"
    " <user> <pass> option can be used to authenticate the client and select the RESP protocol"
    " version at the same time";

static bool needs_password(const crew_call *call)
{
    return access_needs_password(&call->worker->server->access);
}

/* The words behind HELLO's version. */
struct hello_options {
    size_t user; /* the argument's index, 0 for none; the password follows */
    size_t name; /* likewise */
};

/* False after replying with an error. Of an option that is given twice the last counts. */
static bool read_hello_options(crew_call *call, struct hello_options *options)
{
    size_t count = crew_argument_count(call);
    for (size_t i = 2; i < count;) {
        if (crew_argument_is(call, i, "AUTH") && i + 2 < count) {
            options->user = i + 1;
            i += 3;
        } else if (crew_argument_is(call, i, "SETNAME") && i + 1 < count) {
            options->name = i + 1;
            i += 2;
        } else {
            crew_slice word = crew_argument(call, i);
            crew_reply_error(call, "ERR Syntax error in HELLO option '%.*s'",
                             (int)(word.size < 64 ? word.size : 64), word.data);
            return false;
        }
    }
    return true;
}

/* False after replying with an error. Without a password to match, the user's is any. */
static bool log_in(crew_call *call, size_t user)
{
    if (login_is_user(call, user))
        return !needs_password(call) || login_with_password(call, user + 1);
    login_refuse(call);
    return false;
}

/* HELLO [2|3 [AUTH user password] [SETNAME name]]: nothing changes unless all of it is right. But
 * who has given the right password stays logged in, as with Redis, when the name is wrong. */
static void hello(crew_call *call)
{
    int64_t version = 0;
    struct hello_options options = {0};
    if (crew_argument_count(call) > 1) {
        if (!crew_argument_integer(call, 1, INT64_MIN, INT64_MAX, &version)) {
            crew_reply_error(call, "ERR Protocol version is not an integer or out of range");
            return;
        }
        if (version != 2 && version != 3) {
            crew_reply_error(call, "NOPROTO unsupported protocol version");
            return;
        }
        if (!read_hello_options(call, &options) ||
            (options.user > 0 && !log_in(call, options.user)))
            return;
    }
    if (call->connection->must_log_in) {
        crew_reply_error(call, "%s", hello_first);
        return;
    }
    if (options.name > 0 && !client_name_set(call, options.name))
        return;
    if (version > 0)
        set_protocol(call, (int)version);
    reply_hello(call);
}
static void auth(crew_call *call)
{
    size_t count = crew_argument_count(call);
    if (count > 3)
        crew_reply_error(call, "ERR syntax error");
    else if (count == 2 && !needs_password(call))
        crew_reply_error(call, "%s", no_password);
    else if (count == 2 ? login_with_password(call, 1) : log_in(call, 1))
        crew_reply_status(call, "OK");
}

static void select_database(crew_call *call)
{
    int64_t number = 0;
    if (!crew_argument_integer(call, 1, INT32_MIN, INT32_MAX, &number))
        crew_reply_error(call, "ERR value is not an integer or out of range");
    else if (number != 0)
        crew_reply_error(call, "ERR DB index is out of range");
    else
        crew_reply_status(call, "OK");
}

static void quit(crew_call *call)
{
    call->connection->phase = PHASE_FINISHING;
    call->connection->close_reason = CLOSE_QUIT;
    crew_reply_status(call, "OK");
}

static void reset(crew_call *call)
{
    client_name_clear(call);
    set_protocol(call, 2);
    login_forget(call);
    crew_reply_status(call, "RESET");
}

static void cluster(crew_call *call)
{
    crew_reply_error(call, "ERR This instance has cluster support disabled");
}

/* HELLO and AUTH are not fast: they may have to check a password against slow hashes. */
const crew_command connection_commands[] = {
    {"PING", "[<message>]", "Answers PONG, or the message.", "connection", -1, CREW_FAST, ping,
     NULL},
    {"ECHO", "<message>", "Answers the message.", "connection", 2, CREW_FAST, echo, NULL},
    {"GREET", "[<anything> ...]", "Answers a greeting.", "connection", -1, CREW_FAST, greet, NULL},
    {"TIME", NULL, "Answers the server's time: seconds since 1970, and microseconds.", "server", 1,
     CREW_FAST, time_of_day, NULL},
    {"HELLO", "[2|3 [AUTH <user> <password>] [SETNAME <name>]]",
     "Describes the server and chooses the protocol version.", "connection", -1,
     CREW_EXEMPT | CREW_BEFORE_AUTH, hello, NULL},
    {"AUTH", "[<user>] <password>", "Logs in.", "connection", -2, CREW_EXEMPT | CREW_BEFORE_AUTH,
     auth, NULL},
    {"SELECT", "<database>", "Chooses a database; there is only 0.", "connection", 2,
     CREW_FAST | CREW_EXEMPT, select_database, NULL},
    {"QUIT", NULL, "Answers OK and closes the connection.", "connection", -1,
     CREW_FAST | CREW_EXEMPT | CREW_BEFORE_AUTH, quit, NULL},
    {"RESET", NULL, "Puts the connection back to how it began: RESP2, no name, not logged in.",
     "connection", 1, CREW_FAST | CREW_EXEMPT | CREW_BEFORE_AUTH, reset, NULL},
    {"CLUSTER", "<anything> ...", "Answers that this is no cluster.", "server", -2, CREW_FAST,
     cluster, NULL},
    {.name = NULL},
};
