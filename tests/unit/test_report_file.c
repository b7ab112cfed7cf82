/* SPDX-License-Identifier: MIT */
#include "bench/base/report_file.h"
#include "tests/unit/suites.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_SIZE = 256 };

static char folder[64];
static char path[128];   /* of a file in it */
static char beside[160]; /* what replacing writes first */
static char error[BENCH_ERROR_SIZE];
static char text[TEXT_SIZE];

static void set_up(void)
{
    snprintf(folder, sizeof(folder), "/tmp/crew-report-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    snprintf(beside, sizeof(beside), "%s.partial", path);
}

static void tear_down(void)
{
    (void)unlink(path);
    (void)rmdir(path);
    (void)unlink(beside);
    (void)rmdir(beside);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left behind */
}

static struct byte_buffer content_of(const char *words)
{
    struct byte_buffer content = {0};
    byte_buffer_append_text(&content, words);
    return content;
}

static void put(const char *words)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(words, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static const char *get(void)
{
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static size_t files_in_folder(void)
{
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    size_t count = 0;
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count - 2; /* . and .. */
}

static void expect_error(const char *place, const char *reason)
{
    char expected[BENCH_ERROR_SIZE];
    snprintf(expected, sizeof(expected), "cannot write %s: %s", place, reason);
    ck_assert_str_eq(error, expected);
}

/* ---- written once ---- */

START_TEST(written)
{
    struct report_file file;
    struct byte_buffer content = content_of("new");
    put("old and longer");
    ck_assert(report_file_open(&file, path, error));
    ck_assert_str_eq(get(), "old and longer"); /* a run that fails leaves it alone */
    ck_assert(report_file_write(&file, &content, error));
    ck_assert_int_eq(file.fd, -1);
    ck_assert_str_eq(get(), "new");
    report_file_abandon(&file);
    byte_buffer_free(&content);
}
END_TEST

START_TEST(abandoned)
{
    struct report_file file;
    put("old");
    ck_assert(report_file_open(&file, path, error));
    report_file_abandon(&file);
    ck_assert_int_eq(file.fd, -1);
    report_file_abandon(&file);
    ck_assert_str_eq(get(), "old");
}
END_TEST

START_TEST(no_path)
{
    struct report_file file;
    struct byte_buffer content = content_of("new");
    ck_assert(report_file_open(&file, NULL, error));
    ck_assert(report_file_write(&file, &content, error));
    report_file_abandon(&file);
    byte_buffer_free(&content);
}
END_TEST

START_TEST(cannot_be_opened)
{
    struct report_file file;
    ck_assert(!report_file_open(&file, "/missing/file", error));
    expect_error("/missing/file", "No such file or directory");
    ck_assert_int_eq(file.fd, -1);
    ck_assert(!report_file_open(&file, folder, error));
    expect_error(folder, "Is a directory");
}
END_TEST

START_TEST(disk_is_full)
{
    struct report_file file;
    struct byte_buffer content = content_of("new");
    ck_assert(report_file_open(&file, "/dev/full", error));
    ck_assert(!report_file_write(&file, &content, error));
    expect_error("/dev/full", "No space left on device");
    ck_assert_int_eq(file.fd, -1);
    byte_buffer_free(&content);
}
END_TEST

START_TEST(content_is_not_whole)
{
    struct report_file file;
    struct byte_buffer content = content_of("new");
    content.failed = true;
    put("old");
    ck_assert(report_file_open(&file, path, error));
    ck_assert(!report_file_write(&file, &content, error));
    expect_error(path, "Cannot allocate memory");
    ck_assert_str_eq(get(), "old");
    ck_assert(!report_file_replace(path, &content, error));
    expect_error(path, "Cannot allocate memory");
    ck_assert_str_eq(get(), "old");
    ck_assert_uint_eq(files_in_folder(), 1);
    byte_buffer_free(&content);
}
END_TEST

/* ---- replaced ---- */

START_TEST(replaced)
{
    struct byte_buffer content = content_of("new");
    struct stat before;
    struct stat after;
    ck_assert(report_file_replace(path, &content, error));
    ck_assert_str_eq(get(), "new");
    ck_assert_int_eq(stat(path, &before), 0);
    put("old and longer");
    ck_assert(report_file_replace(path, &content, error));
    ck_assert_str_eq(get(), "new");
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_ne(before.st_ino, after.st_ino); /* another file has taken its place */
    ck_assert_uint_eq(files_in_folder(), 1);
    byte_buffer_free(&content);
}
END_TEST

/* A write that stops in the middle, as on a full disk: here the file may not grow beyond 3 bytes.
 */
START_TEST(old_content_stays)
{
    struct rlimit limit;
    struct byte_buffer content = content_of("newer");
    put("old");
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 3;
    (void)signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    bool done = report_file_replace(path, &content, error);
    limit.rlim_cur = before;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert(!done);
    expect_error(path, "File too large");
    ck_assert_str_eq(get(), "old");
    ck_assert_uint_eq(files_in_folder(), 1);
    byte_buffer_free(&content);
}
END_TEST

START_TEST(nothing_can_be_written_beside)
{
    struct byte_buffer content = content_of("new");
    put("old");
    ck_assert_int_eq(mkdir(beside, 0700), 0);
    ck_assert(!report_file_check(path, error));
    expect_error(path, "Is a directory");
    ck_assert(!report_file_replace(path, &content, error));
    expect_error(path, "Is a directory");
    ck_assert_str_eq(get(), "old");
    byte_buffer_free(&content);
}
END_TEST

START_TEST(no_regular_files)
{
    struct stat status;
    struct byte_buffer content = content_of("new");
    ck_assert(report_file_check("/dev/null", error));
    ck_assert(report_file_replace("/dev/null", &content, error));
    ck_assert_int_eq(stat("/dev/null", &status), 0);
    ck_assert(S_ISCHR(status.st_mode));
    ck_assert(report_file_check("/dev/full", error));
    ck_assert(!report_file_replace("/dev/full", &content, error));
    expect_error("/dev/full", "No space left on device");
    ck_assert(!report_file_check(folder, error));
    expect_error(folder, "Is a directory");
    ck_assert(!report_file_replace(folder, &content, error));
    expect_error(folder, "Is a directory");
    ck_assert_uint_eq(files_in_folder(), 0);
    byte_buffer_free(&content);
}
END_TEST

/* ---- checked ---- */

START_TEST(checked)
{
    ck_assert(report_file_check(path, error));
    ck_assert_uint_eq(files_in_folder(), 0);
    put("old");
    ck_assert(report_file_check(path, error));
    ck_assert_str_eq(get(), "old");
    ck_assert_uint_eq(files_in_folder(), 1);
    ck_assert(!report_file_check("/missing/file", error));
    expect_error("/missing/file", "No such file or directory");
}
END_TEST

START_TEST(too_long_a_path)
{
    static char longest[PATH_MAX];
    struct byte_buffer content = content_of("new");
    memset(longest, 'x', sizeof(longest) - 1);
    ck_assert(!report_file_check(longest, error));
    ck_assert_ptr_nonnull(strstr(error, "x: File name too long"));
    error[0] = '\0';
    ck_assert(!report_file_replace(longest, &content, error));
    ck_assert_ptr_nonnull(strstr(error, "x: File name too long"));
    byte_buffer_free(&content);
}
END_TEST

START_TEST(paths_differ)
{
    const char *const different[] = {"a", NULL, "b", "aa", NULL, "A"};
    const char *const same[] = {"a", NULL, "b", "c", "b"};
    ck_assert(report_paths_differ(different, 6, error));
    ck_assert(report_paths_differ(same, 4, error));
    ck_assert(report_paths_differ(NULL, 0, error));
    ck_assert(!report_paths_differ(same, 5, error));
    ck_assert_str_eq(error, "b is given for two outputs: each needs a file of its own");
}
END_TEST

Suite *report_file_suite(void)
{
    Suite *suite = suite_create("report_file");
    TCase *tests = tcase_create("report_file");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, written);
    tcase_add_test(tests, abandoned);
    tcase_add_test(tests, no_path);
    tcase_add_test(tests, cannot_be_opened);
    tcase_add_test(tests, disk_is_full);
    tcase_add_test(tests, content_is_not_whole);
    tcase_add_test(tests, replaced);
    tcase_add_test(tests, old_content_stays);
    tcase_add_test(tests, nothing_can_be_written_beside);
    tcase_add_test(tests, no_regular_files);
    tcase_add_test(tests, checked);
    tcase_add_test(tests, too_long_a_path);
    tcase_add_test(tests, paths_differ);
    suite_add_tcase(suite, tests);
    return suite;
}
