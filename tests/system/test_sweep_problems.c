/* SPDX-License-Identifier: MIT */
/* crew-bench sweep with servers, files and options that are not as they should be. */
#include "tests/system/fixture.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/sweep_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- servers ---- */

/* Runs the tiny sweep with this script in the server's place. */
static void run_with_server(struct program_run *run, const char *script, int status)
{
    char options[1024];
    scratch_write_program("server", script);
    snprintf(options, sizeof(options), SWEEP_TINY " --server-program %s", scratch_path("server"));
    sweep_run(run, options, status);
}

/* With one of the counts: which comes first is up to the seed. */
static void expect_problem(const char *errors, const char *problem)
{
    static const char *const places[] = {"with 1 worker, capacity block 1: ",
                                         "with 2 workers, capacity block 1: "};
    char expected[2][600];
    for (size_t i = 0; i < 2; i++)
        snprintf(expected[i], sizeof(expected[i]), "crew-bench sweep: sleep:1ms %s%s", places[i],
                 problem);
    ck_assert_msg(strncmp(errors, expected[0], strlen(expected[0])) == 0 ||
                      strncmp(errors, expected[1], strlen(expected[1])) == 0,
                  "no '%s' in '%s'", problem, errors);
}

static const struct {
    const char *script;
    const char *problem;
} bad_servers[] = {
    {"#!/bin/sh\necho 'no such luck'\nexit 7\n",
     "the server ended before it listened (exit status 7); the end of its log:\nno such luck\n"},
    {"#!/bin/sh\nexit 0\n",
     "the server ended before it listened (exit status 0); its log is empty\n"},
    {"#!/bin/sh\nkill -9 $$\n",
     "the server ended before it listened (signal 9); its log is empty\n"},
    {"#!/bin/sh\necho 'T info listening url=nonsense'\nexec sleep 60\n",
     "'nonsense' has no known scheme: "},
    {"#!/bin/sh\necho 'T info listening url=tcp://127.0.0.1:1'\nexec sleep 60\n",
     "cannot connect to 127.0.0.1:1: Connection refused\n"},
    {"no script at all\n", "cannot start "},
};

/* Nothing was measured, so what the file held before is left alone. */
START_TEST(bad_server)
{
    struct program_run run;
    scratch_write("json", "earlier results");
    run_with_server(&run, bad_servers[_i].script, SWEEP_USAGE);
    expect_problem(run.errors, bad_servers[_i].problem);
    ck_assert_str_eq(run.output, "");
    char *json = scratch_read("json");
    ck_assert_str_eq(json, "earlier results");
    free(json);
    program_run_free(&run);
}
END_TEST

START_TEST(silent_server)
{
    struct program_run run;
    char options[400];
    scratch_write_program("server", "#!/bin/sh\nexec sleep 60\n");
    snprintf(options, sizeof(options), "-N 1 -b 1 -w sleep:1ms --timeout 100ms --server-program %s",
             scratch_path("server"));
    sweep_run(&run, options, SWEEP_USAGE);
    expect_problem(run.errors, "the server does not listen in time; its log is empty\n");
    program_run_free(&run);
}
END_TEST

/* The server of the third trial ends: what the first two measured is kept, and it goes on there. */
START_TEST(a_later_server_fails)
{
    struct program_run run;
    struct results results;
    char script[1024];
    char options[400];
    snprintf(script, sizeof(script),
             "#!/bin/sh\necho call >>%s\ntest $(wc -l <%s) -le 2 || { echo enough; exit 9; }\n"
             "exec %s \"$@\"\n",
             scratch_path("calls"), scratch_path("calls"), program_path("crew-server"));
    run_with_server(&run, script, SWEEP_PROBLEMS);
    expect_problem(run.errors,
                   "the server ended before it listened (exit status 9); the end of its "
                   "log:\nenough\n");
    sweep_read("json", &results);
    ck_assert(!results.complete);
    ck_assert_uint_eq(sweep_complete_trials(&results), 2);
    ck_assert(results.trials[0].complete && results.trials[1].complete);
    program_expect_part(results.trials[2].problem, "enough");
    results_free(&results);
    program_run_free(&run);

    snprintf(options, sizeof(options), "--resume %s", scratch_path("json"));
    const char *words[SWEEP_WORDS];
    sweep_words(options, words);
    program_run(&run, program_path("crew-bench"), words, NULL);
    ck_assert(run.status == SWEEP_GOOD || run.status == SWEEP_UNDETERMINED);
    sweep_read("json", &results);
    ck_assert(results.complete);
    ck_assert_str_eq(results.trials[2].problem, "");
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* The server dies while it is loaded. */
START_TEST(a_server_dies_under_load)
{
    struct program_run run;
    char script[1024];
    snprintf(script, sizeof(script),
             "#!/bin/sh\n(sleep 0.15; echo 'about to end'; kill -9 $$) &\nexec %s \"$@\"\n",
             program_path("crew-server"));
    run_with_server(&run, script, SWEEP_USAGE);
    expect_problem(run.errors,
                   "the server ended during the trial (signal 9); the end of its log:\n");
    program_expect_part(run.errors, "about to end");
    program_run_free(&run);
}
END_TEST

START_TEST(a_server_does_not_stop_cleanly)
{
    struct program_run run;
    struct results results;
    char script[1024];
    snprintf(script, sizeof(script),
             "#!/bin/sh\n%s \"$@\" &\ntrap 'kill $!; wait $!; exit 1' TERM\nwait $!\n",
             program_path("crew-server"));
    run_with_server(&run, script, SWEEP_PROBLEMS);
    program_expect_part(run.errors,
                        "crew-bench sweep: 8 servers did not stop cleanly after SIGTERM\n");
    sweep_read("json", &results);
    ck_assert(results.complete);
    ck_assert(!results.trials[0].stopped_cleanly);
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* Seven replies in 100 ms say nothing. */
START_TEST(nothing_can_be_trusted)
{
    struct program_run run;
    struct results results;
    sweep_run(&run, "-N 1 -c 2 -b 1 -l 1 -d 100ms -w sleep:15ms", SWEEP_UNDETERMINED);
    sweep_read("json", &results);
    ck_assert(results.complete);
    ck_assert_uint_eq(results.trial_count, 2); /* without a capacity, there are no rates */
    for (size_t i = 0; i < results.trial_count; i++)
        ck_assert(!trial_usable(&results.trials[i]));
    program_expect_part(run.output, "replies in ");
    results_free(&results);
    program_run_free(&run);
}
END_TEST

START_TEST(requests_fail)
{
    struct program_run run;
    struct results results;
    sweep_run(&run, "-N 1 -c 2 -b 1 -l 0 -d 50ms -w cmd:NONSENSE", SWEEP_PROBLEMS);
    sweep_read("json", &results);
    ck_assert(results.complete);
    ck_assert_uint_gt(results.trials[0].measurement.failures[BENCH_ERROR_REPLY], 0);
    ck_assert_uint_eq(results.trials[0].measurement.response.count, 0);
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* ---- files ---- */

static const char *const outputs[] = {"--csv", "--series-csv", "--benchstat", "--html"};

START_TEST(disk_is_full)
{
    struct program_run run;
    struct results results;
    char options[400];
    snprintf(options, sizeof(options), "-N 1 -c 4 -b 1 -l 0 -d 100ms -w sleep:1ms %s /dev/full",
             outputs[_i]);
    sweep_run(&run, options, SWEEP_PROBLEMS);
    ck_assert_str_eq(run.errors,
                     "crew-bench sweep: cannot write /dev/full: No space left on device\n");
    program_expect_part(run.output, "sleep:1ms on ");
    sweep_read("json", &results); /* which is whole all the same */
    ck_assert(results.complete);
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* Measuring on for results that cannot be kept would be in vain: it ends after the first block. */
START_TEST(disk_is_full_for_the_results)
{
    struct program_run run;
    const char *const words[] = {"sweep",     "-N",     "1",         "-c", "4",     "-b",
                                 "5",         "-l",     "0",         "-d", "100ms", "-w",
                                 "sleep:1ms", "--json", "/dev/full", NULL};
    program_expect(&run, program_path("crew-bench"), words, NULL, SWEEP_PROBLEMS);
    program_expect_part(run.errors,
                        "crew-bench sweep: cannot write /dev/full: No space left on device\n");
    program_expect_part(run.output, "sleep:1ms on ");
    program_run_free(&run);
}
END_TEST

static const struct {
    const char *content;
    const char *reason;
} bad_files[] = {
    {"", NULL},
    {"{\"schema\": \"crew-bench/sweep/2\",", NULL},
    {"{\"schema\": \"crew-bench/load/2\"}",
     "it is 'crew-bench/load/2', and this version reads 'crew-bench/sweep/2'"},
    {"{\"schema\": \"crew-bench/sweep/2\"}", "crew_version"},
};

START_TEST(bad_file_to_resume)
{
    struct program_run run;
    char options[400];
    scratch_write("resume", bad_files[_i].content);
    snprintf(options, sizeof(options), "--resume %s", scratch_path("resume"));
    sweep_run(&run, options, SWEEP_USAGE);
    program_expect_part(run.errors, scratch_path("resume"));
    if (bad_files[_i].reason != NULL)
        program_expect_part(run.errors, bad_files[_i].reason);
    ck_assert_uint_eq(scratch_count(), 1);
    program_run_free(&run);
}
END_TEST

/* A file of this very version that was cut short at any place is refused, and stays as it is. */
START_TEST(file_cut_short)
{
    struct program_run run;
    char options[400];
    sweep_run(&run, "-N 1 -c 4 -b 1 -l 0 -d 100ms -w cmd:NONSENSE", SWEEP_PROBLEMS);
    program_run_free(&run);
    char *json = scratch_read("json");
    size_t size = strlen(json);
    snprintf(options, sizeof(options), "--resume %s", scratch_path("json"));
    for (size_t i = 1; i < 4; i++) {
        json[size * (4 - i) / 4] = '\0';
        scratch_write("json", json);
        sweep_run(&run, options, SWEEP_USAGE);
        program_expect_part(run.errors, scratch_path("json"));
        program_run_free(&run);
        char *kept = scratch_read("json");
        ck_assert_str_eq(kept, json);
        free(kept);
    }
    free(json);
}
END_TEST

/* Trials of another machine are not of the same experiment. */
START_TEST(file_of_another_machine)
{
    struct program_run run;
    char options[400];
    sweep_run(&run, "-N 1 -c 4 -b 1 -l 0 -d 100ms -w cmd:NONSENSE", SWEEP_PROBLEMS);
    program_run_free(&run);
    char *json = scratch_read("json");
    char *kernel = strstr(json, "\"kernel\": \"");
    ck_assert_ptr_nonnull(kernel);
    kernel[strlen("\"kernel\": \"")] = '?';
    scratch_write("json", json);
    snprintf(options, sizeof(options), "--resume %s", scratch_path("json"));
    sweep_run(&run, options, SWEEP_USAGE);
    program_expect_part(run.errors, scratch_path("json"));
    program_expect_part(run.errors, " cannot be resumed here: it is of crew ");
    char *kept = scratch_read("json");
    ck_assert_str_eq(kept, json);
    free(kept);
    free(json);
    program_run_free(&run);
}
END_TEST

/* ---- options ---- */

static const struct {
    const char *options;
    const char *said;
} mistakes[] = {
    {"-w text:Hi", "workload 'text:Hi' is for raw:// servers, and a sweep starts RESP servers"},
    {"-w ping -w pong", "workload 'pong' is unknown: it takes "},
    {"-w mix:50%ping", "workload 'mix:50%ping' needs up to 8 shares that add up to 100 %"},
    {"-N 1,8 -c 15",
     "--connections: '15' is not allowed: it takes at least 16, twice the largest worker count"},
    {"-N 1,2 --reference 3", "--reference: '3' is not one of --workers 1,2"},
    {"--rates 0.5,0.3", "--rates: '0.5,0.3' is not allowed: it takes up to 8 rising shares"},
    {"--rates 0", "--rates: '0' is not allowed: it takes up to 8 rising shares"},
    {"--rates 2.1", "--rates: '2.1' is not allowed: it takes up to 8 rising shares"},
    {"--rates x", "--rates: 'x' is not allowed: it takes up to 8 rising shares"},
    {"--rates .1,.2,.3,.4,.5,.6,.7,.8,.9", "--rates: '.1,.2,.3,.4,.5,.6,.7,.8,.9' is not allowed"},
    {"--slo p99", "--slo: 'p99' is not allowed: it takes a percentile and a limit"},
    {"--slo-rate 100", "--slo-rate: '100' is not allowed: it needs --slo"},
    {"--slo p99<1ms --slo-rate x", "--slo-rate: 'x' is not allowed: it takes requests per second"},
    {"--csv /tmp/same --html /tmp/same",
     "/tmp/same is given for two outputs: each needs a file of its own"},
    {"--resume /missing/file", "/missing/file"},
};

START_TEST(a_mistake_is_explained)
{
    struct program_run run;
    char expected[400];
    sweep_run(&run, mistakes[_i].options, SWEEP_USAGE);
    snprintf(expected, sizeof(expected), "crew-bench sweep: ");
    ck_assert_ptr_eq(strstr(run.errors, expected), run.errors);
    program_expect_part(run.errors, mistakes[_i].said);
    ck_assert_str_eq(run.output, "");
    ck_assert_uint_eq(scratch_count(), 0);
    program_run_free(&run);
}
END_TEST

Suite *sweep_problems_suite(void)
{
    Suite *suite = suite_create("sweep_problems");
    TCase *tests = tcase_create("sweep_problems");
    tcase_add_checked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, bad_server, 0, sizeof(bad_servers) / sizeof(bad_servers[0]));
    tcase_add_test(tests, silent_server);
    tcase_add_test(tests, a_later_server_fails);
    tcase_add_test(tests, a_server_dies_under_load);
    tcase_add_test(tests, a_server_does_not_stop_cleanly);
    tcase_add_test(tests, nothing_can_be_trusted);
    tcase_add_test(tests, requests_fail);
    tcase_add_loop_test(tests, disk_is_full, 0, sizeof(outputs) / sizeof(outputs[0]));
    tcase_add_test(tests, disk_is_full_for_the_results);
    tcase_add_loop_test(tests, bad_file_to_resume, 0, sizeof(bad_files) / sizeof(bad_files[0]));
    tcase_add_test(tests, file_cut_short);
    tcase_add_test(tests, file_of_another_machine);
    tcase_add_loop_test(tests, a_mistake_is_explained, 0, sizeof(mistakes) / sizeof(mistakes[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
