/* SPDX-License-Identifier: MIT */
#include "bench/picture/picture.h"
#include "bench/picture/png.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

/* A folder that stands for all of PATH. */
static void begin(void)
{
    snprintf(folder, sizeof(folder), "/tmp/crew-png-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(setenv("PATH", folder, 1), 0);
}

static size_t empty_folder(const char *path)
{
    char inside[512];
    size_t removed = 0;
    DIR *stream = opendir(path);
    if (stream == NULL)
        return 0;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
        removed += unlink(inside) == 0;
    }
    closedir(stream);
    rmdir(path);
    return removed;
}

static void end(void)
{
    empty_folder(folder);
}

/* Stands in for rsvg-convert: shows what it was called with, and its input behind that. */
static void install(const char *script)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/rsvg-convert", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, script, strlen(script)), (ssize_t)strlen(script));
    ck_assert_int_eq(close(fd), 0);
}

START_TEST(program_is_missing)
{
    char error[BENCH_ERROR_SIZE] = "";
    struct byte_buffer svg = {0};
    struct byte_buffer png = {0};
    byte_buffer_append_text(&svg, "<svg/>");
    ck_assert(!png_draw(&svg, &png, error));
    ck_assert_ptr_nonnull(strstr(error, "rsvg-convert"));
    ck_assert_ptr_nonnull(strstr(error, "librsvg2-bin"));
    ck_assert_uint_eq(png.size, 0);
    byte_buffer_free(&svg);
    byte_buffer_free(&png);
}
END_TEST

START_TEST(input_and_output)
{
    install("#!/bin/sh\necho \"$@\"\nwhile read -r line; do echo \"$line\"; done\n");
    char error[BENCH_ERROR_SIZE] = "";
    struct byte_buffer svg = {0};
    struct byte_buffer png = {0};
    size_t lines = 20000; /* more than a pipe would hold */
    for (size_t i = 0; i < lines; i++)
        byte_buffer_append_text(&svg, "0123456789\n");
    ck_assert_msg(png_draw(&svg, &png, error), "%s", error);
    static const char arguments[] = "--format=png --zoom=2\n";
    ck_assert_uint_eq(png.size, strlen(arguments) + svg.size);
    ck_assert_mem_eq(png.bytes, arguments, strlen(arguments));
    ck_assert_mem_eq(png.bytes + strlen(arguments), svg.bytes, svg.size);
    byte_buffer_free(&svg);
    byte_buffer_free(&png);
}
END_TEST

static const struct {
    const char *script;
    const char *error;
} failures[] = {
    {"#!/bin/sh\nexit 3\n", "exit status 3"},
    {"#!/bin/sh\nkill -9 $$\n", "killed by signal 9"},
};

START_TEST(program_fails)
{
    install(failures[_i].script);
    char error[BENCH_ERROR_SIZE] = "";
    struct byte_buffer svg = {0};
    struct byte_buffer png = {0};
    ck_assert(!png_draw(&svg, &png, error));
    ck_assert_ptr_nonnull(strstr(error, failures[_i].error));
    svg.failed = true;
    ck_assert(!png_draw(&svg, &png, error));
    ck_assert_ptr_nonnull(strstr(error, "Cannot allocate memory"));
    byte_buffer_free(&png);
}
END_TEST

START_TEST(files)
{
    install("#!/bin/sh\necho png\n");
    struct results results;
    char error[BENCH_ERROR_SIZE] = "";
    char path[128];
    results_fixture_make(&results_fixture_sleeping, &results);
    struct analysis *analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(analysis);
    snprintf(path, sizeof(path), "%s/new", folder);
    ck_assert_msg(png_write_all(&results, &analysis, path, error), "%s", error);
    char name[PNG_NAME_SIZE];
    for (size_t i = 0; i < PICTURES; i++) {
        char file[512];
        snprintf(file, sizeof(file), "%s/%s-%s.png", path,
                 png_workload_name(&results.settings, 0, name), pictures[i].name);
        struct stat status;
        ck_assert_int_eq(stat(file, &status), 0);
        ck_assert_int_eq(status.st_size, 4);
    }
    ck_assert(png_write_all(&results, &analysis, path, error)); /* once more, over the old ones */
    ck_assert_uint_eq(empty_folder(path), PICTURES);
    snprintf(path, sizeof(path), "%s/no/such", folder);
    ck_assert(!png_write_all(&results, &analysis, path, error));
    ck_assert_ptr_nonnull(strstr(error, "/no/such: No such file or directory"));
    analysis_free(analysis);
    results_free(&results);
}
END_TEST

START_TEST(names)
{
    static const struct {
        const char *workload;
        const char *name;
    } samples[] = {
        {"ping", "ping"},
        {"mix:90%ping,10%sleep:10ms", "mix-90-ping-10-sleep-10ms"},
        {"../../etc/passwd", "etc-passwd"},
        {"sleep:1ms", "sleep-1ms_4"},
        {"sleep 1ms", "sleep-1ms_5"},
        {"%%%", "workload6"},
        {"", "workload7"},
    };
    struct results_settings settings = {.workload_count = sizeof(samples) / sizeof(samples[0])};
    char name[PNG_NAME_SIZE];
    for (size_t i = 0; i < settings.workload_count; i++)
        snprintf(settings.workloads[i], RESULTS_TEXT_SIZE, "%s", samples[i].workload);
    for (size_t i = 0; i < settings.workload_count; i++)
        ck_assert_str_eq(png_workload_name(&settings, i, name), samples[i].name);
    memset(settings.workloads[0], 'x', RESULTS_TEXT_SIZE - 1);
    ck_assert_uint_eq(strlen(png_workload_name(&settings, 0, name)), 60);
}
END_TEST

Suite *png_suite(void)
{
    Suite *suite = suite_create("png");
    TCase *tests = tcase_create("png");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, program_is_missing);
    tcase_add_test(tests, input_and_output);
    tcase_add_loop_test(tests, program_fails, 0, (int)(sizeof(failures) / sizeof(failures[0])));
    tcase_add_test(tests, files);
    tcase_add_test(tests, names);
    suite_add_tcase(suite, tests);
    return suite;
}
