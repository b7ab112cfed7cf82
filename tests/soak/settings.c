/* SPDX-License-Identifier: MIT */
#include "tests/soak/settings.h"

#include "common/clock.h"
#include "common/option.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct settings, name)

static const struct option options[] = {
    {"seconds", 's', OPTION_DURATION, FIELD(duration_ns), 5LL * NS_PER_S, 86400LL * NS_PER_S, NULL,
     "60s", "time", "How long the clients come: a fifth to warm up, a fifth to the stop."},
    {"connections", 'c', OPTION_INTEGER, FIELD(connections), 0, 1000000000, NULL, "0", "number",
     "Instead of the mixed load: so many connections with one request each."},
    {"workers", 'w', OPTION_INTEGER, FIELD(workers), 1, 1024, NULL, "4", "threads",
     "Worker threads of the server."},
    {"seed", 0, OPTION_INTEGER, FIELD(seed), 0, INT64_MAX, NULL, "1", "number",
     "Of all that is random in what clients do; not of how they meet."},
    {"ignore-memory", 0, OPTION_FLAG, FIELD(ignore_memory), 0, 0, NULL, NULL, NULL,
     "Let memory grow: a server that was built with sanitizers keeps what is freed."},
    {"attacks", 0, OPTION_FLAG, FIELD(attacks), 0, 0, NULL, NULL, NULL,
     "Instead of the mixed load: what memory each of a few attacks costs, beside its limit."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "soak",
    .synopsis = "[options]",
    .description = "Lets well-behaved and chaotic clients loose on the crew-server beside it (or "
                   "in CREW_BIN),\n"
                   "and checks that every request is answered once and in order, that none is "
                   "executed twice,\n"
                   "that nothing is left behind, and that a stop amid the load loses nothing.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples =
        "  soak --seconds 600\n  soak --connections 1000000\n  soak --attacks --seconds 20\n",
};

int settings_read(struct settings *settings, int argc, char **argv)
{
    *settings = (struct settings){0};
    options_set_defaults(&table, settings);
    return options_handle(&table, settings, argc, argv);
}
