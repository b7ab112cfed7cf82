/* SPDX-License-Identifier: MIT */
#include "server/command_table.h"

#include "common/ascii.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/), over lower case. */
static uint32_t hash_name(const char *name, size_t size)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)ascii_lower(name[i])) * 16777619U;
    return hash;
}

static bool same_name(const char *wanted, crew_slice name)
{
    return strlen(wanted) == name.size && strncasecmp(wanted, name.data, name.size) == 0;
}

/* Most clients write names in upper case, as they stand in the table. */
static bool is_named(const struct command_entry *entry, crew_slice name)
{
    return entry->name_size == name.size &&
           (memcmp(entry->command->name, name.data, name.size) == 0 ||
            strncasecmp(entry->command->name, name.data, name.size) == 0);
}

static size_t count_rows(const crew_command *rows)
{
    size_t count = 0;
    for (; rows != NULL && rows[count].name != NULL;)
        count++;
    return count;
}

/* A row must have something to run; a container may leave that to its subcommands, if its arity
 * then asks for one. */
static bool is_complete(const crew_command *command)
{
    return command->summary != NULL && command->group != NULL &&
           (command->run != NULL || (command->subcommands != NULL && command->arity <= -2));
}

static bool add_entry(struct command_table *table, const crew_command *command,
                      const crew_command *parent)
{
    if (!is_complete(command))
        return false;
    struct command_entry *entry = &table->entries[table->count++];
    *entry = (struct command_entry){
        .command = command, .name_size = strlen(command->name), .is_subcommand = parent != NULL};
    entry->subcommands = count_rows(command->subcommands);
    int size =
        snprintf(entry->full_name, sizeof(entry->full_name), "%s%s%s",
                 parent != NULL ? parent->name : "", parent != NULL ? "|" : "", command->name);
    if (size < 0 || (size_t)size >= sizeof(entry->full_name))
        return false;
    for (char *at = entry->full_name; *at != '\0'; at++)
        *at = ascii_lower(*at);
    return true;
}

/* Where `name` stands or would stand: linear probing, the table is at most half full. */
static size_t find_bucket(const struct command_table *table, crew_slice name)
{
    size_t bucket = hash_name(name.data, name.size) & table->bucket_mask;
    while (table->buckets[bucket] != 0 &&
           !is_named(&table->entries[table->buckets[bucket] - 1U], name))
        bucket = (bucket + 1) & table->bucket_mask;
    return bucket;
}

static bool add_command(struct command_table *table, const crew_command *command)
{
    crew_slice name = {command->name, strlen(command->name)};
    size_t bucket = find_bucket(table, name);
    if (table->buckets[bucket] != 0)
        return false;
    if (!add_entry(table, command, NULL))
        return false;
    table->buckets[bucket] = (uint16_t)table->count;
    table->top_level_count++;
    for (const crew_command *sub = command->subcommands; sub != NULL && sub->name != NULL; sub++) {
        crew_slice sub_name = {sub->name, strlen(sub->name)};
        for (const crew_command *earlier = command->subcommands; earlier < sub; earlier++) {
            if (same_name(earlier->name, sub_name))
                return false;
        }
        if (!add_entry(table, sub, command))
            return false;
    }
    return true;
}

static int allocate(struct command_table *table, const crew_command *const *groups, size_t count)
{
    size_t entries = 0;
    for (size_t i = 0; i < count; i++) {
        for (const crew_command *command = groups[i]; command->name != NULL; command++)
            entries += 1 + count_rows(command->subcommands);
    }
    size_t buckets = 64;
    while (buckets < entries * 2)
        buckets *= 2;
    table->entries = calloc(entries + 1, sizeof(*table->entries));
    table->buckets = calloc(buckets, sizeof(*table->buckets));
    table->bucket_mask = buckets - 1;
    return table->entries != NULL && table->buckets != NULL ? 0 : ENOMEM;
}

int command_table_init(struct command_table *table, const crew_command *const *groups, size_t count)
{
    *table = (struct command_table){0};
    int error = allocate(table, groups, count);
    for (size_t i = 0; i < count && error == 0; i++) {
        for (const crew_command *command = groups[i]; command->name != NULL && error == 0;
             command++)
            error = add_command(table, command) ? 0 : EINVAL;
    }
    if (error != 0)
        command_table_destroy(table);
    return error;
}

void command_table_destroy(struct command_table *table)
{
    free(table->entries);
    free(table->buckets);
    *table = (struct command_table){0};
}

const struct command_entry *command_table_find(const struct command_table *table, crew_slice name)
{
    size_t number = table->buckets[find_bucket(table, name)];
    return number > 0 ? &table->entries[number - 1] : NULL;
}

const struct command_entry *command_entry_find(const struct command_entry *parent, crew_slice name)
{
    for (size_t i = 1; i <= parent->subcommands; i++) {
        if (is_named(&parent[i], name))
            return &parent[i];
    }
    return NULL;
}

const struct command_entry *command_table_find_full(const struct command_table *table,
                                                    crew_slice name)
{
    const char *bar = memchr(name.data, '|', name.size);
    if (bar == NULL)
        return command_table_find(table, name);
    size_t parent_size = (size_t)(bar - name.data);
    const struct command_entry *parent =
        command_table_find(table, (crew_slice){name.data, parent_size});
    if (parent == NULL)
        return NULL;
    return command_entry_find(parent, (crew_slice){bar + 1, name.size - parent_size - 1});
}
