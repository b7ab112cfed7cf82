/* SPDX-License-Identifier: MIT */
#include "bench/commands/report_settings.h"

#include "common/option.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FIELD(name) offsetof(struct report_settings, name)

static const struct option options[] = {
    {"html", 0, OPTION_TEXT, FIELD(html_option), 0, 0, NULL, NULL, "file",
     "Where to write the page; - is standard output. Default: beside the results, RESULTS.html."},
    {"png", 0, OPTION_TEXT, FIELD(png), 0, 0, NULL, NULL, "folder",
     "Also write each picture as a PNG file; needs rsvg-convert."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "crew-bench report",
    .synopsis = "RESULTS.json [options]",
    .description =
        "Makes a page of what `crew-bench sweep --json` found: for each workload the\n"
        "recommendation, what is uncertain about it, pictures and tables, and how it was "
        "measured.\n"
        "The page is one file that needs no network and no script.\n"
        "\n"
        "Exit status: 0 good; 1 something could not be written; 2 wrong use, or results that\n"
        "cannot be read.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples = "  crew-bench report sweep.json                         writes sweep.html\n"
                "  crew-bench report sweep.json --html - --png pictures > page.html\n",
};

/* "sweep.json" becomes "sweep.html"; any other name gets ".html" behind it. */
static bool name_html(struct report_settings *settings, char *error)
{
    static const char ending[] = ".json";
    size_t size = strlen(settings->results);
    size_t kept = size;
    if (size > strlen(ending) && strcmp(settings->results + size - strlen(ending), ending) == 0)
        kept -= strlen(ending);
    int written = snprintf(settings->html_path, sizeof(settings->html_path), "%.*s.html", (int)kept,
                           settings->results);
    settings->html = settings->html_path;
    if (written > 0 && (size_t)written < sizeof(settings->html_path))
        return true;
    snprintf(error, OPTION_ERROR_SIZE, "the path of the results is too long: %.200s...",
             settings->results);
    return false;
}

int report_settings_read(struct report_settings *settings, int argc, char **argv)
{
    *settings = (struct report_settings){0};
    options_set_defaults(&table, settings);
    int status = options_handle_words(&table, settings, argc, argv, &settings->results, 1);
    if (status >= 0)
        return status;
    char error[OPTION_ERROR_SIZE];
    settings->html = settings->html_option;
    bool good = settings->html != NULL || name_html(settings, error);
    return options_exit_status(&table, good ? OPTIONS_OK : OPTIONS_BAD, error);
}
