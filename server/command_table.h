/* SPDX-License-Identifier: MIT */
/*
 * All commands, found by name. Built once before the threads start and constant from then on, so
 * any thread reads it without a lock.
 */
#ifndef CREW_SERVER_COMMAND_TABLE_H
#define CREW_SERVER_COMMAND_TABLE_H

#include "crew.h"

#include <stddef.h>

enum { COMMAND_NAME_SIZE = 48 };

/* A command or subcommand. Subcommands follow their parent. */
struct command_entry {
    const crew_command *command;
    char full_name[COMMAND_NAME_SIZE]; /* lower case, as errors and INFO show it: "client|list" */
    size_t name_size;                  /* of command->name */
    size_t subcommands;                /* how many entries after this one are its subcommands */
    bool is_subcommand;
};

struct command_table {
    struct command_entry *entries; /* owned */
    size_t count;
    size_t top_level_count;
    uint16_t *buckets; /* owned; hash to entry number + 1, 0 for none */
    size_t bucket_mask;
};

/* `groups` are `count` tables, each ended by a row without a name. Returns 0 or an errno value;
 * EINVAL when a name stands twice or is too long, or a row lacks what crew.h says it has. */
int command_table_init(struct command_table *table, const crew_command *const *groups,
                       size_t count);
void command_table_destroy(struct command_table *table);

/* By name in any case; NULL when there is none. The second searches a command's subcommands, the
 * third takes full names too, such as "client|list". */
const struct command_entry *command_table_find(const struct command_table *table, crew_slice name);
const struct command_entry *command_entry_find(const struct command_entry *parent, crew_slice name);
const struct command_entry *command_table_find_full(const struct command_table *table,
                                                    crew_slice name);

#endif
