/* SPDX-License-Identifier: MIT */
/* COMMAND: the command table, as client libraries and redis-cli ask for it. */
#include "server/call.h"
#include "server/commands/commands.h"
#include "server/server.h"

static const struct command_table *table_of(crew_call *call)
{
    return &call->worker->server->commands;
}

/* Name, arity, flags, first key, last key, step, categories, tips, key specifications,
 * subcommands: the shape that Redis 7 gives. crew has no keys. */
static void describe(crew_call *call, const struct command_entry *entry)
{
    const crew_command *command = entry->command;
    bool fast = (command->flags & CREW_FAST) != 0;
    crew_reply_array(call, 10);
    crew_reply_text(call, entry->full_name);
    crew_reply_integer(call, command->arity);
    crew_reply_array(call, fast ? 1 : 0);
    if (fast)
        crew_reply_status(call, "fast");
    for (int i = 0; i < 3; i++)
        crew_reply_integer(call, 0);
    for (int i = 0; i < 3; i++)
        crew_reply_array(call, 0);
    crew_reply_array(call, entry->subcommands);
    for (size_t i = 1; i <= entry->subcommands; i++)
        describe(call, &entry[i]); /* one level deep: subcommands have none of their own */
}

static void list(crew_call *call)
{
    const struct command_table *table = table_of(call);
    crew_reply_array(call, table->top_level_count);
    for (size_t i = 0; i < table->count; i += 1 + table->entries[i].subcommands)
        describe(call, &table->entries[i]);
}

static void count(crew_call *call)
{
    crew_reply_integer(call, (int64_t)table_of(call)->top_level_count);
}

/* A long list of the same name would make a small request a huge reply. */
static bool too_many_names(crew_call *call, size_t names)
{
    if (names <= table_of(call)->count)
        return false;
    crew_reply_error(call, "ERR too many names: there are %zu commands", table_of(call)->count);
    return true;
}

static void info(crew_call *call)
{
    size_t names = crew_argument_count(call) - 2;
    if (too_many_names(call, names))
        return;
    if (names == 0) {
        list(call);
        return;
    }
    crew_reply_array(call, names);
    for (size_t i = 0; i < names; i++) {
        const struct command_entry *entry =
            command_table_find_full(table_of(call), crew_argument(call, 2 + i));
        if (entry != NULL)
            describe(call, entry);
        else
            crew_reply_null(call);
    }
}

static void document(crew_call *call, const struct command_entry *entry)
{
    const crew_command *command = entry->command;
    bool has_syntax = command->syntax != NULL && entry->subcommands == 0;
    crew_reply_text(call, entry->full_name);
    crew_reply_map(call, 2U + has_syntax + (entry->subcommands > 0));
    crew_reply_text(call, "summary");
    crew_reply_text(call, command->summary);
    crew_reply_text(call, "group");
    crew_reply_text(call, command->group);
    if (has_syntax) {
        crew_reply_text(call, "syntax");
        crew_reply_text(call, command->syntax);
    }
    if (entry->subcommands == 0)
        return;
    crew_reply_text(call, "subcommands");
    crew_reply_map(call, entry->subcommands);
    for (size_t i = 1; i <= entry->subcommands; i++)
        document(call, &entry[i]);
}

/* Names that do not exist are left out, as Redis does. */
static void docs(crew_call *call)
{
    const struct command_table *table = table_of(call);
    size_t words = crew_argument_count(call);
    if (too_many_names(call, words - 2))
        return;
    if (words == 2) {
        crew_reply_map(call, table->top_level_count);
        for (size_t i = 0; i < table->count; i += 1 + table->entries[i].subcommands)
            document(call, &table->entries[i]);
        return;
    }
    size_t found = 0;
    for (size_t i = 2; i < words; i++)
        found += command_table_find_full(table, crew_argument(call, i)) != NULL;
    crew_reply_map(call, found);
    for (size_t i = 2; i < words; i++) {
        const struct command_entry *entry = command_table_find_full(table, crew_argument(call, i));
        if (entry != NULL)
            document(call, entry);
    }
}

static const crew_command subcommands[] = {
    {"COUNT", NULL, "Answers how many commands there are.", "server", 2, CREW_FAST, count, NULL},
    {"DOCS", "[<name> ...]", "Documents commands.", "server", -2, 0, docs, NULL},
    {"INFO", "[<name> ...]", "Describes commands.", "server", -2, 0, info, NULL},
    HELP_ROW("server"),
    {.name = NULL},
};

/* None is fast but the count: describing every command takes longer than many requests do. */
const crew_command command_commands[] = {
    {"COMMAND", NULL, "Describes all commands.", "server", -1, CREW_EXEMPT, list, subcommands},
    {.name = NULL},
};
