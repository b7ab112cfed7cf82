/* SPDX-License-Identifier: MIT */
/* crew-bench sweep as people run it: what it leaves behind, and going on after an interruption. */
#include "bench/commands/sweep_plan.h"
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/sweep_program.h"

#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CAPACITY_TRIALS = 6, TRIALS = CAPACITY_TRIALS + 2 };

/* Whatever a sweep determines on a disturbed machine, it is no problem. */
static void run_whole(struct program_run *run, const char *options)
{
    const char *words[SWEEP_WORDS];
    sweep_words(options, words);
    program_run(run, program_path("crew-bench"), words, NULL);
    ck_assert_msg(run->status == SWEEP_GOOD || run->status == SWEEP_UNDETERMINED,
                  "ended with %d: %s%s", run->status, run->output, run->errors);
    ck_assert_str_eq(run->errors, "");
}

/* The first trials are those of the plan, in its order. */
static void check_plan(const struct results *results)
{
    struct results plan = {.settings = results->settings};
    ck_assert(sweep_plan_capacity(&plan));
    ck_assert_uint_eq(plan.trial_count, CAPACITY_TRIALS);
    for (size_t i = 0; i < plan.trial_count; i++) {
        const struct trial *planned = &plan.trials[i];
        const struct trial *trial = &results->trials[i];
        ck_assert_int_eq(trial->experiment, EXPERIMENT_CAPACITY);
        ck_assert_uint_eq(trial->workers, planned->workers);
        ck_assert_uint_eq(trial->block, planned->block);
        ck_assert_uint_eq(trial->place, planned->place);
        ck_assert_int_eq(trial->control, planned->control);
        ck_assert(!trial->control || trial->workers == 1);
    }
    results_free(&plan);
}

/* It takes 1 ms for each, nearly all of it asleep. A kernel need not tell what threads did. */
static void check_server(const struct server_figures *server, unsigned workers)
{
    ck_assert_double_gt(server->requests, 0);
    ck_assert_double_ge(server->service_mean_us, 1000);
    ck_assert_double_gt(server->utilization, 0);
    ck_assert_double_le(server->utilization, 1.01);
    ck_assert_uint_eq(server->worker_count, workers);
    for (size_t i = 0; i < server->worker_count; i++)
        ck_assert(!(server->workers[i].cpu_share > 1.1));
    if (isnan(server->worker_cpu_us) || isnan(server->run_queue_us))
        return;
    ck_assert_double_gt(server->worker_cpu_us, 0);
    ck_assert_double_ge(server->cpu_us, server->worker_cpu_us);
    ck_assert_double_lt(server->cpu_us, 10000);
    double blocked_us = server->service_mean_us - server->worker_cpu_us - server->run_queue_us -
                        server->lock_wait_us;
    ck_assert_double_eq_tol(server->blocked_us, fmax(blocked_us, 0), 0.001);
    ck_assert_double_eq(server->lock_wait_us, 0);
}

static void check_trial(const struct trial *trial)
{
    ck_assert(trial->complete);
    ck_assert(trial->stopped_cleanly);
    ck_assert_str_eq(trial->problem, "");
    ck_assert_uint_eq(trial->measurement.failures_total, 0);
    ck_assert_double_ge(trial->measurement.measured_s, 0.04); /* up to half is warm-up */
    ck_assert_double_ge(trial->measurement.warm_up_s, 0.1);
    ck_assert_uint_gt(trial->measurement.response.count, 0);
    ck_assert_ptr_nonnull(trial->measurement.response_histogram);
    check_server(&trial->server, trial->workers);
}

/* The server counts the window of 0.1 s, not the warm-up, which is as long. In one trial a
 * disturbed machine may serve most of the window's requests in a small part of it. */
static void check_counted_window(const struct results *results)
{
    double requests = 0;
    double throughput_rps = 0;
    for (size_t i = 0; i < results->trial_count; i++) {
        if (results->trials[i].experiment != EXPERIMENT_CAPACITY)
            continue;
        requests += results->trials[i].server.requests;
        throughput_rps += results->trials[i].measurement.throughput_rps;
    }
    ck_assert_double_gt(requests, 0);
    ck_assert_double_le(requests, 0.15 * throughput_rps + 10);
}

START_TEST(blocks_and_experiments)
{
    struct program_run run;
    struct results results;
    char options[1024];
    snprintf(options, sizeof(options),
             SWEEP_TINY " --csv %s --series-csv %s --benchstat %s --html %s", scratch_path("csv"),
             scratch_path("series"), scratch_path("benchstat"), scratch_path("html"));
    run_whole(&run, options);
    sweep_read("json", &results);
    ck_assert(results.complete);
    ck_assert_double_gt(results.elapsed_s, 1);
    ck_assert_uint_eq(results.settings.blocks, 2);
    ck_assert_uint_eq(results.settings.connections, 4);
    ck_assert_double_eq(results.settings.duration_s, 0.1);
    ck_assert_double_nan(results.settings.slo_quantile);
    check_plan(&results);
    for (size_t i = 0; i < results.trial_count; i++)
        check_trial(&results.trials[i]);
    check_counted_window(&results);
    program_expect_part(run.output, "sleep:1ms on ");
    program_expect_part(run.output, "Capacity: closed loop, 4 outstanding, 2 blocks");
    static const char *const files[] = {"csv", "series", "benchstat", "html"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char *content = scratch_read(files[i]);
        program_expect_part(content, "sleep:1ms");
        free(content);
    }
    ck_assert_uint_eq(scratch_count(), 5);
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* Half of what two workers can do, for both counts; one worker is at its limit then. */
START_TEST(latency_rates)
{
    struct program_run run;
    struct results results;
    run_whole(&run, SWEEP_TINY " --slo p90<50ms --slo-rate 100");
    sweep_read("json", &results);
    ck_assert_double_eq(results.settings.slo_rate_rps, 100);
    double best = 0;
    size_t tried = 0;
    for (size_t i = 0; i < CAPACITY_TRIALS; i++)
        best = fmax(best, results.trials[i].measurement.throughput_rps);
    for (size_t i = CAPACITY_TRIALS; i < results.trial_count; i++) {
        const struct trial *trial = &results.trials[i];
        ck_assert_int_eq(trial->experiment, EXPERIMENT_LATENCY);
        ck_assert(trial->measurement.open_loop);
        ck_assert_double_eq(trial->measurement.offered_rps, trial->rate_rps);
        ck_assert(trial->rate_rps == 100 || trial->rate_rps <= 0.5 * best * 1.001);
        tried += trial->rate_rps == 100 ? 1 : 0;
    }
    /* Without any usable capacity there is no rate to derive. */
    if (results.trial_count > CAPACITY_TRIALS) {
        ck_assert_uint_eq(results.trial_count, CAPACITY_TRIALS + 4);
        ck_assert_uint_eq(tried, 2);
    }
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* Two workers, one lock that each request holds for 1 ms: how long it waits for that is a part of
 * its time, and how it is shared out is up to the mutex. */
START_TEST(waiting_for_a_lock)
{
    struct program_run run;
    struct results results;
    run_whole(&run, "-N 2 -c 4 -b 1 -l 0 -d 100ms -w lock:1ms");
    sweep_read("json", &results);
    const struct server_figures *server = &results.trials[0].server;
    ck_assert_double_ge(server->lock_wait_us, 0);
    ck_assert_double_lt(server->lock_wait_us, server->service_mean_us);
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* The first server measures how much work a microsecond is, and all later ones are told. */
START_TEST(the_same_work_on_all_servers)
{
    struct program_run run;
    struct results results;
    char options[1024];
    char script[1024];
    snprintf(script, sizeof(script), "#!/bin/sh\necho \"$@\" >>%s\nexec %s \"$@\"\n",
             scratch_path("calls"), program_path("crew-server"));
    scratch_write_program("server", script);
    snprintf(options, sizeof(options),
             "-N 1 -b 1 -l 0 -d 50ms -w cpu:20us -w ping --server-program %s",
             scratch_path("server"));
    run_whole(&run, options);
    sweep_read("json", &results);
    ck_assert_double_ge(results.cpu_iterations_per_us, 1);
    char *calls = scratch_read("calls");
    char told[64];
    size_t first = 0;
    size_t later = 0;
    snprintf(told, sizeof(told), "--cpu-iterations %.0f\n", results.cpu_iterations_per_us);
    for (const char *at = calls; (at = strstr(at, "--cpu-iterations ")) != NULL; at++) {
        first += strncmp(at, "--cpu-iterations 0\n", strlen("--cpu-iterations 0\n")) == 0 ? 1 : 0;
        later += strncmp(at, told, strlen(told)) == 0 ? 1 : 0;
    }
    ck_assert_uint_eq(first, 1);
    ck_assert_uint_eq(later, 3);
    program_expect_part(calls,
                        "--workers 1 --listen tcp://127.0.0.1:0 --shed off --cpu-iterations 0\n");
    free(calls);
    results_free(&results);
    program_run_free(&run);
}
END_TEST

/* ---- Ctrl-C, and going on ---- */

/* Starts it, and interrupts it once the file of the first block is there. */
static void interrupt_after_first_block(const char *options)
{
    const char *words[SWEEP_WORDS];
    char error[BENCH_ERROR_SIZE];
    struct server_process sweep;
    int status = 0;
    sweep_words(options, words);
    ck_assert_msg(server_process_start(&sweep, program_path("crew-bench"), words, error), "%s",
                  error);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (access(scratch_path("json"), R_OK) != 0) {
        ck_assert_msg(monotonic_ns() < deadline_ns, "no file after the first block");
        sched_yield();
    }
    server_process_signal(&sweep, SIGINT);
    ck_assert(server_process_wait_exit(&sweep, PATIENCE_MS, &status));
    ck_assert(server_process_wait_log(&sweep, "crew-bench sweep: interrupted\n", PATIENCE_MS));
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), SWEEP_PROBLEMS);
    (void)server_process_stop(&sweep, PATIENCE_MS);
}

/* What ran before is kept, to the last digit. */
static void check_kept(const struct results *before, const struct results *after)
{
    for (size_t i = 0; i < before->trial_count; i++) {
        const struct trial *old = &before->trials[i];
        const struct trial *trial = &after->trials[i];
        ck_assert_uint_eq(trial->workers, old->workers);
        ck_assert_uint_eq(trial->place, old->place);
        if (!old->complete)
            continue;
        ck_assert_double_eq(trial->measurement.throughput_rps, old->measurement.throughput_rps);
        ck_assert_double_eq(trial->measurement.measured_s, old->measurement.measured_s);
        ck_assert_double_eq(trial->server.requests, old->server.requests);
        ck_assert_uint_eq(trial->measurement.series_count, old->measurement.series_count);
    }
}

START_TEST(resumed)
{
    struct program_run run;
    struct results before;
    struct results after;
    char options[1024];
    interrupt_after_first_block(SWEEP_TINY " -s 5");
    sweep_read("json", &before);
    ck_assert(!before.complete);
    ck_assert_uint_eq(before.trial_count, CAPACITY_TRIALS);
    size_t complete = sweep_complete_trials(&before);
    ck_assert_uint_ge(complete, 3);
    ck_assert_uint_lt(complete, CAPACITY_TRIALS);

    char script[1024];
    snprintf(script, sizeof(script), "#!/bin/sh\necho call >>%s\nexec %s \"$@\"\n",
             scratch_path("calls"), program_path("crew-server"));
    scratch_write_program("server", script);
    snprintf(options, sizeof(options), "--resume %s --server-program %s", scratch_path("json"),
             scratch_path("server"));
    run_whole(&run, options);
    sweep_read("json", &after);
    ck_assert(after.complete);
    ck_assert_uint_eq(sweep_complete_trials(&after), after.trial_count);
    ck_assert_uint_eq(after.settings.seed, 5);
    ck_assert_double_gt(after.elapsed_s, before.elapsed_s);
    check_plan(&after);
    check_kept(&before, &after);
    char *calls = scratch_read("calls");
    ck_assert_uint_eq(strlen(calls), strlen("call\n") * (after.trial_count - complete));
    free(calls);
    results_free(&before);
    results_free(&after);
    program_run_free(&run);
}
END_TEST

/* There is nothing left to run, but the report is printed and other files can be written. */
START_TEST(resumed_when_complete)
{
    struct program_run run;
    struct program_run again;
    struct results before;
    struct results after;
    char options[1024];
    run_whole(&run, "-N 1 -c 4 -b 1 -l 0 -d 100ms -w sleep:1ms");
    sweep_read("json", &before);
    snprintf(options, sizeof(options), "--resume %s --json %s --csv %s", scratch_path("json"),
             scratch_path("other"), scratch_path("csv"));
    run_whole(&again, options);
    ck_assert_int_eq(again.status, run.status);
    ck_assert_str_eq(again.output, run.output);
    sweep_read("other", &after);
    check_kept(&before, &after);
    ck_assert_uint_eq(scratch_count(), 3);
    results_free(&before);
    results_free(&after);
    program_run_free(&run);
    program_run_free(&again);
}
END_TEST

Suite *sweep_suite(void)
{
    Suite *suite = suite_create("sweep");
    TCase *tests = tcase_create("sweep");
    tcase_add_checked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, blocks_and_experiments);
    tcase_add_test(tests, latency_rates);
    tcase_add_test(tests, waiting_for_a_lock);
    tcase_add_test(tests, the_same_work_on_all_servers);
    tcase_add_test(tests, resumed);
    tcase_add_test(tests, resumed_when_complete);
    suite_add_tcase(suite, tests);
    return suite;
}
