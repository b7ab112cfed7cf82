/* SPDX-License-Identifier: MIT */
/* The built-in commands: one table per file, each ended by a row without a name. */
#ifndef CREW_SERVER_COMMANDS_COMMANDS_H
#define CREW_SERVER_COMMANDS_COMMANDS_H

#include "crew.h"

#include <stddef.h>

extern const crew_command connection_commands[]; /* PING, HELLO, QUIT and the like */
extern const crew_command client_commands[];     /* CLIENT */
extern const crew_command command_commands[];    /* COMMAND */
extern const crew_command config_commands[];     /* CONFIG */
extern const crew_command info_commands[];       /* INFO */
extern const crew_command workload_commands[];   /* WORK */

/* All of the above. */
extern const crew_command *const builtin_commands[];
extern const size_t builtin_command_groups;

/* Handler of every container's HELP subcommand: lists its siblings from their rows. */
void command_help(crew_call *call);

#define HELP_ROW(group)                                                                            \
    {                                                                                              \
        "HELP", NULL, "Lists the subcommands.", group, 2, CREW_FAST, command_help, NULL            \
    }

#endif
