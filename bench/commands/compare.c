/* SPDX-License-Identifier: MIT */
#include "bench/commands/compare.h"

#include "bench/base/report_file.h"
#include "bench/commands/compare_report.h"
#include "bench/commands/compare_settings.h"
#include "bench/results/comparison_text.h"
#include "bench/results/load_file.h"
#include "bench/results/results_file.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_INCOMPLETE = 1, EXIT_USAGE = 2, SCHEMA_SIZE = 64 };

static const char load_family[] = "crew-bench/load/";

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench compare: %s\n", error);
    return status;
}

/* Whether a file is one of `crew-bench load`; all others are read as those of a sweep. */
static bool is_load(struct json_reader *reader)
{
    char schema[SCHEMA_SIZE];
    struct json_place place = json_read_document(reader);
    json_read_description(&place, "schema", schema, sizeof(schema));
    return strncmp(schema, load_family, strlen(load_family)) == 0;
}

/* Prints the report and writes the JSON; returns `status`, or what became of it. */
static int deliver(const struct byte_buffer *text, struct report_file *file,
                   const struct byte_buffer *json, int status)
{
    char error[BENCH_ERROR_SIZE];
    if (text->failed)
        return complain("out of memory", EXIT_INCOMPLETE);
    fwrite(text->bytes, 1, text->size, stdout);
    return report_file_write(file, json, error) ? status : complain(error, EXIT_INCOMPLETE);
}

static int compare_results(const struct results *a, const struct results *b,
                           const struct compare_settings *settings, struct report_file *file)
{
    struct comparison *comparison = comparison_take(a, b);
    if (comparison == NULL)
        return complain("out of memory", EXIT_INCOMPLETE);
    struct byte_buffer text = {0};
    struct byte_buffer json = {0};
    compare_report_sweeps(comparison, settings->paths, &text);
    comparison_append_json(comparison, settings->paths, &json);
    int status = deliver(&text, file, &json, comparison->missing_count == 0 ? 0 : EXIT_INCOMPLETE);
    byte_buffer_free(&text);
    byte_buffer_free(&json);
    if (comparison->compared == 0)
        status = complain("nothing can be compared; see 'missing' above", EXIT_INCOMPLETE);
    comparison_free(comparison);
    return status;
}

static int compare_sweeps(struct json_reader *const readers[COMPARISON_SIDES],
                          const struct compare_settings *settings, struct report_file *file)
{
    char error[BENCH_ERROR_SIZE];
    struct results results[COMPARISON_SIDES];
    if (!results_read_document(readers[COMPARISON_A], &results[COMPARISON_A], error))
        return complain(error, EXIT_USAGE);
    int status = EXIT_USAGE;
    if (results_read_document(readers[COMPARISON_B], &results[COMPARISON_B], error)) {
        status = compare_results(&results[COMPARISON_A], &results[COMPARISON_B], settings, file);
        results_free(&results[COMPARISON_B]);
    } else {
        complain(error, status);
    }
    results_free(&results[COMPARISON_A]);
    return status;
}

static int compare_runs(const struct load_run runs[COMPARISON_SIDES],
                        const struct compare_settings *settings, struct report_file *file)
{
    struct byte_buffer text = {0};
    struct byte_buffer json = {0};
    compare_report_loads(runs, settings->paths, &text);
    compare_write_loads(runs, settings->paths, &json);
    int status = deliver(&text, file, &json, 0);
    byte_buffer_free(&text);
    byte_buffer_free(&json);
    return status;
}

static int compare_loads(struct json_reader *const readers[COMPARISON_SIDES],
                         const struct compare_settings *settings, struct report_file *file)
{
    char error[BENCH_ERROR_SIZE];
    struct load_run runs[COMPARISON_SIDES];
    if (!load_run_read(readers[COMPARISON_A], &runs[COMPARISON_A], error))
        return complain(error, EXIT_USAGE);
    int status = EXIT_USAGE;
    if (load_run_read(readers[COMPARISON_B], &runs[COMPARISON_B], error)) {
        status = compare_runs(runs, settings, file);
        measurement_free(&runs[COMPARISON_B].measurement);
    } else {
        complain(error, status);
    }
    measurement_free(&runs[COMPARISON_A].measurement);
    return status;
}

static int compare_files(struct json_reader *const readers[COMPARISON_SIDES],
                         const struct compare_settings *settings, struct report_file *file)
{
    bool load_a = is_load(readers[COMPARISON_A]);
    bool load_b = is_load(readers[COMPARISON_B]);
    if (load_a != load_b) {
        char error[BENCH_ERROR_SIZE];
        snprintf(error, sizeof(error),
                 "%.500s and %.500s hold different things: one a sweep, the other a load",
                 settings->paths[COMPARISON_A], settings->paths[COMPARISON_B]);
        return complain(error, EXIT_USAGE);
    }
    return load_a ? compare_loads(readers, settings, file)
                  : compare_sweeps(readers, settings, file);
}

int compare_command(int argc, char **argv)
{
    struct compare_settings settings;
    int status = compare_settings_read(&settings, argc, argv);
    if (status >= 0)
        return status;
    char error[BENCH_ERROR_SIZE];
    struct json_reader *readers[COMPARISON_SIDES] = {NULL};
    struct report_file file = {.fd = -1};
    readers[COMPARISON_A] = json_reader_open(settings.paths[COMPARISON_A], error);
    if (readers[COMPARISON_A] != NULL)
        readers[COMPARISON_B] = json_reader_open(settings.paths[COMPARISON_B], error);
    if (readers[COMPARISON_B] != NULL && report_file_open(&file, settings.json, error))
        status = compare_files(readers, &settings, &file);
    else
        status = complain(error, EXIT_USAGE);
    report_file_abandon(&file);
    for (size_t side = 0; side < COMPARISON_SIDES; side++)
        if (readers[side] != NULL)
            json_reader_close(readers[side]);
    return status;
}
