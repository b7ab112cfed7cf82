/* SPDX-License-Identifier: MIT */
/* crew-bench slo as people run it: what it finds, against theory, and how it ends otherwise. */
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FOUND, PROBLEMS, USAGE, UNDETERMINED, WORDS = 24, SEARCHES_MS = 60000 };

/* Short trials, one at each rate. */
#define QUICK "-d", "100ms", "-p", "20%", "-r", "1"

static const char *bench(void)
{
    return program_path("crew-bench");
}

/* The number between two texts; NAN when they are not there. */
static double number_between(const char *output, const char *before, const char *after)
{
    const char *at = strstr(output, before);
    if (at == NULL)
        return NAN;
    char *end = NULL;
    double number = strtod(at + strlen(before), &end);
    return strncmp(end, after, strlen(after)) == 0 ? number : NAN;
}

static void expect_part(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in '%s'", part, text);
}

/*
 * Searches until the outcome is as expected: a machine that others need meanwhile finds less, or
 * nothing certain. Fails the test when it is not so within SEARCHES_MS.
 */
static void search(struct program_run *run, const char *const *words, int status,
                   bool (*as_expected)(const char *output, int index), int index)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)SEARCHES_MS * NS_PER_MS;
    for (;;) {
        program_run(run, bench(), words, NULL);
        if (run->status == status && as_expected(run->output, index))
            return;
        ck_assert_msg(monotonic_ns() < deadline_ns, "%d instead of %d: '%s' and '%s'", run->status,
                      status, run->output, run->errors);
        program_run_free(run);
    }
}

/* What was found for a count: "1 worker". Short windows may let the whole capacity pass. */
static double highest_rate(const char *output, const char *count)
{
    char text[96];
    snprintf(text, sizeof(text), "%s: p90<20ms holds at every rate that was tried, up to ", count);
    if (strstr(output, text) == NULL)
        snprintf(text, sizeof(text), "%s: p90<20ms holds up to ", count);
    return number_between(output, text, " requests/s");
}

/*
 * With requests of 2 ms that arrive at random, a worker can be busy for about 85 % of its time
 * (M/D/1) before one in ten waits for more than 18 ms, and never for more than all of it.
 */
static bool near_theory(double rate_rps, int workers)
{
    return rate_rps >= 200 * workers && rate_rps <= 500 * workers;
}

static bool both_near_theory(const char *output, int index)
{
    (void)index;
    return near_theory(highest_rate(output, "1 worker"), 1) &&
           near_theory(highest_rate(output, "2 workers"), 2);
}

START_TEST(theory)
{
    struct program_run run;
    char path[64];
    char json[20000] = "";
    int fd = memfd_create("json", MFD_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)getpid(), fd);
    const char *const words[] = {"slo", "p90<20ms", "-N",     "2,1", "-w",  "sleep:2ms",
                                 "-c",  "32",       "--json", path,  QUICK, NULL};
    search(&run, words, FOUND, both_near_theory, 0);
    expect_part(run.output, "  2 workers \xe2\x96\x88");
    ck_assert_str_eq(run.errors, "");
    ck_assert_int_gt(pread(fd, json, sizeof(json) - 1, 0), 0);
    expect_part(json, "\"schema\": \"crew-bench/slo/1\"");
    expect_part(json, "\"quantile\": 0.9,");
    expect_part(json, "\"verdict\": \"found\"");
    close(fd);
    program_run_free(&run);
}
END_TEST

static bool server_near_theory(const char *output, int index)
{
    (void)index;
    return near_theory(number_between(output, ": p90<20ms holds up to ", " requests/s"), 1);
}

START_TEST(running_server)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 1");
    const char *const words[] = {"slo",       "p90<20ms", "-t", server.url, "-w",
                                 "sleep:2ms", "-c",       "32", QUICK,      NULL};
    search(&run, words, FOUND, server_near_theory, 0);
    expect_part(run.output, server.url);
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* Ends that are no rate between two others. */
static const struct {
    const char *words[WORDS];
    int status;
    const char *output;
} ends[] = {
    {{"slo", "p50<10s", "-N", "1", "-w", "sleep:2ms", "-c", "32", "--max-duration", "500ms", QUICK},
     FOUND,
     "1 worker: p50<10s holds at every rate that was tried, up to "},
    {{"slo", "p50<1ms", "-N", "1", "-w", "sleep:2ms", "-c", "32", "--max-duration", "1s", QUICK},
     UNDETERMINED,
     "1 worker: p50<1ms is missed even at "},
    {{"slo", "p99.99<1s", "-N", "1", "-w", "sleep:2ms", "-c", "32", "--max-duration", "1s", QUICK},
     UNDETERMINED,
     "1 worker: not determined: p99.99 needs 60,"},
};

static bool ends_so(const char *output, int index)
{
    return strstr(output, ends[index].output) != NULL;
}

START_TEST(an_end)
{
    struct program_run run;
    search(&run, ends[_i].words, ends[_i].status, ends_so, _i);
    ck_assert_str_eq(run.errors, "");
    program_run_free(&run);
}
END_TEST

static const struct {
    const char *words[WORDS];
    int status;
    const char *error;
} mistakes[] = {
    {{"slo"}, USAGE, "0 of 1 words given: OBJECTIVE [options]"},
    {{"slo", "p99"},
     USAGE,
     "OBJECTIVE: 'p99' is not allowed: it takes a percentile and a limit, such as p99<10ms, "
     "p99.9<50ms or p50<300us (in quotes, for < is the shell's)"},
    {{"slo", "p100<1ms"}, USAGE, "OBJECTIVE: 'p100<1ms' is not allowed"},
    {{"slo", "p99<1ms", "-p", "5"}, USAGE, "--precision: '5' is not allowed: it takes 0.5% to 50%"},
    {{"slo", "p99<1ms", "-p", "0.4%"}, USAGE, "--precision: '0.4%' is not allowed"},
    {{"slo", "p99<1ms", "-p", "1e1%"}, USAGE, "--precision: '1e1%' is not allowed"},
    {{"slo", "p99<1ms", "-p", "%"}, USAGE, "--precision: '%' is not allowed"},
    {{"slo", "p99<1ms", "-N", "1,1"},
     USAGE,
     "--workers: '1,1' is not allowed: it takes up to 32 different integers from 1 to 1024"},
    {{"slo", "p99<1ms", "-N", "8", "-c", "15"},
     USAGE,
     "--connections: '15' is not allowed: it takes at least 16, twice the largest worker count"},
    {{"slo", "p99<1ms", "-d", "3s", "--max-duration", "2s"},
     USAGE,
     "--max-duration: 2s is shorter than the --duration of 3s"},
    {{"slo", "p99<1ms", "-t", "tcp://127.0.0.1:1", "-N", "1"},
     USAGE,
     "--workers is for servers that are started here"},
    {{"slo", "p99<1ms", "-t", "tcp://127.0.0.1:1", "--server-program", "x"},
     USAGE,
     "--server-program is for servers that are started here"},
    {{"slo", "p99<1ms", "-t", "tcp://127.0.0.1:1", "-w", "text:a"},
     USAGE,
     "workload 'text:a' needs a raw:// target"},
    {{"slo", "p99<1ms", "-w", "text:a"},
     USAGE,
     "workload 'text:a' is for raw:// servers: give the --target"},
    {{"slo", "p99<1ms", "-w", "dance"}, USAGE, "workload 'dance' is unknown"},
    {{"slo", "p99<1ms", "--json", "/nonexistent/a"}, USAGE, "cannot write /nonexistent/a"},
    {{"slo", "p99<1ms", "--server-program", "/nonexistent/a"},
     USAGE,
     "cannot run the server /nonexistent/a: No such file or directory"},
    {{"slo", "p99<1ms", "-t", "tcp://127.0.0.1:1"},
     USAGE,
     "tcp://127.0.0.1:1: cannot connect to 127.0.0.1:1: Connection refused"},
    {{"slo", "p99<1ms", "-N", "1", "-w", "cmd:DANCE"},
     PROBLEMS,
     "1 worker: no request was answered as it should: -ERR unknown command 'DANCE'"},
};

START_TEST(a_mistake)
{
    struct program_run run;
    program_expect(&run, bench(), mistakes[_i].words, NULL, mistakes[_i].status);
    expect_part(run.errors, mistakes[_i].error);
    program_run_free(&run);
}
END_TEST

/* The first worker count is done, the second one is not. */
START_TEST(interrupted)
{
    struct server_process process;
    char error[BENCH_ERROR_SIZE];
    const char *const words[] = {"slo",       "p90<20ms", "-N", "1,2", "-w",
                                 "sleep:2ms", "-c",       "32", QUICK, NULL};
    int status = 0;
    ck_assert_msg(server_process_start(&process, bench(), words, error), "%s", error);
    ck_assert(server_process_wait_log(&process, "1 worker: closed loop ", PROGRAM_MS));
    server_process_signal(&process, SIGINT);
    ck_assert(server_process_wait_exit(&process, PATIENCE_MS, &status));
    struct byte_buffer log = {0};
    server_process_log(&process, &log);
    byte_buffer_append(&log, "", 1);
    ck_assert(!log.failed);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == PROBLEMS, "%s", log.bytes);
    expect_part(log.bytes, "crew-bench slo: interrupted\n");
    expect_part(log.bytes, "\n1 worker: p90<20ms holds up to ");
    expect_part(log.bytes, "\n2 workers: incomplete: ");
    byte_buffer_free(&log);
    server_process_stop(&process, PATIENCE_MS);
}
END_TEST

Suite *slo_suite(void)
{
    Suite *suite = suite_create("slo");
    TCase *tests = tcase_create("slo");
    tcase_set_timeout(tests, 180);
    tcase_add_test(tests, theory);
    tcase_add_test(tests, running_server);
    tcase_add_loop_test(tests, an_end, 0, COUNT(ends));
    tcase_add_loop_test(tests, a_mistake, 0, COUNT(mistakes));
    tcase_add_test(tests, interrupted);
    suite_add_tcase(suite, tests);
    return suite;
}
