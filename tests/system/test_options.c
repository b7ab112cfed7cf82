/* SPDX-License-Identifier: MIT */
/* The options of all programs: what is not allowed ends with status 2 and says what would be. */
#include "common/version.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { EXIT_USAGE = 2 };

struct program {
    const char *file;
    const char *subcommand; /* NULL for none */
    const char *label;      /* how its errors begin */
};

static const struct program server = {"crew-server", NULL, "crew-server"};
static const struct program client = {"crew-client", NULL, "crew-client"};
static const struct program bench = {"crew-bench", NULL, "crew-bench"};
static const struct program load = {"crew-bench", "load", "crew-bench load"};
static const struct program sweep = {"crew-bench", "sweep", "crew-bench sweep"};

/* Runs it with up to two words; the second may be NULL. */
static void run_words(struct program_run *run, const struct program *program, const char *first,
                      const char *second, int status)
{
    const char *words[4] = {NULL};
    size_t count = 0;
    if (program->subcommand != NULL)
        words[count++] = program->subcommand;
    words[count++] = first;
    words[count] = second;
    program_expect(run, program_path(program->file), words, NULL, status);
}

/* ---- options with a range ---- */

#define INTEGER(low, high) "an integer from " #low " to " #high
#define SIZE(low, high)    "a size from " low " to " high ", such as 4096, 64k or 1m"
#define TIMES(low, high)   "a time from " low " to " high ", such as 250ms or 1.5s"

enum { WRONG_VALUES = 5 };

/* Every list begins with something below the range and something above it. */
static const struct {
    const struct program *program;
    const char *name;
    const char *unit;
    const char *allowed;
    const char *wrong[WRONG_VALUES];
} ranges[] = {
    {&server, "workers", "threads", INTEGER(0, 1024), {"-1", "1025", "x", "", "2.5"}},
    {&server, "max-connections", "connections", INTEGER(1, 1000000), {"0", "1000001", "x", "", ""}},
    {&server,
     "max-connections-per-peer",
     "connections",
     INTEGER(0, 1000000),
     {"-1", "1000001", "1k", "", "-"}},
    {&server, "max-request-bytes", "bytes", SIZE("1KiB", "512MiB"), {"1023", "513m", "x", "", "-"}},
    {&server, "max-output-bytes", "bytes", SIZE("64KiB", "4GiB"), {"65535", "5g", "1x", "", "-1"}},
    {&server, "max-client-memory", "bytes", SIZE("0", "1024GiB"), {"-1", "1025g", "1x", "", "-"}},
    {&server, "max-arguments", "count", INTEGER(16, 16777216), {"15", "16777217", "x", "", "1m"}},
    {&server, "backlog", "connections", INTEGER(1, 65535), {"0", "65536", "0x10", "", " 1"}},
    {&server,
     "tls-client-certificates",
     "choice",
     "one of none|optional|required",
     {"never", "all", "", "NONE", "none|optional"}},
    {&server, "idle-timeout", "time", TIMES("0s", "86400s"), {"-1s", "25h", "never", "", "1 s"}},
    {&server, "request-timeout", "time", TIMES("0s", "3600s"), {"-1s", "2h", "never", "", "1 s"}},
    {&server, "output-timeout", "time", TIMES("1s", "3600s"), {"0", "3601s", "never", "", "1 s"}},
    {&server, "drain-timeout", "time", TIMES("0s", "3600s"), {"-1s", "3601s", "soon", "", "1 s"}},
    {&server, "stuck-after", "time", TIMES("0s", "3600s"), {"-1s", "3601s", "never", "", "1 s"}},
    {&server, "cpu-iterations", "count", INTEGER(0, 10000000), {"-1", "10000001", "x", "", "1 "}},
    {&server,
     "log-level",
     "level",
     "one of debug|info|warn|error",
     {"trace", "fatal", "INFO", "", "debug|info"}},
    {&client, "port", "port", INTEGER(1, 65535), {"0", "65536", "http", "", "+1"}},
    {&client,
     "repeat",
     "count",
     INTEGER(-1, 9223372036854775807),
     {"-2", "9223372036854775808", "x", "", "1.0"}},
    {&client, "interval", "time", TIMES("0s", "86400s"), {"-1", "86401", "x", "", "1d"}},
    {&client, "connect-timeout", "time", TIMES("1ms", "86400s"), {"0", "25h", "x", "", "1..0"}},
    {&client, "timeout", "time", TIMES("0s", "86400s"), {"-1ms", "25h", "x", "", "ms"}},
    {&load, "connections", "count", INTEGER(1, 65536), {"0", "65537", "x", "", "1e3"}},
    {&load, "threads", "count", INTEGER(1, 64), {"0", "65", "x", "", "-"}},
    {&load, "pipeline", "requests", INTEGER(1, 65536), {"0", "65537", "x", "", "1k"}},
    {&load, "duration", "time", TIMES("1ms", "86400s"), {"0", "25h", "x", "", "-1s"}},
    {&load,
     "requests",
     "count",
     INTEGER(1, 4611686018427387903),
     {"0", "4611686018427387904", "x", "", "1m"}},
    {&load, "timeout", "time", TIMES("1ms", "86400s"), {"0", "25h", "x", "", "-1s"}},
    {&sweep, "duration", "time", TIMES("10ms", "3600s"), {"9ms", "61m", "x", "", "-1s"}},
    {&sweep, "blocks", "count", INTEGER(1, 1000), {"0", "1001", "x", "", "3x"}},
    {&sweep, "connections", "count", INTEGER(1, 16000), {"0", "16001", "x", "", "-5"}},
    {&sweep, "threads", "count", INTEGER(1, 64), {"0", "65", "x", "", "all"}},
    {&sweep,
     "seed",
     "number",
     INTEGER(0, 9223372036854775807),
     {"-1", "9223372036854775808", "x", "", "0x1"}},
    {&sweep, "timeout", "time", TIMES("10ms", "3600s"), {"9ms", "2h", "x", "", "-1s"}},
};

START_TEST(a_value_out_of_range_is_explained)
{
    char option[64];
    char joined[128];
    char expected[400];
    snprintf(option, sizeof(option), "--%s", ranges[_i].name);
    for (size_t i = 0; i < WRONG_VALUES; i++) {
        const char *value = ranges[_i].wrong[i];
        snprintf(joined, sizeof(joined), "%s=%s", option, value);
        snprintf(expected, sizeof(expected), "%s: %s: '%s' is not allowed: it takes %s\n",
                 ranges[_i].program->label, option, value, ranges[_i].allowed);
        const char *const forms[][2] = {{option, value}, {joined, NULL}};
        for (size_t form = 0; form < COUNT(forms); form++) {
            struct program_run run;
            run_words(&run, ranges[_i].program, forms[form][0], forms[form][1], EXIT_USAGE);
            ck_assert_str_eq(run.errors, expected);
            ck_assert_str_eq(run.output, "");
            program_run_free(&run);
        }
    }
}
END_TEST

START_TEST(a_missing_value_is_explained)
{
    char option[64];
    char expected[200];
    struct program_run run;
    snprintf(option, sizeof(option), "--%s", ranges[_i].name);
    snprintf(expected, sizeof(expected), "%s: %s needs a value: <%s>\n", ranges[_i].program->label,
             option, ranges[_i].unit);
    run_words(&run, ranges[_i].program, option, NULL, EXIT_USAGE);
    ck_assert_str_eq(run.errors, expected);
    ck_assert_str_eq(run.output, "");
    program_run_free(&run);
}
END_TEST

/* ---- everything else that is wrong ---- */

#define URL_FORMS "it takes tcp://host:port, tls://host:port, unix:///path or raw://host:port"

static const struct {
    const struct program *program;
    const char *words[2];
    const char *said; /* after the label */
} mistakes[] = {
    {&server, {"--wrokers", "3"}, "unknown option --wrokers; did you mean --workers?"},
    {&server, {"--nonsense"}, "unknown option --nonsense; --help lists all options"},
    {&server, {"-z"}, "unknown option -z; --help lists all options"},
    {&server, {"--help=x"}, "--help takes no value"},
    {&server, {"start"}, "unexpected word 'start'; --help lists all options"},
    {&server, {"--listen"}, "--listen needs a value: <url>"},
    {&server, {"-l", ""}, "--listen: '' has no known scheme: " URL_FORMS},
    {&server, {"-l", "http://h:1"}, "--listen: 'http://h:1' has no known scheme: " URL_FORMS},
    {&server, {"-l", "tcp://h"}, "--listen: 'tcp://h' has no port: " URL_FORMS},
    {&server,
     {"-l", "tcp://h:65536"},
     "--listen: 'tcp://h:65536' has a port that is not 0 to 65535: " URL_FORMS},
    {&server,
     {"-l", "tcp://::1:5"},
     "--listen: 'tcp://::1:5' has no usable host (IPv6 stands in brackets): " URL_FORMS},
    {&server, {"-l", "unix://path"}, "--listen: 'unix://path' needs an absolute path: " URL_FORMS},
    {&server,
     {"-l", "unix:///a?mode=9"},
     "--listen: 'unix:///a?mode=9' has an option other than ?mode=0600 to 0777: " URL_FORMS},
    {&server,
     {"--raw-command", "FOO"},
     "--raw-command: 'FOO' is not allowed: it takes a command's name and words, such as GREET or "
     "ECHO"},
    {&server,
     {"--raw-command", "auth"},
     "--raw-command: 'auth' is not allowed: a raw:// client has no login, nor a conversation to "
     "end"},
    {&server,
     {"--raw-command", ""},
     "--raw-command: '' is not allowed: it takes a command's name and words, such as GREET or "
     "ECHO"},
    {&server,
     {"--raw-command", "ECHO \"a"},
     "--raw-command: 'ECHO \"a' is not allowed: its quotes are not balanced"},
    {&server, {"--tls-certificate", "/no/such"}, "--tls-certificate and --tls-key go together"},
    {&server, {"--tls-key", "/no/such"}, "--tls-certificate and --tls-key go together"},
    {&server,
     {"--tls-ca", "/no/such"},
     "--tls-ca and --tls-client-certificates optional or required go together"},
    {&server,
     {"--tls-ca=/no/such", "--tls-client-certificates=required"},
     "--tls-ca needs --tls-certificate and --tls-key"},
    {&client, {"--prot", "3"}, "unknown option --prot; did you mean --port?"},
    {&client, {"-z"}, "unknown option -z; --help lists all options"},
    {&client, {"--json=1"}, "--json takes no value"},
    {&client, {"--server", "foo"}, "--server: 'foo' has no known scheme: " URL_FORMS},
    {&client,
     {"--host", ""},
     "--host takes a name or address of 1 to 255 bytes; --help lists all options"},
    {&client,
     {"--socket", ""},
     "--socket takes a path of 1 to 107 bytes; --help lists all options"},
    {&client,
     {"--tls-insecure", "PING"},
     "the options that begin with --tls are for tls:// servers"},
    {&client,
     {"--raw", "--json"},
     "--raw, --no-raw and --json exclude each other; --help lists all options"},
    {&client,
     {"--socket=/x", "--port=1"},
     "--socket does not go with --host or --port; --help lists all options"},
    {&client,
     {"--user", "bob"},
     "--user needs a password: --password, --password-file or CREW_PASSWORD; --help lists all "
     "options"},
    {&client, {"-x"}, "--stdin-last needs a command; --help lists all options"},
    {&bench, {"laod"}, "unknown subcommand 'laod'; --help lists all"},
    {&load, {"--connection", "3"}, "unknown option --connection; did you mean --connections?"},
    {&load, {"now"}, "unexpected word 'now'; --help lists all options"},
    {&load,
     {"--workload", "foo"},
     "workload 'foo' is unknown: it takes ping, echo:SIZE, cpu:TIME, sleep:TIME, lock:TIME, "
     "cmd:COMMAND or text:MESSAGE"},
    {&load,
     {"--workload", "echo:0"},
     "workload 'echo:0' needs a size from 1 to 16m, as in echo:64 or echo:1k"},
    {&load,
     {"--workload", "sleep:3"},
     "workload 'sleep:3' needs a time in whole microseconds up to 60s, with a unit: 2ms, exp:2ms "
     "or bimodal:1ms:20ms:5%"},
    {&load,
     {"--duration=1s", "--requests=1"},
     "--duration and --requests both end the run: give one of them"},
    {&load, {"--json", "/missing/file"}, "cannot write /missing/file: No such file or directory"},
    {&sweep, {"--wokers", "3"}, "unknown option --wokers; did you mean --workers?"},
    {&sweep,
     {"--workers", "0"},
     "--workers: '0' is not allowed: it takes up to 32 different integers from 1 to 1024, such as "
     "1,2,4,8"},
    {&sweep,
     {"--workers", "1,1"},
     "--workers: '1,1' is not allowed: it takes up to 32 different integers from 1 to 1024, such "
     "as 1,2,4,8"},
    {&sweep,
     {"--workers", "1,,2"},
     "--workers: '1,,2' is not allowed: it takes up to 32 different integers from 1 to 1024, such "
     "as 1,2,4,8"},
    {&sweep,
     {"--workers", "1025"},
     "--workers: '1025' is not allowed: it takes up to 32 different integers from 1 to 1024, such "
     "as 1,2,4,8"},
    {&sweep,
     {"--server-program", "/missing"},
     "cannot run the server /missing: No such file or directory (see --server-program)"},
    {&sweep,
     {"--workload", "foo"},
     "workload 'foo' is unknown: it takes ping, echo:SIZE, cpu:TIME, sleep:TIME, lock:TIME, "
     "cmd:COMMAND or text:MESSAGE"},
    {&sweep, {"--csv", "/missing/file"}, "cannot write /missing/file: No such file or directory"},
};

START_TEST(a_mistake_is_explained)
{
    char expected[400];
    struct program_run run;
    snprintf(expected, sizeof(expected), "%s: %s\n", mistakes[_i].program->label,
             mistakes[_i].said);
    run_words(&run, mistakes[_i].program, mistakes[_i].words[0], mistakes[_i].words[1], EXIT_USAGE);
    ck_assert_str_eq(run.errors, expected);
    ck_assert_str_eq(run.output, "");
    program_run_free(&run);
}
END_TEST

START_TEST(one_listener_too_many_is_refused)
{
    const char *words[36] = {NULL};
    struct program_run run;
    for (size_t i = 0; i < 34; i += 2) {
        words[i] = "--listen";
        words[i + 1] = "tcp://127.0.0.1:0";
    }
    program_expect(&run, program_path("crew-server"), words, NULL, EXIT_USAGE);
    ck_assert_str_eq(run.errors, "crew-server: --listen: 'tcp://127.0.0.1:0' is not allowed: it "
                                 "takes at most 16 values\n");
    program_run_free(&run);
}
END_TEST

/* ---- help and version ---- */

static const struct {
    const struct program *program;
    const char *options; /* each between spaces */
} helps[] = {
    {&server, "--listen --workers --max-connections --max-connections-per-peer --max-request-bytes "
              "--max-output-bytes --max-client-memory --backlog --raw-command --tls-certificate "
              "--tls-key --tls-ca --tls-client-certificates --idle-timeout --request-timeout "
              "--login-timeout --output-timeout --drain-timeout --stuck-after --cpu-iterations "
              "--shed --shed-interval --shed-target --log-level --help --version"},
    {&client, "--server --host --port --socket --tls-ca --tls-certificate --tls-key "
              "--tls-insecure --user --password --resp3 --raw --no-raw --json "
              "--repeat --interval --stdin-last --connect-timeout --timeout --help --version"},
    {&bench, "load sweep"},
    {&load, "--target --tls-ca --tls-certificate --tls-key --tls-insecure --workload --connections "
            "--threads --pipeline --duration --requests "
            "--timeout --warmup --rate --arrivals --inflight --seed --json --csv --hgrm --help"},
    {&sweep, "--workers --workload --quick --blocks --duration --connections --threads "
             "--latency-blocks --rates --reference --slo --slo-rate --seed --timeout "
             "--server-program --json --resume --html --csv --series-csv --benchstat --help"},
};

START_TEST(help_lists_every_option)
{
    struct program_run run;
    char names[500];
    run_words(&run, helps[_i].program, "--help", NULL, 0);
    ck_assert_str_eq(run.errors, "");
    snprintf(names, sizeof(names), "Usage: %s ", helps[_i].program->label);
    ck_assert_int_eq(strncmp(run.output, names, strlen(names)), 0);
    snprintf(names, sizeof(names), "%s", helps[_i].options);
    char *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        char listed[64];
        snprintf(listed, sizeof(listed), " %s ", name);
        ck_assert_msg(strstr(run.output, listed) != NULL, "no%sin %s", listed, run.output);
    }
    program_run_free(&run);
}
END_TEST

START_TEST(version_is_printed)
{
    static const struct program *const programs[] = {&server, &client, &bench};
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct program_run run;
        run_words(&run, programs[i], "--version", NULL, 0);
        ck_assert_str_eq(run.output, "crew " CREW_VERSION "\n");
        ck_assert_str_eq(run.errors, "");
        program_run_free(&run);
    }
}
END_TEST

Suite *options_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_value_out_of_range_is_explained, 0, COUNT(ranges));
    tcase_add_loop_test(tests, a_missing_value_is_explained, 0, COUNT(ranges));
    tcase_add_loop_test(tests, a_mistake_is_explained, 0, COUNT(mistakes));
    tcase_add_test(tests, one_listener_too_many_is_refused);
    tcase_add_loop_test(tests, help_lists_every_option, 0, COUNT(helps));
    tcase_add_test(tests, version_is_printed);
    suite_add_tcase(suite, tests);
    return suite;
}
