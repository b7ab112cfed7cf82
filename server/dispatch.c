/* SPDX-License-Identifier: MIT */
#include "server/dispatch.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/call.h"
#include "server/output.h"
#include "server/request_run.h"
#include "server/server.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SHOWN_LIMIT = 128 }; /* bytes of a client's words that an error repeats */

/* Browsers can be made to send these to any port; answering would help whoever does that. */
static bool is_foreign_protocol(crew_slice name)
{
    return (name.size == 4 && strncasecmp(name.data, "POST", 4) == 0) ||
           (name.size == 5 && strncasecmp(name.data, "Host:", 5) == 0);
}

static void reject_foreign_protocol(struct server *server, struct connection *connection)
{
    connection->phase = PHASE_FINISHING;
    connection->close_reason = CLOSE_FOREIGN_PROTOCOL;
    uint64_t now_ns = monotonic_ns();
    uint64_t logged_ns = atomic_load_explicit(&server->foreign_logged_ns, memory_order_relaxed);
    bool due = logged_ns == 0 || now_ns - logged_ns >= UINT64_C(60) * NS_PER_S;
    /* Relaxed: of several threads that find a line due, the swap picks one; it orders nothing. */
    if (due &&
        atomic_compare_exchange_strong_explicit(&server->foreign_logged_ns, &logged_ns, now_ns,
                                                memory_order_relaxed, memory_order_relaxed))
        log_write(LOG_LEVEL_WARN, "foreign_protocol", "listener=%s", connection->listener->url);
}

static int shown_size(crew_slice word, size_t limit)
{
    return (int)(word.size < limit ? word.size : limit);
}

static void explain_unknown_command(crew_call *call)
{
    char words[SHOWN_LIMIT * 2] = "";
    size_t used = 0;
    for (size_t i = 1; i < call->argument_count && used < SHOWN_LIMIT; i++) {
        crew_slice word = crew_argument(call, i);
        int size = snprintf(words + used, sizeof(words) - used, "'%.*s' ",
                            shown_size(word, SHOWN_LIMIT - used), word.data);
        used += size > 0 ? (size_t)size : 0;
    }
    crew_slice name = crew_argument(call, 0);
    crew_reply_error(call, "ERR unknown command '%.*s', with args beginning with: %s",
                     shown_size(name, SHOWN_LIMIT), name.data, words);
}

static bool is_before_auth(const struct command_entry *entry)
{
    return entry != NULL && (entry->command->flags & CREW_BEFORE_AUTH) != 0;
}

/* The row to run, which may be a subcommand's; NULL after replying with an error. */
static const struct command_entry *choose_entry(crew_call *call, const struct command_entry *entry)
{
    if (call->connection->must_log_in && !is_before_auth(entry)) {
        call->entry = entry;
        crew_reply_error(call, "NOAUTH Authentication required.");
        return NULL;
    }
    if (entry == NULL) {
        explain_unknown_command(call);
        return NULL;
    }
    call->entry = entry;
    if (entry->subcommands > 0 && call->argument_count > 1) {
        const struct command_entry *found = command_entry_find(entry, crew_argument(call, 1));
        if (found == NULL) {
            crew_slice word = crew_argument(call, 1);
            crew_reply_error(call, "ERR unknown subcommand '%.*s'. Try %s HELP.",
                             shown_size(word, SHOWN_LIMIT), word.data, entry->command->name);
            return NULL;
        }
        call->entry = found;
    }
    int arity = call->entry->command->arity;
    size_t words = (size_t)(arity < 0 ? -arity : arity);
    bool allowed = arity < 0 ? call->argument_count >= words : call->argument_count == words;
    if (allowed)
        return call->entry;
    crew_reply_error(call, "ERR wrong number of arguments for '%s' command",
                     call->entry->full_name);
    return NULL;
}

static bool is_exempt(const struct command_entry *entry)
{
    return entry != NULL && (entry->command->flags & CREW_EXEMPT) != 0;
}

/* See server/limits/overload.h. No row to run is left; the one that was chosen counts it as
 * rejected. */
static const struct command_entry *shed(crew_call *call)
{
    struct worker *worker = call->worker;
    reply_error(&call->reply, "OVERLOADED the server is too busy, try again later");
    statistics_add(&worker->statistics.shed_requests_total, 1);
    overload_count(&worker->server->pool.overload);
    return NULL;
}

/* A command that may block: what is answered goes out first, and another worker watches. */
static void run_slow(crew_call *call)
{
    output_send_early(call->worker, call->connection);
    reply_begin(&call->reply, &call->worker->output, call->reply.codec, call->reply.limit);
    worker_begin_slow(call->worker);
    /* Relaxed: a name for people; see server/stuck.h. */
    atomic_store_explicit(&call->worker->slow_command, call->entry, memory_order_relaxed);
    call->entry->command->run(call);
    atomic_store_explicit(&call->worker->slow_command, NULL, memory_order_relaxed);
    worker_end_slow(call->worker);
}

bool dispatch(struct worker *worker, struct connection *connection, const struct request *request,
              enum reply_codec codec)
{
    crew_call call = {
        .worker = worker,
        .connection = connection,
        .request = request->bytes,
        .arguments = request->arguments,
        .argument_count = request->argument_count,
    };
    const struct command_table *commands = &worker->server->commands;
    const struct command_entry *entry = command_table_find(commands, crew_argument(&call, 0));
    if (entry == NULL && codec != REPLY_RAW && is_foreign_protocol(crew_argument(&call, 0))) {
        reject_foreign_protocol(worker->server, connection);
        return false;
    }
    bool secret = connection->must_log_in || is_before_auth(entry);
    reply_begin(&call.reply, &worker->output, codec,
                (size_t)worker->server->settings.max_output_bytes);
    bool late = worker->sheds && !is_exempt(entry);
    entry = choose_entry(&call, entry);
    if (late && entry != NULL)
        entry = shed(&call);
    bool slow = entry != NULL && (entry->command->flags & CREW_FAST) == 0;
    if (slow)
        request_run_end(worker); /* also of the same command, when calls of it were rejected */
    request_run_join(worker, call.entry);
    if (slow)
        run_slow(&call);
    else if (entry != NULL)
        entry->command->run(&call);
    if (!reply_end(&call.reply, call.entry != NULL ? call.entry->full_name : "unknown")) {
        connection->phase = PHASE_FINISHING;
        connection->close_reason = CLOSE_NO_MEMORY;
    }
    request_run_add(&worker->run, entry != NULL, call.reply.is_error);
    if (slow)
        request_run_end(worker);
    if (secret)
        explicit_bzero(request->bytes, request->size);
    return slow;
}
