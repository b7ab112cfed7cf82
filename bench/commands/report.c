/* SPDX-License-Identifier: MIT */
#include "bench/commands/report.h"

#include "bench/base/report_file.h"
#include "bench/commands/report_settings.h"
#include "bench/picture/html.h"
#include "bench/picture/png.h"
#include "bench/results/results_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { EXIT_FAILURE_TO_WRITE = 1, EXIT_USAGE = 2 };

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench report: %s\n", error);
    return status;
}

/* The page must not take the place of what it is made from. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* Standard output is checked for errors when the program ends. */
static bool write_page(const struct results *results, struct analysis *const *analyses,
                       const char *path, char *error)
{
    struct byte_buffer page = {0};
    bool to_output = strcmp(path, "-") == 0;
    html_write(results, analyses, &page);
    bool done = true;
    if (!to_output)
        done = report_file_replace(path, &page, error);
    else if (!page.failed)
        fwrite(page.bytes, 1, page.size, stdout);
    else
        done = false;
    if (to_output && !done)
        snprintf(error, BENCH_ERROR_SIZE, "out of memory");
    byte_buffer_free(&page);
    if (done && !to_output)
        printf("%s\n", path);
    return done;
}

static bool write_all(const struct results *results, struct analysis *const *analyses,
                      const struct report_settings *settings, char *error)
{
    if (!write_page(results, analyses, settings->html, error))
        return false;
    return settings->png == NULL || png_write_all(results, analyses, settings->png, error);
}

static int report(const struct results *results, const struct report_settings *settings)
{
    char error[BENCH_ERROR_SIZE] = "out of memory";
    struct analysis *analyses[RESULTS_WORKLOAD_LIMIT] = {NULL};
    size_t taken = 0;
    while (taken < results->settings.workload_count &&
           (analyses[taken] = analysis_take(results, taken)) != NULL)
        taken++;
    bool done =
        taken == results->settings.workload_count && write_all(results, analyses, settings, error);
    for (size_t i = 0; i < taken; i++)
        analysis_free(analyses[i]);
    return done ? 0 : complain(error, EXIT_FAILURE_TO_WRITE);
}

int report_command(int argc, char **argv)
{
    struct report_settings settings;
    int status = report_settings_read(&settings, argc, argv);
    if (status >= 0)
        return status;
    if (is_same_file(settings.results, settings.html))
        return complain("--html names the results file itself", EXIT_USAGE);
    char error[BENCH_ERROR_SIZE];
    struct results results;
    if (!results_read(settings.results, &results, error))
        return complain(error, EXIT_USAGE);
    status = report(&results, &settings);
    results_free(&results);
    return status;
}
