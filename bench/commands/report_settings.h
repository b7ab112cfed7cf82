/* SPDX-License-Identifier: MIT */
/* Options of `crew-bench report`. Single-threaded. */
#ifndef CREW_BENCH_REPORT_SETTINGS_H
#define CREW_BENCH_REPORT_SETTINGS_H

#include <limits.h>

struct report_settings {
    const char *results;
    const char *html_option; /* NULL when it was not given */
    const char *png;         /* folder; NULL for none */
    const char *html;        /* the page's path, html_option or html_path; "-" is standard output */
    char html_path[PATH_MAX]; /* beside the results */
};

/* Reads argv[1..]. Returns -1 to go on, or the exit status after printing what is due. */
int report_settings_read(struct report_settings *settings, int argc, char **argv);

#endif
