/* SPDX-License-Identifier: MIT */
/* crew-bench load as people run it: against servers that are good, slow, wrong or not there. */
#include "bench/results/load_file.h"
#include "tests/system/fake_server.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { MEASURED, ERRORS, USAGE, REFUSED, ANY = -1, WORDS = 24, TRIES = 5 };

static struct load_run result;

/* Reads what --json wrote; the reader insists on every member. */
static void read_result(void)
{
    char error[BENCH_ERROR_SIZE] = "";
    measurement_free(&result.measurement);
    struct json_reader *reader = json_reader_open(scratch_path("json"), error);
    ck_assert_msg(reader != NULL && load_run_read(reader, &result, error), "%s", error);
    json_reader_close(reader);
}

static void tear_down(void)
{
    measurement_free(&result.measurement);
    scratch_folder_remove();
}

/* Runs `crew-bench load -t TARGET --json ... OPTIONS`, the options split at spaces. */
static void run_load(struct program_run *run, const char *target, const char *options, int status)
{
    char text[256];
    const char *words[WORDS] = {"load", "-t", target, "--json", scratch_path("json")};
    size_t count = 5;
    char *rest = NULL;
    snprintf(text, sizeof(text), "%s", options);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        ck_assert_uint_lt(count, WORDS - 1);
        words[count++] = word;
    }
    if (status == ANY)
        program_run(run, program_path("crew-bench"), words, NULL);
    else
        program_expect(run, program_path("crew-bench"), words, NULL, status);
}

/* Repeats it while it is refused: other programs may need the machine for a moment. */
static void measure(struct program_run *run, const char *target, const char *options)
{
    run_load(run, target, options, ANY);
    for (int i = 1; i < TRIES && run->status == REFUSED; i++) {
        program_run_free(run);
        run_load(run, target, options, ANY);
    }
    ck_assert_msg(run->status == MEASURED, "ended with %d: %s%s", run->status, run->output,
                  run->errors);
    ck_assert_str_eq(run->errors, "");
    read_result();
    ck_assert(measurement_valid(&result.measurement));
}

/* The same where the number of requests is what counts, and they may be too fast to be trusted. */
static void count_replies(struct program_run *run, const char *target, const char *options)
{
    run_load(run, target, options, ANY);
    ck_assert_msg(run->status == MEASURED || run->status == REFUSED, "ended with %d: %s%s",
                  run->status, run->output, run->errors);
    read_result();
    ck_assert_uint_eq(result.measurement.failures_total, 0);
}

/* ---- servers that are good ---- */

START_TEST(closed_loop)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 4");
    measure(&run, server.url, "-w sleep:2ms -c 8 -P 2 -d 500ms");
    const struct measurement *measured = &result.measurement;
    ck_assert(!measured->open_loop && !measured->unstable && !result.interrupted);
    ck_assert_double_nan(measured->offered_rps);
    ck_assert_double_ge(measured->measured_s, 0.5);
    ck_assert_double_ge(measured->warm_up_s, 0.05);
    ck_assert_double_eq_tol(measured->throughput_rps * measured->measured_s,
                            (double)measured->response.count, 0.01);
    ck_assert_double_le(measured->throughput_rps, 4 / 0.002); /* four workers, 2 ms each */
    ck_assert_double_ge(measured->response.p50_us, 2000 * 16 / 4.0 * 0.9);
    ck_assert_uint_eq(measured->lag.count, 0);
    ck_assert_uint_eq(measured->failures_total, 0);
    ck_assert_uint_eq(measured->connections_end, 8);
    ck_assert_double_eq_tol(measured->little_ratio, 1, 0.03);
    ck_assert_str_eq(result.workload, "sleep:2ms");
    program_expect_part(run.output, "  load       closed loop, 8 connections x 2 outstanding\n");
    program_expect_part(run.output, "  response   mean ");
    program_expect_part(run.output, "  over time  ");
    ck_assert_ptr_null(strstr(run.output, "refused"));
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

START_TEST(open_loop)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 4");
    measure(&run, server.url, "-w sleep:1ms -c 16 -R 0.4k -d 1s -s 7");
    const struct measurement *measured = &result.measurement;
    ck_assert(measured->open_loop && !measured->unstable);
    ck_assert_double_eq(measured->offered_rps, 400);
    ck_assert_double_eq_tol(measured->sent_rps, 400, 80); /* four standard deviations */
    ck_assert_double_eq_tol(measured->throughput_rps, 400, 80);
    ck_assert_uint_eq(measured->lag.count, measured->response.count);
    ck_assert_uint_eq(measured->wire.count, measured->response.count);
    ck_assert_double_ge(measured->wire.p50_us, 1000);
    ck_assert_double_ge(measured->response.p50_us, measured->wire.p50_us);
    ck_assert_uint_eq(measured->held_back, 0);
    program_expect_part(run.output, "  load       open loop, 400 requests/s offered (");
    program_expect_part(run.output, " sent), Poisson arrivals, 16 connections\n");
    program_expect_part(run.output, "  wire       mean ");
    program_expect_part(run.output, "  lag        mean ");
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* A worker can serve 100 of the 1,000 requests per second: a result, but not one of times. */
START_TEST(overload_is_unstable)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 1");
    measure(&run, server.url,
            _i == 0 ? "-w sleep:10ms -c 16 -R 1000 -d 1s --arrivals constant"
                    : "-w sleep:10ms -c 16 -R 1000 -d 1s --inflight 20");
    ck_assert(result.measurement.unstable);
    ck_assert_int_eq(result.measurement.held_back > 0, _i == 1);
    ck_assert_double_lt(result.measurement.throughput_rps, 110);
    program_expect_part(run.output, "  unstable   the backlog grew all the time");
    ck_assert_ptr_null(strstr(run.output, "response"));
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

START_TEST(number_of_requests)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2");
    count_replies(&run, server.url, "-w mix:60%ping,40%echo:100 -n 777 -c 5 -T 2 --csv /dev/null");
    ck_assert_uint_eq(result.measurement.response.count, 777);
    ck_assert_double_eq(result.measurement.warm_up_s, 0);
    ck_assert_double_eq(fixture_info(&server, "requests_total"), 777);
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* What else can be written: the course over time, and the distribution. */
START_TEST(other_files)
{
    struct fixture server;
    struct program_run run;
    char options[400];
    fixture_start(&server, "--workers 4");
    snprintf(options, sizeof(options), "-w sleep:2ms -c 8 -d 300ms --csv %s --hgrm %s",
             scratch_path("csv"), scratch_path("hgrm"));
    measure(&run, server.url, options);
    char *csv = scratch_read("csv");
    char *hgrm = scratch_read("hgrm");
    program_expect_part(csv, "end_s,warm_up,throughput_rps,p50_us,p99_us,max_us,errors\n");
    size_t lines = 0;
    for (const char *at = csv; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ck_assert_uint_eq(lines, result.measurement.series_count + 1);
    program_expect_part(hgrm, "Percentile");
    free(csv);
    free(hgrm);
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

START_TEST(unix_socket)
{
    struct fixture server;
    struct program_run run;
    char options[200];
    snprintf(options, sizeof(options), "--workers 2 --listen unix://%s", scratch_path("socket"));
    fixture_start(&server, options);
    count_replies(&run, server.url, "-n 200");
    ck_assert_uint_eq(result.measurement.response.count, 200);
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* One connection for each request, in a closed loop and in an open one. */
START_TEST(raw_server)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2 --listen raw://127.0.0.1:0");
    count_replies(&run, server.url,
                  _i == 0 ? "-w text:Hello -n 300 -c 4" : "-w text:Hello -n 300 -R 1000");
    ck_assert_uint_eq(result.measurement.response.count, 300);
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* ---- results that cannot be trusted ---- */

START_TEST(too_few_replies)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2");
    run_load(&run, server.url, "-w sleep:2ms -n 49 -c 1", REFUSED);
    read_result();
    ck_assert(!measurement_valid(&result.measurement));
    ck_assert_uint_eq(result.measurement.reason_count, 1);
    program_expect_part(result.measurement.reasons[0], "only 49 replies in ");
    program_expect_part(run.output, "  refused    only 49 replies in ");
    char *json = scratch_read("json");
    program_expect_part(json, "\"valid\": false");
    free(json);
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

static const struct {
    const char *reply;
    enum bench_failure failure;
    const char *said;
} bad_replies[] = {
    {"+OOPS\r\n", BENCH_WRONG_REPLY, " replies that do not match their request\n"},
    {"-ERR tired\r\n", BENCH_ERROR_REPLY, " error replies\n"},
    {"HTTP/1.1 400\r\n", BENCH_MALFORMED, " connections that sent malformed replies\n"},
    {"+PONG\r\n+PONG\r\n", BENCH_MALFORMED, " connections that sent malformed replies\n"},
};

START_TEST(bad_reply)
{
    struct fake_server server;
    struct program_run run;
    fake_server_start(&server, bad_replies[_i].reply, 0);
    run_load(&run, server.url, "-c 4 -n 500", ERRORS);
    read_result();
    const struct measurement *measured = &result.measurement;
    bool right_first = strncmp(bad_replies[_i].reply, "+PONG", 5) == 0;
    ck_assert_uint_ge(measured->failures[bad_replies[_i].failure], 4);
    ck_assert_uint_eq(measured->failures_total, measured->failures[bad_replies[_i].failure]);
    ck_assert_uint_eq(measured->response.count, right_first ? 4 : 0);
    if (!right_first)
        ck_assert_double_eq(measured->throughput_rps, 0);
    ck_assert_int_eq(measured->first_failure[0], bad_replies[_i].reply[0]);
    program_expect_part(run.output, bad_replies[_i].said);
    program_run_free(&run);
    fake_server_stop(&server);
}
END_TEST

/* What was measured until then is reported. */
START_TEST(server_dies_in_the_middle)
{
    struct fake_server server;
    struct program_run run;
    fake_server_start(&server, "+PONG\r\n", 1000);
    run_load(&run, server.url, "-c 4 -d 20s -W 0s", ERRORS);
    read_result();
    const struct measurement *measured = &result.measurement;
    ck_assert_uint_ge(measured->response.count, 990);
    ck_assert_uint_le(measured->response.count, 1000);
    ck_assert_uint_ge(measured->failures[BENCH_CLOSED], 1);
    ck_assert_uint_eq(measured->connections_end, 0);
    ck_assert_double_lt(measured->measured_s, 20);
    program_expect_part(run.output, " requests on connections that were closed or reset\n");
    program_expect_part(run.output, "only 0 of 4 connections were open at the end\n");
    program_run_free(&run);
    fake_server_stop(&server);
}
END_TEST

/* Nothing is owed when it closes: no request fails, but there is nobody left to measure. */
START_TEST(server_closes_idle_connections)
{
    struct fake_server server;
    struct program_run run;
    fake_server_start(&server, "+PONG\r\n", 1);
    run_load(&run, server.url, "-c 2 -R 5 --arrivals constant -d 60s -W 0s", ERRORS);
    read_result();
    ck_assert_uint_eq(result.measurement.connections_end, 0);
    ck_assert_double_lt(result.measurement.measured_s, 10);
    program_run_free(&run);
    fake_server_stop(&server);
}
END_TEST

START_TEST(nobody_listens)
{
    struct fake_server server;
    struct program_run run;
    char address[64];
    fake_server_start(&server, "", 0);
    fake_server_stop(&server);
    snprintf(address, sizeof(address), "127.0.0.1:%s", strrchr(server.url, ':') + 1);
    scratch_write("json", "earlier results");
    run_load(&run, server.url, "-n 100", USAGE);
    program_expect_part(run.errors, address);
    program_expect_part(run.errors, "Connection refused");
    ck_assert_str_eq(run.output, "");
    char *json = scratch_read("json");
    ck_assert_str_eq(json, "earlier results");
    free(json);
    program_run_free(&run);
}
END_TEST

static const char *const outputs[] = {"--json", "--csv", "--hgrm"};

/* The results are on the screen all the same. */
START_TEST(disk_is_full)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2");
    const char *const words[] = {"load", "-t", server.url,  "-n",        "200",
                                 "-c",   "1",  outputs[_i], "/dev/full", NULL};
    program_expect(&run, program_path("crew-bench"), words, NULL, ERRORS);
    ck_assert_str_eq(run.errors,
                     "crew-bench load: cannot write /dev/full: No space left on device\n");
    program_expect_part(run.output, "  throughput ");
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* Ctrl-C ends it early, with what was measured. */
START_TEST(interrupted)
{
    struct fixture server;
    struct server_process load;
    char error[BENCH_ERROR_SIZE];
    int status = 0;
    fixture_start(&server, "--workers 4");
    const char *const words[] = {
        "load", "-t", server.url, "-w",     "sleep:2ms",          "-c", "8", "-d",
        "600s", "-W", "0s",       "--json", scratch_path("json"), NULL};
    ck_assert_msg(server_process_start(&load, program_path("crew-bench"), words, error), "%s",
                  error);
    fixture_wait_info(&server, "requests_total", 500);
    server_process_signal(&load, SIGINT);
    ck_assert(server_process_wait_exit(&load, PATIENCE_MS, &status));
    ck_assert(WIFEXITED(status));
    ck_assert(WEXITSTATUS(status) == MEASURED || WEXITSTATUS(status) == REFUSED);
    ck_assert(server_process_wait_log(&load, "sleep:2ms on ", PATIENCE_MS));
    ck_assert(server_process_wait_log(&load, " (interrupted)\n", PATIENCE_MS));
    (void)server_process_stop(&load, PATIENCE_MS);
    read_result();
    ck_assert(result.interrupted);
    ck_assert_uint_gt(result.measurement.response.count, 100);
    fixture_stop(&server);
}
END_TEST

Suite *load_suite(void)
{
    Suite *suite = suite_create("load");
    TCase *tests = tcase_create("load");
    tcase_add_checked_fixture(tests, scratch_folder_make, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, closed_loop);
    tcase_add_test(tests, open_loop);
    tcase_add_loop_test(tests, overload_is_unstable, 0, 2);
    tcase_add_test(tests, number_of_requests);
    tcase_add_test(tests, other_files);
    tcase_add_test(tests, unix_socket);
    tcase_add_loop_test(tests, raw_server, 0, 2);
    tcase_add_test(tests, too_few_replies);
    tcase_add_loop_test(tests, bad_reply, 0, sizeof(bad_replies) / sizeof(bad_replies[0]));
    tcase_add_test(tests, server_dies_in_the_middle);
    tcase_add_test(tests, server_closes_idle_connections);
    tcase_add_test(tests, nobody_listens);
    tcase_add_loop_test(tests, disk_is_full, 0, sizeof(outputs) / sizeof(outputs[0]));
    tcase_add_test(tests, interrupted);
    suite_add_tcase(suite, tests);
    return suite;
}
