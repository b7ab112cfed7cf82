/* SPDX-License-Identifier: MIT */
/* CONFIG: the option table as it is set, and a fresh start for the statistics. */
#include "server/call.h"
#include "server/commands/commands.h"
#include "server/glob.h"
#include "server/server.h"

#include <string.h>

/* Redis parameters that tools ask for by name; the answers hold for a server that stores nothing.
 */
static const struct {
    const char *name;
    const char *value;
} redis_parameters[] = {{"save", ""}, {"appendonly", "no"}};

enum { REDIS_PARAMETERS = sizeof(redis_parameters) / sizeof(redis_parameters[0]) };

static bool is_wanted(crew_call *call, const char *name)
{
    for (size_t i = 2; i < crew_argument_count(call); i++) {
        crew_slice pattern = crew_argument(call, i);
        if (glob_matches(pattern.data, pattern.size, name, strlen(name)))
            return true;
    }
    return false;
}

static bool is_parameter(const struct option *option)
{
    return option->type != OPTION_HELP && option->type != OPTION_VERSION;
}

static void reply_option(crew_call *call, const struct option *option)
{
    struct byte_buffer value = {0};
    option_format(option, &call->worker->server->settings, &value);
    crew_reply_text(call, option->name);
    crew_reply_bulk(call, value.bytes, value.size);
    byte_buffer_free(&value);
}

static void get(crew_call *call)
{
    const struct option_table *table = &settings_table;
    size_t found = 0;
    for (size_t i = 0; i < table->count; i++)
        found += is_parameter(&table->options[i]) && is_wanted(call, table->options[i].name);
    for (size_t i = 0; i < REDIS_PARAMETERS; i++)
        found += is_wanted(call, redis_parameters[i].name);

    crew_reply_map(call, found);
    for (size_t i = 0; i < table->count; i++) {
        if (is_parameter(&table->options[i]) && is_wanted(call, table->options[i].name))
            reply_option(call, &table->options[i]);
    }
    for (size_t i = 0; i < REDIS_PARAMETERS; i++) {
        if (is_wanted(call, redis_parameters[i].name)) {
            crew_reply_text(call, redis_parameters[i].name);
            crew_reply_text(call, redis_parameters[i].value);
        }
    }
}

static void reset_statistics(crew_call *call)
{
    struct server *server = call->worker->server;
    statistics_begin_epoch(&server->epoch);
    ready_queue_reset_figures(&server->pool.queue);
    pool_wake_acceptor(&server->pool); /* so that its counters follow at once */
    crew_reply_status(call, "OK");
}

/* GET is not fast: a client may ask for a megabyte of patterns. */
static const crew_command subcommands[] = {
    {"GET", "<pattern> [<pattern> ...]", "Answers options whose names match, with their values.",
     "server", -3, 0, get, NULL},
    {"RESETSTAT", NULL, "Begins all statistics of INFO anew.", "server", 2, CREW_FAST,
     reset_statistics, NULL},
    HELP_ROW("server"),
    {.name = NULL},
};

const crew_command config_commands[] = {
    {"CONFIG", "<subcommand>", "Reads options and resets statistics.", "server", -2,
     CREW_FAST | CREW_EXEMPT, NULL, subcommands},
    {.name = NULL},
};
