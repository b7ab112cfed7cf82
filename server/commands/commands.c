/* SPDX-License-Identifier: MIT */
#include "server/commands/commands.h"

#include "server/call.h"
#include "server/server.h"

#include <stdio.h>

const crew_command *const builtin_commands[] = {
    connection_commands, client_commands, command_commands,
    config_commands,     info_commands,   workload_commands,
};

const size_t builtin_command_groups = sizeof(builtin_commands) / sizeof(builtin_commands[0]);

void command_help(crew_call *call)
{
    const struct command_table *table = &call->worker->server->commands;
    const struct command_entry *parent = command_table_find(table, crew_argument(call, 0));
    crew_reply_array(call, 1 + 2 * parent->subcommands);
    char line[256];
    snprintf(line, sizeof(line),
             "%s <subcommand> [<arg> ...]. Subcommands are:", parent->command->name);
    crew_reply_status(call, line);
    for (size_t i = 1; i <= parent->subcommands; i++) {
        const crew_command *command = parent[i].command;
        snprintf(line, sizeof(line), "%s%s%s", command->name, command->syntax != NULL ? " " : "",
                 command->syntax != NULL ? command->syntax : "");
        crew_reply_status(call, line);
        snprintf(line, sizeof(line), "    %s", command->summary);
        crew_reply_status(call, line);
    }
}
