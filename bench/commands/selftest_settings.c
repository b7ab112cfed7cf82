/* SPDX-License-Identifier: MIT */
#include "bench/commands/selftest_settings.h"

#include "bench/selftest/checks.h"
#include "common/byte_buffer.h"

#include <stdio.h>
#include <string.h>

#define FIELD(name) offsetof(struct selftest_settings, name)

static const struct option options[] = {
    {"only", 'o', OPTION_LIST, FIELD(only), 0, 0, NULL, NULL, "check",
     "Run this check; may be given several times."},
    {"list", 'l', OPTION_FLAG, FIELD(list), 0, 0, NULL, NULL, NULL, "List the checks and end."},
    {"quick", 'q', OPTION_FLAG, FIELD(quick), 0, 0, NULL, NULL, NULL,
     "A shorter form of every check, in a fifth of the time, with wider tolerances."},
    {"seed", 's', OPTION_INTEGER, FIELD(seed), 0, INT64_MAX, NULL, "1", "number",
     "Decides arrivals, service times and simulated noise."},
    {"json", 0, OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Also write the results as JSON."},
    {"break", 0, OPTION_LIST, FIELD(broken), 0, 0, NULL, NULL, "check",
     "Breaks the cause of one check on purpose, to see it fail; may be given several times."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench selftest",
    .synopsis = "[options]",
    .description =
        "Shows on this machine that crew-bench measures what is true: it measures built-in\n"
        "servers whose stalls, service times and mistakes are known, and runs its statistics on\n"
        "drawn data whose truth is known. In full it takes about a minute.\n"
        "\n"
        "A check that depends on timing may fail because another program got in between: it is\n"
        "tried up to three times, and says so. Without GSL the knee cannot be checked; that is\n"
        "shown as skipped and counts as neither passed nor failed.\n"
        "\n"
        "Ctrl-C ends it early.\n"
        "Exit status: 0 no check failed; 1 one failed, or it was interrupted; 2 wrong use.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples = "  crew-bench selftest\n"
                "  crew-bench selftest --quick --json selftest.json\n"
                "  crew-bench selftest --only erlang-c --seed 2\n"
                "  crew-bench selftest --only replies --break replies    must fail\n",
};

bool selftest_settings_names(const struct option_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

static bool is_check(const char *name)
{
    for (size_t i = 0; i < selftest_check_count; i++)
        if (strcmp(selftest_checks[i].name, name) == 0)
            return true;
    return false;
}

static bool are_checks(const char *option, const struct option_list *list, char *error)
{
    for (size_t i = 0; i < list->count; i++) {
        if (is_check(list->items[i]))
            continue;
        int size = snprintf(error, OPTION_ERROR_SIZE, "--%s: no check '%.60s'; there are:", option,
                            list->items[i]);
        for (size_t j = 0; j < selftest_check_count; j++)
            size += snprintf(error + size, (size_t)(OPTION_ERROR_SIZE - size), " %s",
                             selftest_checks[j].name);
        return false;
    }
    return true;
}

/* What is broken has to run, or it would look as if nothing were. */
static bool broken_ones_run(const struct selftest_settings *settings, char *error)
{
    for (size_t i = 0; i < settings->broken.count && settings->only.count > 0; i++) {
        const char *name = settings->broken.items[i];
        if (selftest_settings_names(&settings->only, name))
            continue;
        snprintf(error, OPTION_ERROR_SIZE, "--break: '%s' is not among the checks that --only runs",
                 name);
        return false;
    }
    return true;
}

int selftest_settings_read(struct selftest_settings *settings, int argc, char **argv)
{
    *settings = (struct selftest_settings){0};
    options_set_defaults(&table, settings);
    int status = options_handle(&table, settings, argc, argv);
    if (status >= 0)
        return status;
    char error[OPTION_ERROR_SIZE];
    bool good = are_checks("only", &settings->only, error) &&
                are_checks("break", &settings->broken, error) && broken_ones_run(settings, error);
    return options_exit_status(&table, good ? OPTIONS_OK : OPTIONS_BAD, error);
}
