/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep_files.h"

#include "bench/picture/html.h"
#include "bench/results/results_export.h"
#include "bench/results/results_file.h"

bool sweep_files_open(struct sweep_files *files, const struct sweep_settings *settings,
                      char error[BENCH_ERROR_SIZE])
{
    *files = (struct sweep_files){.json = settings->json,
                                  .csv.fd = -1,
                                  .series_csv.fd = -1,
                                  .benchstat.fd = -1,
                                  .html.fd = -1};
    const char *const paths[] = {settings->json, settings->csv, settings->series_csv,
                                 settings->benchstat, settings->html};
    return report_paths_differ(paths, sizeof(paths) / sizeof(paths[0]), error) &&
           (files->json == NULL || report_file_check(files->json, error)) &&
           report_file_open(&files->csv, settings->csv, error) &&
           report_file_open(&files->series_csv, settings->series_csv, error) &&
           report_file_open(&files->benchstat, settings->benchstat, error) &&
           report_file_open(&files->html, settings->html, error);
}

static bool write_json(const struct sweep_files *files, const struct results *results,
                       struct analysis *const *analyses, char *error)
{
    if (files->json == NULL)
        return true;
    struct byte_buffer text = {0};
    results_write_json(results, analyses, &text);
    bool good = report_file_replace(files->json, &text, error);
    byte_buffer_free(&text);
    return good;
}

bool sweep_files_checkpoint(const struct sweep_files *files, const struct results *results,
                            char error[BENCH_ERROR_SIZE])
{
    return write_json(files, results, NULL, error);
}

bool sweep_files_write(struct sweep_files *files, const struct results *results,
                       struct analysis *const *analyses, char error[BENCH_ERROR_SIZE])
{
    const struct {
        struct report_file *file;
        void (*export)(const struct results *results, struct byte_buffer *out);
    } exports[] = {
        {&files->csv, results_export_csv},
        {&files->series_csv, results_export_series_csv},
        {&files->benchstat, results_export_benchstat},
    };
    char later[BENCH_ERROR_SIZE] = "";
    bool good = write_json(files, results, analyses, error);
    struct byte_buffer text = {0};
    for (size_t i = 0; i < sizeof(exports) / sizeof(exports[0]); i++) {
        byte_buffer_truncate(&text, 0);
        exports[i].export(results, &text);
        good = report_file_write(exports[i].file, &text, good ? error : later) && good;
    }
    byte_buffer_truncate(&text, 0);
    if (files->html.path != NULL)
        html_write(results, analyses, &text);
    good = report_file_write(&files->html, &text, good ? error : later) && good;
    byte_buffer_free(&text);
    return good;
}

void sweep_files_close(struct sweep_files *files)
{
    report_file_abandon(&files->csv);
    report_file_abandon(&files->series_csv);
    report_file_abandon(&files->benchstat);
    report_file_abandon(&files->html);
}
