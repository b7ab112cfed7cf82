/* SPDX-License-Identifier: MIT */
/* crew-bench selftest: every check passes, and fails once its cause is taken away. */
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, LINE_SIZE = 64 };

/* Each check, and what it must find once it is broken: that, and not just any failure. */
static const struct {
    const char *name;
    const char *found;
} checks[] = {
    {"stall-open", "found response p99 "},
    {"stall-closed", "the stall is not hidden"},
    {"erlang-c", "95 % interval"},
    {"knee", "the Universal Scalability Law "},
    {"slow-generator", "found with pauses lag p50 "},
    {"punctual", "found lag p50 1."},
    {"replies", "found 0 wrong replies, 0 other failures, 20,000 right; not refused"},
    {"little", "found rate x response time "},
    {"same", "found none in 0.0, 0.0 at once, 0.0 of choices"},
    {"coverage", "found t 8"},
};

static void run_selftest(struct program_run *run, const char *const *words, int status)
{
    program_expect(run, program_path("crew-bench"), words, NULL, status);
}

static void expect_line(const struct program_run *run, const char *result, const char *name)
{
    char line[LINE_SIZE];
    snprintf(line, sizeof(line), "%-8s %-15s expected ", result, name);
    ck_assert_msg(strncmp(run->output, line, strlen(line)) == 0, "no '%s' in '%s'", line,
                  run->output);
}

START_TEST(the_list_has_every_check)
{
    struct program_run run;
    const char *const words[] = {"selftest", "--list", NULL};
    run_selftest(&run, words, 0);
    const char *at = run.output;
    for (int i = 0; i < COUNT(checks); i++) {
        ck_assert_msg(strncmp(at, checks[i].name, strlen(checks[i].name)) == 0, "%s", run.output);
        at = strchr(at, '\n');
        ck_assert_ptr_nonnull(at);
        at++;
    }
    ck_assert_str_eq(at, "");
    program_run_free(&run);
}
END_TEST

static bool was_skipped(const struct program_run *run)
{
    return strstr(run->output, "built without GSL") != NULL;
}

/* A busy machine may take a second or third try. */
START_TEST(every_check_passes)
{
    struct program_run run;
    const char *const words[] = {"selftest", "--quick", "--only", checks[_i].name, NULL};
    program_run(&run, program_path("crew-bench"), words, NULL);
    ck_assert_msg(run.status == 0, "%s", run.output);
    ck_assert_str_eq(run.errors, "");
    if (was_skipped(&run)) {
        ck_assert_int_eq(strncmp(run.output, "skipped ", 8), 0);
        ck_assert_ptr_nonnull(strstr(run.output, "\n0 of 1 checks passed, 1 skipped\n"));
    } else {
        ck_assert_int_eq(strncmp(run.output, "ok ", 3), 0);
        ck_assert_ptr_nonnull(strstr(run.output, checks[_i].name));
        ck_assert_ptr_nonnull(strstr(run.output, "\n1 of 1 checks passed\n"));
    }
    program_run_free(&run);
}
END_TEST

START_TEST(every_check_fails_when_broken)
{
    struct program_run run;
    const char *const words[] = {"selftest", "--quick",       "--only", checks[_i].name,
                                 "--break",  checks[_i].name, NULL};
    program_run(&run, program_path("crew-bench"), words, NULL);
    if (!was_skipped(&run)) {
        ck_assert_msg(run.status == EXIT_FAILED, "%s", run.output);
        expect_line(&run, "FAILED", checks[_i].name);
        ck_assert_msg(strstr(run.output, checks[_i].found) != NULL, "%s", run.output);
        ck_assert_ptr_nonnull(strstr(run.output, "\n0 of 1 checks passed\n"));
    }
    program_run_free(&run);
}
END_TEST

/* One that fails does not hide behind others that pass. */
START_TEST(one_failure_decides)
{
    struct program_run run;
    const char *const words[] = {"selftest", "--quick", "--only",  "same", "--only", "coverage",
                                 "--only",   "replies", "--break", "same", NULL};
    run_selftest(&run, words, EXIT_FAILED);
    ck_assert_ptr_nonnull(strstr(run.output, "\nFAILED   same "));
    ck_assert_ptr_nonnull(strstr(run.output, "\nok       coverage "));
    ck_assert_ptr_nonnull(strstr(run.output, "\n2 of 3 checks passed\n"));
    program_run_free(&run);
}
END_TEST

/* The text of a file that is not longer than it should be. */
static char *read_file(const char *path)
{
    static char text[8192];
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

START_TEST(results_as_json)
{
    char path[] = "/tmp/crew-system-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    struct program_run run;
    const char *const words[] = {"selftest", "--only",  "replies", "--only", "same",
                                 "--quick",  "--break", "same",    "--seed", "9",
                                 "--json",   path,      NULL};
    run_selftest(&run, words, EXIT_FAILED);
    const char *text = read_file(path);
    unlink(path);
    static const char *const wanted[] = {
        "{\n  \"schema\": \"crew-bench/selftest/1\",\n",
        "\n  \"seed\": 9,\n  \"interrupted\": false,\n  \"passed\": 1,\n  \"failed\": 1,\n"
        "  \"skipped\": 0,\n",
        "      \"name\": \"replies\",\n      \"shows\": \"every reply is checked\",\n"
        "      \"result\": \"ok\",\n      \"quick\": true,\n      \"broken_on_purpose\": false,\n"
        "      \"tries\": 1,\n      \"seconds\": ",
        "      \"expected\": \"exactly 4 wrong replies, those that were swapped, of 20,000; and "
        "refused for it\",\n      \"found\": \"4 wrong replies, 0 other failures, 19,996 right; "
        "refused\"\n",
        "      \"result\": \"failed\",\n      \"quick\": true,\n      \"broken_on_purpose\": "
        "true,\n",
    };
    for (int i = 0; i < COUNT(wanted); i++)
        ck_assert_msg(strstr(text, wanted[i]) != NULL, "no %s in %s", wanted[i], text);
    program_run_free(&run);
}
END_TEST

/* What is not allowed, and what the message must say. */
static const struct {
    const char *words[6];
    const char *message;
} wrong_uses[] = {
    {{"selftest", "--only", "speed", NULL},
     "crew-bench selftest: --only: no check 'speed'; there are: stall-open stall-closed erlang-c "
     "knee slow-generator punctual replies little same coverage\n"},
    {{"selftest", "--break", "speed", NULL}, "--break: no check 'speed'; there are: stall-open "},
    {{"selftest", "--only", "same", "--break", "knee", NULL},
     "--break: 'knee' is not among the checks that --only runs\n"},
    {{"selftest", "--only", "same", "--json", "/nowhere/x", NULL}, "/nowhere/x"},
    {{"selftest", "more", NULL}, "more"},
};

START_TEST(wrong_use_says_what_is_allowed)
{
    struct program_run run;
    run_selftest(&run, wrong_uses[_i].words, EXIT_USAGE);
    ck_assert_msg(strstr(run.errors, wrong_uses[_i].message) != NULL, "%s", run.errors);
    ck_assert_str_eq(run.output, "");
    program_run_free(&run);
}
END_TEST

/* A check, after whose end the next is interrupted: a measurement, and a computation. */
static const struct {
    const char *first;
    const char *second;
} pairs[] = {{"slow-generator", "punctual"}, {"replies", "coverage"}};

START_TEST(ctrl_c_ends_it)
{
    char error[BENCH_ERROR_SIZE];
    char line[LINE_SIZE];
    int status = 0;
    struct byte_buffer log = {0};
    struct server_process process;
    const char *const words[] = {"selftest", "--only",         pairs[_i].first,
                                 "--only",   pairs[_i].second, NULL};
    ck_assert_msg(server_process_start(&process, program_path("crew-bench"), words, error), "%s",
                  error);
    ck_assert(server_process_wait_log(&process, pairs[_i].first, PATIENCE_MS));
    server_process_signal(&process, SIGINT);
    ck_assert(server_process_wait_exit(&process, PATIENCE_MS, &status));
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EXIT_FAILED);
    server_process_log(&process, &log);
    byte_buffer_append(&log, "", 1);
    ck_assert(!log.failed);
    snprintf(line, sizeof(line), "\ninterrupted %s ", pairs[_i].second);
    ck_assert_msg(strstr(log.bytes, line) != NULL, "%s", log.bytes);
    byte_buffer_free(&log);
    (void)server_process_stop(&process, PATIENCE_MS);
}
END_TEST

Suite *selftest_suite(void)
{
    Suite *suite = suite_create("selftest");
    TCase *tests = tcase_create("selftest");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, the_list_has_every_check);
    tcase_add_loop_test(tests, every_check_passes, 0, COUNT(checks));
    tcase_add_loop_test(tests, every_check_fails_when_broken, 0, COUNT(checks));
    tcase_add_test(tests, one_failure_decides);
    tcase_add_test(tests, results_as_json);
    tcase_add_loop_test(tests, wrong_use_says_what_is_allowed, 0, COUNT(wrong_uses));
    tcase_add_loop_test(tests, ctrl_c_ends_it, 0, COUNT(pairs));
    suite_add_tcase(suite, tests);
    return suite;
}
