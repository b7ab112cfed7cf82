/* SPDX-License-Identifier: MIT */
/* The tools that come with Redis, as they are: crew is to look like a server to them. */
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { WORDS = 8 };

/* The tool that the tests of a case run; NULL to skip them. Found once, by the parent. */
static const char *tool;

static void find_cli(void)
{
    tool = program_peer("redis-cli");
}

static void find_benchmark(void)
{
    tool = program_peer("redis-benchmark");
}

/* Runs the tool with -p PORT and the words. */
static void run_tool(struct program_run *run, const struct fixture *server,
                     const char *const *words, const char *input)
{
    const char *all[WORDS + 3] = {"-p", strrchr(server->url, ':') + 1};
    for (size_t i = 0; i < WORDS && words[i] != NULL; i++)
        all[2 + i] = words[i];
    program_expect(run, tool, all, input, 0);
}

/* What is to be in the output, in this order; `input` is typed where there are no words. */
static const struct {
    const char *words[WORDS];
    const char *input;
    const char *output[8];
} cli_rows[] = {
    {{"ping"}, NULL, {"PONG\n"}},
    {{"ping", "a b"}, NULL, {"a b\n"}},
    {{"-3", "ping"}, NULL, {"PONG\n"}},
    {{"-3", "hello"}, NULL, {"server crew\n", "proto 3\n", "mode standalone\n", "modules"}},
    {{"hello"}, NULL, {"server\ncrew\n", "proto\n2\n"}},
    {{"info"}, NULL, {"# Server\r\ncrew_version:", "connected_clients:1\r\n", "# CPU\r\n"}},
    {{"-3", "info", "pool"}, NULL, {"# Pool\r\nworkers:2\r\n"}},
    {{"client", "list"}, NULL, {"id=", " addr=127.0.0.1:", " resp=2 "}},
    {{"-3", "client", "list"}, NULL, {"id=", " resp=3 "}},
    {{"config", "get", "save"}, NULL, {"save\n\n"}},
    {{"foo", "bar"}, NULL, {"ERR unknown command 'foo', with args beginning with: 'bar' "}},
    {{"-r", "3", "-i", "0.01", "echo", "a"}, NULL, {"a\na\na\n"}},
    {{"-x", "echo"}, "from stdin\r\n", {"from stdin\r\n"}},
    {{"--no-raw", "command", "count"}, NULL, {"(integer) "}},
    /* Without a command it first asks for COMMAND DOCS, from which its help comes. */
    {{NULL},
     "PING\nECHO \"a b\"\nhelp client setname\nRESET\nPING again\n",
     {"PONG\n", "a b\n", "CLIENT SETNAME", "Names this connection.", " connection", "RESET\n",
      "again\n"}},
    {{"-3"}, "PING\nhelp work sleep\n", {"PONG\n", "WORK SLEEP", "Blocks its worker."}},
};

START_TEST(redis_cli_understands)
{
    struct fixture server;
    struct program_run run;
    if (tool == NULL)
        return;
    fixture_start(&server, "--workers 2");
    run_tool(&run, &server, cli_rows[_i].words, cli_rows[_i].input);
    const char *at = run.output;
    for (size_t i = 0; cli_rows[_i].output[i] != NULL; i++) {
        const char *wanted = cli_rows[_i].output[i];
        at = strstr(at, wanted);
        ck_assert_msg(at != NULL, "no '%s' (or not there) in '%s' and '%s'", wanted, run.output,
                      run.errors);
        at += strlen(wanted);
    }
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

static const struct {
    const char *words[WORDS];
    double requests;
} benchmark_rows[] = {
    {{"-t", "ping", "-n", "20000", "-q"}, 40000}, /* both PING_INLINE and PING_MBULK */
    {{"-3", "-t", "ping_mbulk", "-n", "20000", "-q"}, 20000},
    {{"-t", "ping", "-n", "20000", "-q", "-P", "16"}, 40000},
    {{"-n", "2000", "-q", "-c", "200", "ECHO", "abc"}, 2000},
};

START_TEST(redis_benchmark_reports_no_errors)
{
    struct fixture server;
    struct program_run run;
    if (tool == NULL)
        return;
    fixture_start(&server, "--workers 2");
    run_tool(&run, &server, benchmark_rows[_i].words, NULL);
    ck_assert_str_eq(run.errors, "");
    ck_assert_msg(strstr(run.output, " requests per second") != NULL, "%s", run.output);
    ck_assert_msg(strcasestr(run.output, "err") == NULL, "%s", run.output);
    ck_assert_msg(strcasestr(run.output, "warn") == NULL, "%s", run.output);
    program_run_free(&run);
    int fd = wire_connect(server.url);
    ck_assert_double_eq(wire_info(fd, "errors_total"), 0);
    ck_assert_double_ge(wire_info(fd, "requests_total"), benchmark_rows[_i].requests);
    close(fd);
    fixture_stop(&server);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, void (*find)(void))
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, find, NULL);
    suite_add_tcase(suite, tests);
    return tests;
}

Suite *redis_tools_suite(void)
{
    Suite *suite = suite_create("redis_tools");
    TCase *cli = add_case(suite, "redis-cli", find_cli);
    tcase_add_loop_test(cli, redis_cli_understands, 0, COUNT(cli_rows));
    TCase *benchmark = add_case(suite, "redis-benchmark", find_benchmark);
    tcase_add_loop_test(benchmark, redis_benchmark_reports_no_errors, 0, COUNT(benchmark_rows));
    return suite;
}
