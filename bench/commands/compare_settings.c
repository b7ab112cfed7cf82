/* SPDX-License-Identifier: MIT */
#include "bench/commands/compare_settings.h"

#include "common/option.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct compare_settings, name)

static const struct option options[] = {
    {"json", 0, OPTION_TEXT, FIELD(json), 0, 0, NULL, NULL, "file",
     "Also write the comparison as JSON."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench compare",
    .synopsis = "A.json B.json [options]",
    .description =
        "Compares what two runs of 'crew-bench sweep --json' found: for each workload and number\n"
        "of workers that both files hold, by how much B is faster or slower than A, and whether\n"
        "that is more than chance. The blocks of two runs are independent of each other, so the\n"
        "intervals are Welch's; those of one workload hold together with 95 %.\n"
        "\n"
        "Files of 'crew-bench load' are printed side by side: one run each supports no statement.\n"
        "\n"
        "Exit status: 0 all was compared, whatever came out; 1 something lacks what it takes;\n"
        "2 wrong use, or a file that cannot be read.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples = "  crew-bench sweep -w sleep:2ms --json before.json\n"
                "  crew-bench sweep -w sleep:2ms --json after.json    with another crew-server\n"
                "  crew-bench compare before.json after.json\n",
};

int compare_settings_read(struct compare_settings *settings, int argc, char **argv)
{
    *settings = (struct compare_settings){0};
    options_set_defaults(&table, settings);
    return options_handle_words(&table, settings, argc, argv, settings->paths, COMPARISON_SIDES);
}
