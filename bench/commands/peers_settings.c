/* SPDX-License-Identifier: MIT */
#include "bench/commands/peers_settings.h"

#include "bench/peers/peer_outcome.h"
#include "common/clock.h"
#include "common/option.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct peers_settings, name)

static const struct option options[] = {
    {"server", 's', OPTION_TEXT, FIELD(server), 0, 0, NULL, NULL, "path",
     "The crew-server to measure. Default: the one beside crew-bench."},
    {"rows", 'r', OPTION_TEXT, FIELD(rows_text), 0, 0, NULL, NULL, "name,...",
     "Measure only these rows of the table."},
    {"list", 'l', OPTION_FLAG, FIELD(list), 0, 0, NULL, NULL, NULL, "List the rows and end."},
    {"rounds", 'n', OPTION_INTEGER, FIELD(rounds), 1, PEER_ROUNDS_LIMIT, NULL, "7", "count",
     "Rounds that count, after one that warms up; medians want five or more."},
    {"seconds", 'd', OPTION_DURATION, FIELD(seconds_ns), 10 * NS_PER_MS, 60LL * NS_PER_S, NULL,
     "600ms", "time", "How long each load takes."},
    {"json", 'j', OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Also write all rounds as JSON."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench peers",
    .synopsis = "[options]",
    .description =
        "Measures crew-server beside others on this machine: redis-server, memcached, a loop that\n"
        "only receives and sends, and itself in another setting. Starts and stops them all.\n"
        "\n"
        "Each round measures both sides of a row, one right after the other, in turns who is\n"
        "first. Shown are the medians of both sides, the median of the rounds' ratios (crew / "
        "peer)\n"
        "with the smallest and the largest, and what the load's generator used of one CPU: near\n"
        "100% the throughput is the generator's, and the CPU time per request is what tells.\n"
        "CPU time is what the kernel charged to the whole server process, all threads.\n"
        "\n"
        "The whole table takes about six minutes. What is not installed is not measured.\n"
        "Ctrl-C ends it early.\n"
        "Exit status: 0 every row was reached; 1 one was not, or not measured; 2 wrong use.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples = "  crew-bench peers\n"
                "  crew-bench peers --rows ping-1,ping-deep --rounds 7\n"
                "  crew-bench peers --json peers.json\n",
};

static bool add_row(struct peers_settings *settings, const char *name, size_t size, char *error)
{
    const struct peer_row *row = peer_row_find(name, size);
    if (row == NULL) {
        int used = snprintf(error, OPTION_ERROR_SIZE,
                            "--rows: no row '%.*s'; there are:", size < 40 ? (int)size : 40, name);
        for (size_t i = 0; i < peer_row_count && used < OPTION_ERROR_SIZE; i++)
            used += snprintf(error + used, (size_t)(OPTION_ERROR_SIZE - used), " %s",
                             peer_rows[i].name);
        return false;
    }
    for (size_t i = 0; i < settings->row_count; i++)
        if (settings->rows[i] == row) {
            snprintf(error, OPTION_ERROR_SIZE, "--rows: '%s' is given twice", row->name);
            return false;
        }
    settings->rows[settings->row_count++] = row;
    return true;
}

/* All of them when there is no text. */
static bool choose_rows(struct peers_settings *settings, char *error)
{
    const char *at = settings->rows_text;
    if (at == NULL) {
        for (size_t i = 0; i < peer_row_count; i++)
            settings->rows[settings->row_count++] = &peer_rows[i];
        return true;
    }
    for (;;) {
        size_t size = strcspn(at, ",");
        if (!add_row(settings, at, size, error))
            return false;
        if (at[size] == '\0')
            return true;
        at += size + 1;
    }
}

static bool server_runs(const struct peers_settings *settings, char *error)
{
    if (settings->server == NULL || access(settings->server, X_OK) == 0)
        return true;
    snprintf(error, OPTION_ERROR_SIZE, "--server: cannot run %.150s: %s", settings->server,
             strerror(errno));
    return false;
}

int peers_settings_read(struct peers_settings *settings, int argc, char **argv)
{
    *settings = (struct peers_settings){0};
    options_set_defaults(&table, settings);
    int status = options_handle(&table, settings, argc, argv);
    if (status >= 0)
        return status;
    char error[OPTION_ERROR_SIZE];
    bool good = choose_rows(settings, error) && server_runs(settings, error);
    return options_exit_status(&table, good ? OPTIONS_OK : OPTIONS_BAD, error);
}
