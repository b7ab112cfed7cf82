/* SPDX-License-Identifier: MIT */
/* What does not fit together among the options of crew-bench load: each mistake is explained. */
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_USAGE = 2, WORDS = 8 };

static const struct {
    const char *words[WORDS];
    const char *said;
} mistakes[] = {
    {{"-t", "raw://127.0.0.1:1"},
     "workload 'ping' needs a target that speaks RESP; a raw:// target takes 'text:MESSAGE'"},
    {{"-w", "text:Hi"}, "workload 'text:Hi' needs a raw:// target"},
    {{"-t", "raw://127.0.0.1:1", "-w", "text:Hi", "-P", "2"},
     "--pipeline is for RESP: a request to a raw:// server ends its connection"},
    {{"-w", "mix:50%ping,50%text:Hi"},
     "workload 'mix:50%ping,50%text:Hi': text: is not allowed in a mix: it is for raw:// servers"},
    {{"-d", "1s", "-n", "5"}, "--duration and --requests both end the run: give one of them"},
    {{"-W", "1s", "-n", "5"}, "--warmup is for runs that a time ends: with --requests all count"},
    {{"--inflight", "5"}, "--inflight is for an open loop: give --rate too"},
    {{"-R", "5", "-P", "2"}, "--pipeline is for a closed loop: with --rate give --inflight"},
    {{"-R", "5", "-T", "4", "--inflight", "3"},
     "--inflight has to be at least --threads, which share it"},
    {{"-R", "0"},
     "--rate: '0' is not allowed: it takes requests per second from 0.01 to 10m, such as 500, "
     "2.5k or 1m"},
    {{"-w", "echo:16m", "-P", "1000"},
     "outstanding requests x request size is over 2 GiB: lower --connections, --pipeline or "
     "--inflight"},
    {{"-w", "echo:1m", "-R", "10"},
     "outstanding requests x request size is over 2 GiB: lower --connections, --pipeline or "
     "--inflight"},
    {{"--json", "/tmp/a", "--csv", "/tmp/a"},
     "/tmp/a is given for two outputs: each needs a file of its own"},
    {{"--hgrm", "/missing/file"}, "cannot write /missing/file: No such file or directory"},
};

START_TEST(a_mistake_is_explained)
{
    struct program_run run;
    const char *words[WORDS + 2] = {"load"};
    char expected[400];
    for (size_t i = 0; mistakes[_i].words[i] != NULL; i++)
        words[i + 1] = mistakes[_i].words[i];
    program_expect(&run, program_path("crew-bench"), words, NULL, EXIT_USAGE);
    /* What the options say about each other points to --help. */
    snprintf(expected, sizeof(expected), "crew-bench load: %s", mistakes[_i].said);
    ck_assert_msg(strncmp(run.errors, expected, strlen(expected)) == 0, "%s", run.errors);
    ck_assert_str_eq(run.output, "");
    program_run_free(&run);
}
END_TEST

Suite *load_options_suite(void)
{
    Suite *suite = suite_create("load_options");
    TCase *tests = tcase_create("load_options");
    tcase_add_loop_test(tests, a_mistake_is_explained, 0, sizeof(mistakes) / sizeof(mistakes[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
