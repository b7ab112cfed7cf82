/* SPDX-License-Identifier: MIT */
#include "server/dispatch.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/call.h"
#include "server/output.h"
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

/* Finds the row to run; NULL after replying with an error. */
static const struct command_entry *find_entry(const struct command_table *table, crew_call *call)
{
    const struct command_entry *entry = command_table_find(table, crew_argument(call, 0));
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

/* A command that may block: what is answered goes out first, and another worker watches. */
static void run_slow(crew_call *call)
{
    struct pool *pool = &call->worker->server->pool;
    output_send_early(call->worker, call->connection);
    reply_begin(&call->reply, &call->worker->output, call->reply.codec);
    pool_begin_slow(pool);
    call->entry->command->run(call);
    pool_end_slow(pool);
}

static void count(struct worker *worker, const crew_call *call, bool ran)
{
    struct worker_statistics *statistics = &worker->statistics;
    uint64_t ended_ns = monotonic_ns();
    uint64_t took_ns = ended_ns - worker->now_ns;
    worker->now_ns = ended_ns;
    /* A reset amid this visit, perhaps by this request, must not take later requests with it. */
    worker_statistics_follow(statistics, &worker->server->epoch);
    statistics_add(&statistics->requests_total, 1);
    histogram_record(&statistics->service, took_ns);
    if (call->reply.is_error)
        statistics_add(&statistics->errors_total, 1);
    if (call->entry == NULL)
        return;
    size_t number = (size_t)(call->entry - worker->server->commands.entries);
    struct command_statistics *command = &statistics->commands[number];
    if (!ran) {
        statistics_add(&command->rejected_calls, 1);
        return;
    }
    statistics_add(&command->calls, 1);
    statistics_add(&command->time_ns, took_ns);
    if (call->reply.is_error)
        statistics_add(&command->failed_calls, 1);
}

bool dispatch(struct worker *worker, struct connection *connection, const char *request,
              const struct resp_span *arguments, size_t argument_count, enum reply_codec codec)
{
    crew_call call = {
        .worker = worker,
        .connection = connection,
        .request = request,
        .arguments = arguments,
        .argument_count = argument_count,
    };
    if (codec != REPLY_RAW && is_foreign_protocol(crew_argument(&call, 0))) {
        reject_foreign_protocol(worker->server, connection);
        return false;
    }
    reply_begin(&call.reply, &worker->output, codec);
    const struct command_entry *entry = find_entry(&worker->server->commands, &call);
    bool slow = entry != NULL && (entry->command->flags & CREW_FAST) == 0;
    if (slow)
        run_slow(&call);
    else if (entry != NULL)
        entry->command->run(&call);
    if (!reply_end(&call.reply, call.entry != NULL ? call.entry->full_name : "unknown")) {
        connection->phase = PHASE_FINISHING;
        connection->close_reason = CLOSE_NO_MEMORY;
    }
    count(worker, &call, entry != NULL);
    return slow;
}
