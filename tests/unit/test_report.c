/* SPDX-License-Identifier: MIT */
#include "bench/commands/report.h"
#include "bench/results/json_value.h"
#include "bench/results/results_file.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 96 };

static char folder[32];
static char results_path[PATH_SIZE];
static char page_path[PATH_SIZE];
static char printed[CAPTURED_OUTPUT_SIZE]; /* on stderr, or on stdout where nothing went wrong */

static void begin(void)
{
    struct results results;
    struct byte_buffer json = {0};
    snprintf(folder, sizeof(folder), "/tmp/crew-report-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(results_path, sizeof(results_path), "%s/a.json", folder);
    snprintf(page_path, sizeof(page_path), "%s/a.html", folder);
    results_fixture_make(&results_fixture_sleeping, &results);
    struct analysis *analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(analysis);
    results_write_json(&results, &analysis, &json);
    int fd = open(results_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, json.bytes, json.size), (ssize_t)json.size);
    ck_assert_int_eq(close(fd), 0);
    analysis_free(analysis);
    byte_buffer_free(&json);
    results_free(&results);
}

static void end(void)
{
    unlink(results_path);
    unlink(page_path);
    rmdir(folder);
}

static int run(FILE *stream, const char *first, const char *second, const char *third)
{
    char name[] = "report";
    char words[3][PATH_SIZE];
    char *arguments[] = {name, words[0], words[1], words[2], NULL};
    int count = first == NULL ? 1 : second == NULL ? 2 : third == NULL ? 3 : 4;
    snprintf(words[0], PATH_SIZE, "%s", first != NULL ? first : "");
    snprintf(words[1], PATH_SIZE, "%s", second != NULL ? second : "");
    snprintf(words[2], PATH_SIZE, "%s", third != NULL ? third : "");
    arguments[count] = NULL;
    struct captured_output captured = capture_output(stream);
    int status = report_command(count, arguments);
    captured_text(&captured, printed);
    return status;
}

static void assert_page(const char *path)
{
    static char page[512 * 1024];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ssize_t size = read(fd, page, sizeof(page) - 1);
    close(fd);
    ck_assert_int_gt(size, 0);
    page[size] = '\0';
    markup_check(page);
    ck_assert_ptr_nonnull(strstr(page, "<h2 id=\"w1-name\">sleep:10000us</h2>"));
}

START_TEST(beside_the_results)
{
    char expected[PATH_SIZE + 1];
    ck_assert_int_eq(run(stdout, results_path, NULL, NULL), 0);
    snprintf(expected, sizeof(expected), "%s\n", page_path);
    ck_assert_str_eq(printed, expected);
    assert_page(page_path);
}
END_TEST

START_TEST(without_an_ending)
{
    char bare[PATH_SIZE];
    char page[PATH_SIZE];
    snprintf(bare, sizeof(bare), "%s/results", folder);
    snprintf(page, sizeof(page), "%s/results.html", folder);
    ck_assert_int_eq(rename(results_path, bare), 0);
    ck_assert_int_eq(run(stdout, bare, NULL, NULL), 0);
    assert_page(page);
    unlink(bare);
    unlink(page);
}
END_TEST

START_TEST(elsewhere)
{
    char other[PATH_SIZE];
    snprintf(other, sizeof(other), "%s/other.html", folder);
    ck_assert_int_eq(run(stdout, "--html", other, results_path), 0);
    assert_page(other);
    ck_assert_int_ne(access(page_path, F_OK), 0);
    unlink(other);
}
END_TEST

START_TEST(to_standard_output)
{
    ck_assert_int_eq(run(stdout, results_path, "--html", "-"), 0);
    ck_assert_ptr_eq(strstr(printed, "<!DOCTYPE html>"), printed);
    ck_assert_int_ne(access(page_path, F_OK), 0);
}
END_TEST

START_TEST(mistakes)
{
    ck_assert_int_eq(run(stderr, results_path, "--html", results_path), 2);
    ck_assert_ptr_nonnull(strstr(printed, "--html names the results file itself"));
    ck_assert_int_eq(run(stderr, "/nonexistent/a.json", NULL, NULL), 2);
    ck_assert_ptr_nonnull(strstr(printed, "/nonexistent/a.json"));
    ck_assert_int_eq(run(stderr, NULL, NULL, NULL), 2);
    ck_assert_int_eq(run(stderr, results_path, page_path, NULL), 2);
    ck_assert_int_eq(run(stderr, results_path, "--html", "/nonexistent/a.html"), 1);
    ck_assert_ptr_nonnull(strstr(printed, "/nonexistent/a.html: No such file or directory"));
    ck_assert_int_eq(run(stderr, results_path, "--html", "/dev/full"), 1);
    ck_assert_ptr_nonnull(strstr(printed, "cannot write /dev/full: No space left on device"));
}
END_TEST

START_TEST(pictures_without_the_program)
{
    ck_assert_int_eq(setenv("PATH", "/nonexistent", 1), 0);
    char *arguments[] = {"report", results_path, "--html", page_path, "--png", folder, NULL};
    struct captured_output captured = capture_output(stderr);
    int status = report_command(6, arguments);
    captured_text(&captured, printed);
    ck_assert_int_eq(status, 1);
    ck_assert_ptr_nonnull(strstr(printed, "librsvg2-bin"));
    assert_page(page_path); /* that is good all the same */
}
END_TEST

Suite *report_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");
    tcase_add_checked_fixture(tests, begin, end);
    if (json_value_available()) { /* a report is drawn from a file */
        tcase_add_test(tests, beside_the_results);
        tcase_add_test(tests, without_an_ending);
        tcase_add_test(tests, elsewhere);
        tcase_add_test(tests, to_standard_output);
        tcase_add_test(tests, mistakes);
        tcase_add_test(tests, pictures_without_the_program);
    }
    suite_add_tcase(suite, tests);
    return suite;
}
