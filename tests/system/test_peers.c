/* SPDX-License-Identifier: MIT */
/*
 * crew-bench peers: rows without other servers are measured everywhere; of the others this says
 * what is missing. No figure is judged here: the machine that runs tests is busy.
 */
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { EXIT_MISSED = 1, EXIT_USAGE = 2, LINE_SIZE = 128 };

#define ROWS                                                                                       \
    "ping-1 ping-1-own ping-4 ping-4-1 ping-64-1 ping-deep ping-deep-floor ping-floor echo-1k "    \
    "echo-64k echo-1m connections sleep cpu tail latency memory queue"

static void run_peers(struct program_run *run, const char *const *words)
{
    program_run(run, program_path("crew-bench"), words, NULL);
}

START_TEST(the_list_has_every_row)
{
    struct program_run run;
    const char *const words[] = {"peers", "--list", NULL};
    char names[] = ROWS;
    program_expect(&run, program_path("crew-bench"), words, NULL, 0);
    const char *at = run.output;
    char *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        size_t size = strlen(name);
        ck_assert_msg(strncmp(at, name, size) == 0 && at[size] == ' ', "no %s: %s", name,
                      run.output);
        at = strchr(at, '\n') + 1;
    }
    ck_assert_str_eq(at, "");
    program_run_free(&run);
}
END_TEST

/* The line of a row begins so, and goes on with figures of both sides. */
static void expect_measured(const char *output, const char *name, const char *figure)
{
    char line[LINE_SIZE];
    double ratio = 0;
    snprintf(line, sizeof(line), "\n  %-16s  %-13s", name, figure);
    const char *at = strstr(output, line);
    ck_assert_msg(at != NULL, "no '%s' in '%s'", line, output);
    int found = sscanf(at + strlen(line), " %*s %*s %lf", &ratio); /* NOLINT(cert-err34-c) */
    ck_assert_msg(found == 1 && ratio > 0, "%s", at);
}

static size_t count_parts(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

START_TEST(rows_of_crew_alone_are_measured)
{
    struct program_run run;
    const char *const words[] = {"peers",    "--rows", "sleep,cpu,tail", "--seconds", "0.1",
                                 "--rounds", "1",      "--json",         NULL,        "--server",
                                 NULL,       NULL};
    const char *with_paths[COUNT(words)];
    char server[512];
    memcpy(with_paths, words, sizeof(words));
    snprintf(server, sizeof(server), "%s", program_path("crew-server"));
    with_paths[8] = scratch_path("peers.json");
    with_paths[10] = server;
    run_peers(&run, with_paths);
    ck_assert_str_eq(run.errors, "");
    ck_assert_msg(run.status == 0 || run.status == EXIT_MISSED, "%d", run.status);
    expect_measured(run.output, "sleep", "requests/s");
    expect_measured(run.output, "cpu", "requests/s");
    expect_measured(run.output, "cpu", "of spare CPUs");
    expect_measured(run.output, "tail", "p99");
    program_expect_part(run.output, " of 3 rows reached\n");
    char *json = scratch_read("peers.json");
    program_expect_part(json, "{\n  \"schema\": \"crew-bench/peers/1\",\n");
    program_expect_part(json, "\n  \"rounds\": 1,\n  \"seconds\": 0.1,\n");
    program_expect_part(json, "\n      \"name\": \"tail\",\n");
    program_expect_part(json, "\"generator_share\": ");
    ck_assert_uint_eq(count_parts(json, "\n          \"peer\": {"), 3); /* one round a row */
    program_expect_part(json, "\"service_us\": ");
    free(json);
    program_run_free(&run);
}
END_TEST

/* Where nothing else is installed. */
static const struct {
    const char *row;
    const char *missing;
} missing[] = {
    {"ping-1-own", "redis-server is not installed (apt-get install redis-server)"},
    {"ping-4", "memcached is not installed (apt-get install memcached)"},
    {"ping-4-1", "redis-benchmark is not installed (apt-get install redis-tools)"},
    {"memory", "redis-server is not installed (apt-get install redis-server)"},
};

START_TEST(what_is_missing_is_not_measured)
{
    struct program_run run;
    char line[2 * LINE_SIZE];
    const char *const words[] = {"peers", "--rows", missing[_i].row, NULL};
    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0);
    run_peers(&run, words);
    ck_assert_int_eq(run.status, EXIT_MISSED);
    snprintf(line, sizeof(line),
             "\n  %-16s  not measured: %s\n0 of 1 rows reached, 1 not measured\n", missing[_i].row,
             missing[_i].missing);
    program_expect_part(run.output, line);
    program_run_free(&run);
}
END_TEST

/* A server that is none: what it says for itself is shown. */
START_TEST(a_server_that_does_not_start)
{
    struct program_run run;
    scratch_write_program("server", "#!/bin/sh\necho no such luck\nexit 3\n");
    const char *const words[] = {"peers",  "--server", scratch_path("server"),
                                 "--rows", "sleep",    NULL};
    run_peers(&run, words);
    ck_assert_int_eq(run.status, EXIT_MISSED);
    program_expect_part(run.output, "not measured: the server ended before it listened (exit "
                                    "status 3); the end of its log:\nno such luck\n");
    program_run_free(&run);
}
END_TEST

/* What is not allowed, and what the message must say. */
static const struct {
    const char *words[4];
    const char *message;
} wrong_uses[] = {
    {{"--rows", "speed"}, "--rows: no row 'speed'; there are: " ROWS "\n"},
    {{"--rows", "cpu,,tail"}, "--rows: no row ''; there are: "},
    {{"--rows", "cpu,tail,"}, "--rows: no row ''; there are: "},
    {{"--rows", "cpu,tail,cpu"}, "--rows: 'cpu' is given twice\n"},
    {{"--rounds", "0"}, "--rounds"},
    {{"--rounds", "101"}, "--rounds"},
    {{"--seconds", "1ms"}, "--seconds"},
    {{"--server", "/nowhere/server"},
     "--server: cannot run /nowhere/server: No such file or directory\n"},
    {{"--json", "/nowhere/x"}, "/nowhere/x"},
    {{"more"}, "more"},
};

START_TEST(wrong_use_says_what_is_allowed)
{
    struct program_run run;
    const char *const words[] = {"peers", wrong_uses[_i].words[0], wrong_uses[_i].words[1], NULL};
    program_expect(&run, program_path("crew-bench"), words, NULL, EXIT_USAGE);
    program_expect_part(run.errors, wrong_uses[_i].message);
    ck_assert_str_eq(run.output, "");
    program_run_free(&run);
}
END_TEST

/* The pid of crew-bench's first child, once there is one. */
static pid_t child_of(pid_t parent)
{
    char path[64];
    int pid = 0;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fscanf(file, "%d", &pid) != 1) /* NOLINT(cert-err34-c) */
            pid = 0;
        fclose(file);
    }
    return pid;
}

START_TEST(ctrl_c_stops_every_server)
{
    char error[BENCH_ERROR_SIZE];
    int status = 0;
    pid_t child = 0;
    struct byte_buffer log = {0};
    struct server_process process;
    const char *const words[] = {"peers", "--rows", "sleep,tail", "--seconds", "20s", NULL};
    ck_assert_int_eq(setenv("TMPDIR", scratch_path("."), 1), 0);
    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0); /* or the child may be one of those */
    ck_assert_msg(server_process_start(&process, program_path("crew-bench"), words, error), "%s",
                  error);
    for (int i = 0; i < PATIENCE_MS && child == 0; i++) {
        child = child_of(process.pid);
        usleep(1000);
    }
    ck_assert_int_gt(child, 0);
    ck_assert_uint_eq(scratch_count(), 1);
    server_process_signal(&process, SIGINT);
    ck_assert(server_process_wait_exit(&process, PATIENCE_MS, &status));
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EXIT_MISSED);
    server_process_log(&process, &log);
    byte_buffer_append(&log, "", 1);
    ck_assert(!log.failed);
    program_expect_part(log.bytes, "not measured: interrupted\n0 of 1 rows reached, 1 not "
                                   "measured\n");
    ck_assert_int_eq(kill(child, 0), -1);
    ck_assert_uint_eq(scratch_count(), 0);
    byte_buffer_free(&log);
    (void)server_process_stop(&process, PATIENCE_MS);
}
END_TEST

Suite *peers_suite(void)
{
    Suite *suite = suite_create("peers");
    TCase *tests = tcase_create("peers");
    tcase_add_checked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_add_test(tests, the_list_has_every_row);
    tcase_add_test(tests, rows_of_crew_alone_are_measured);
    tcase_add_loop_test(tests, what_is_missing_is_not_measured, 0, COUNT(missing));
    tcase_add_test(tests, a_server_that_does_not_start);
    tcase_add_loop_test(tests, wrong_use_says_what_is_allowed, 0, COUNT(wrong_uses));
    tcase_add_test(tests, ctrl_c_stops_every_server);
    suite_add_tcase(suite, tests);
    return suite;
}
