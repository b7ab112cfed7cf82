/* SPDX-License-Identifier: MIT */
#include "server/command_table.h"
#include "server/commands/commands.h"
#include "tests/unit/suites.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void handler(crew_call *call)
{
    (void)call;
}

/* What every row must have besides its name. */
#define ROW(handler)    .arity = 1, .summary = "Tests.", .group = "test", .run = (handler)
#define CONTAINER(rows) .arity = -2, .summary = "Tests.", .group = "test", .subcommands = (rows)

static const crew_command client_rows[] = {
    {.name = "LIST", ROW(handler)},
    {.name = "GETNAME", ROW(handler)},
    {.name = NULL},
};
static const crew_command config_rows[] = {
    {.name = "GET", ROW(handler)},
    {.name = "LIST", ROW(handler)},
    {.name = NULL},
};
static const crew_command first_group[] = {
    {.name = "PING", ROW(handler)},
    {.name = "CLIENT", CONTAINER(client_rows)},
    {.name = NULL},
};
static const crew_command second_group[] = {
    {.name = "CONFIG", CONTAINER(config_rows)},
    {.name = "Echo", ROW(handler)},
    {.name = NULL},
};
static const crew_command no_rows[] = {{.name = NULL}};
static const crew_command *const groups[] = {first_group, no_rows, second_group};

static crew_slice slice_of(const char *text)
{
    return (crew_slice){text, strlen(text)};
}

static const struct {
    const char *name;
    const char *found; /* by command_table_find; NULL for none */
    const char *found_full;
} lookups[] = {
    {"PING", "ping", "ping"},
    {"ping", "ping", "ping"},
    {"pInG", "ping", "ping"},
    {"ECHO", "echo", "echo"},
    {"client", "client", "client"},
    {"client|list", NULL, "client|list"},
    {"CLIENT|List", NULL, "client|list"},
    {"config|list", NULL, "config|list"},
    {"config|get", NULL, "config|get"},
    {"config|getname", NULL, NULL},
    {"client|get", NULL, NULL},
    {"client|", NULL, NULL},
    {"|list", NULL, NULL},
    {"|", NULL, NULL},
    {"ping|list", NULL, NULL},
    {"nothing|list", NULL, NULL},
    {"client|list|", NULL, NULL},
    {"list", NULL, NULL},
    {"PIN", NULL, NULL},
    {"PINGS", NULL, NULL},
    {"", NULL, NULL},
    {"PING ", NULL, NULL},
    {"[ing", NULL, NULL},
};

static void check_name(const struct command_entry *found, const char *name, const char *wanted)
{
    if (wanted == NULL) {
        ck_assert_msg(found == NULL, "'%s' was found", name);
        return;
    }
    ck_assert_msg(found != NULL, "'%s' was not found", name);
    ck_assert_str_eq(found->full_name, wanted);
}

START_TEST(lookup)
{
    struct command_table table;
    const char *name = lookups[_i].name;
    ck_assert_int_eq(command_table_init(&table, groups, COUNT(groups)), 0);
    check_name(command_table_find(&table, slice_of(name)), name, lookups[_i].found);
    check_name(command_table_find_full(&table, slice_of(name)), name, lookups[_i].found_full);
    command_table_destroy(&table);
}
END_TEST

START_TEST(names_with_zeros)
{
    struct command_table table;
    ck_assert_int_eq(command_table_init(&table, groups, COUNT(groups)), 0);
    ck_assert_ptr_null(command_table_find(&table, (crew_slice){"PING\0", 5}));
    ck_assert_ptr_null(command_table_find(&table, (crew_slice){"PI\0G", 4}));
    ck_assert_ptr_null(command_table_find_full(&table, (crew_slice){"client|list\0", 12}));
    ck_assert_ptr_null(command_table_find(&table, (crew_slice){NULL, 0}));
    command_table_destroy(&table);
}
END_TEST

START_TEST(subcommands_follow_their_parent)
{
    struct command_table table;
    ck_assert_int_eq(command_table_init(&table, groups, COUNT(groups)), 0);
    ck_assert_uint_eq(table.count, 8);
    ck_assert_uint_eq(table.top_level_count, 4);
    const struct command_entry *config = command_table_find(&table, slice_of("config"));
    ck_assert_uint_eq(config->subcommands, 2);
    ck_assert(!config->is_subcommand);
    ck_assert(config[1].is_subcommand);
    ck_assert_ptr_eq(config[1].command, &config_rows[0]);
    ck_assert_ptr_eq(command_entry_find(config, slice_of("lIsT")), &config[2]);
    ck_assert_ptr_null(command_entry_find(config, slice_of("GETNAME")));
    ck_assert_ptr_null(command_entry_find(config, slice_of("")));
    const struct command_entry *ping = command_table_find(&table, slice_of("ping"));
    ck_assert_uint_eq(ping->subcommands, 0);
    ck_assert_ptr_null(command_entry_find(ping, slice_of("LIST")));
    command_table_destroy(&table);
}
END_TEST

/* A full name takes 47 bytes: "a|" and 45 more. */
#define NAME_45 "123456789012345678901234567890123456789012345"
static const crew_command longest_sub[] = {{.name = NAME_45, ROW(handler)}, {.name = NULL}};
static const crew_command too_long_sub[] = {{.name = NAME_45 "6", ROW(handler)}, {.name = NULL}};
static const crew_command twice_sub[] = {
    {.name = "B", ROW(handler)}, {.name = "b", ROW(handler)}, {.name = NULL}};
static const struct {
    crew_command rows[3];
    int error;
} tables[] = {
    {{{.name = NAME_45 "67", ROW(handler)}}, 0},
    {{{.name = NAME_45 "678", ROW(handler)}}, EINVAL},
    {{{.name = "A", CONTAINER(longest_sub)}}, 0},
    {{{.name = "A", CONTAINER(too_long_sub)}}, EINVAL},
    {{{.name = "A", ROW(handler)}, {.name = "B", ROW(handler)}}, 0},
    {{{.name = "A", ROW(handler)}, {.name = "A", ROW(handler)}}, EINVAL},
    {{{.name = "A", ROW(handler)}, {.name = "a", ROW(handler)}}, EINVAL},
    {{{.name = "A", ROW(handler)}, {.name = "Ping", ROW(handler)}}, EINVAL},
    {{{.name = "A", CONTAINER(twice_sub)}}, EINVAL},
    {{{.name = "A", .arity = 1, .summary = "Runs nothing.", .group = "test"}}, EINVAL},
    {{{.name = "A", .arity = -1, .summary = "-", .group = "-", .subcommands = client_rows}},
     EINVAL},
    {{{.name = "A", .arity = 1, .group = "No summary.", .run = handler}}, EINVAL},
    {{{.name = "A", .arity = 1, .summary = "No group.", .run = handler}}, EINVAL},
    {{{.name = "LIST", ROW(handler)}}, 0}, /* the name of a subcommand of another */
};

START_TEST(refusals)
{
    const crew_command *const both[] = {first_group, tables[_i].rows};
    struct command_table table;
    ck_assert_int_eq(command_table_init(&table, both, 2), tables[_i].error);
    if (tables[_i].error == 0)
        command_table_destroy(&table);
    else
        ck_assert_ptr_null(table.entries);
}
END_TEST

/* Enough names for many collisions. */
START_TEST(hundreds_of_commands)
{
    enum { NAMES = 600 };
    static char names[NAMES][8];
    static crew_command rows[NAMES + 1];
    for (int i = 0; i < NAMES; i++) {
        snprintf(names[i], sizeof(names[i]), "C%d", i);
        rows[i] = (crew_command){.name = names[i], ROW(handler)};
    }
    const crew_command *const group = rows;
    struct command_table table;
    ck_assert_int_eq(command_table_init(&table, &group, 1), 0);
    for (int i = 0; i < NAMES; i++) {
        const struct command_entry *entry = command_table_find(&table, slice_of(names[i]));
        ck_assert_ptr_nonnull(entry);
        ck_assert_ptr_eq(entry->command, &rows[i]);
    }
    ck_assert_ptr_null(command_table_find(&table, slice_of("C600")));
    command_table_destroy(&table);
}
END_TEST

static void check_row(const struct command_entry *entry)
{
    const crew_command *row = entry->command;
    const char *name = entry->full_name;
    for (const char *at = row->name; *at != '\0'; at++)
        ck_assert_msg(isupper((unsigned char)*at) || *at == '-', "%s is not in capitals", name);
    ck_assert_msg(row->summary != NULL && row->summary[0] != '\0', "%s has no summary", name);
    ck_assert_msg(row->summary[strlen(row->summary) - 1] == '.', "%s: not a sentence", name);
    ck_assert_msg(row->group != NULL && row->group[0] != '\0', "%s has no group", name);
    int words = row->arity < 0 ? -row->arity : row->arity;
    ck_assert_msg(words >= (entry->is_subcommand ? 2 : 1), "%s has a wrong arity", name);
    ck_assert_msg(row->run != NULL || row->subcommands != NULL, "%s does nothing", name);
    /* Without a handler of its own, the second word must be there to choose one. */
    ck_assert_msg(row->run != NULL || words >= 2, "%s may be called alone", name);
    ck_assert_msg(row->subcommands == NULL || command_entry_find(entry, slice_of("HELP")) != NULL,
                  "%s has no HELP", name);
}

START_TEST(builtin_commands_are_whole)
{
    struct command_table table;
    ck_assert_int_eq(command_table_init(&table, builtin_commands, builtin_command_groups), 0);
    for (size_t i = 0; i < table.count; i++) {
        const struct command_entry *entry = &table.entries[i];
        check_row(entry);
        ck_assert_ptr_eq(command_table_find_full(&table, slice_of(entry->full_name)), entry);
    }
    const char *const expected[] = {
        "ping",         "hello", "quit",    "client|list", "config|resetstat",
        "command|docs", "info",  "work|cpu"};
    for (int i = 0; i < COUNT(expected); i++)
        check_name(command_table_find_full(&table, slice_of(expected[i])), expected[i],
                   expected[i]);
    command_table_destroy(&table);
}
END_TEST

Suite *command_table_suite(void)
{
    Suite *suite = suite_create("command_table");
    TCase *tests = tcase_create("table");
    tcase_add_loop_test(tests, lookup, 0, COUNT(lookups));
    tcase_add_test(tests, names_with_zeros);
    tcase_add_test(tests, subcommands_follow_their_parent);
    tcase_add_loop_test(tests, refusals, 0, COUNT(tables));
    tcase_add_test(tests, hundreds_of_commands);
    tcase_add_test(tests, builtin_commands_are_whole);
    suite_add_tcase(suite, tests);
    return suite;
}
