/* SPDX-License-Identifier: MIT */
/* Programs that talk TLS to crew-server: ours and others'. */
#include "tests/system/fake_server.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fixture server;
static char url[ENDPOINT_TEXT_SIZE];

/* In `format`, '#' stands for the server's port. */
static void run(struct program_run *result, const char *program, const char *format,
                const char *input)
{
    char line[600];
    tls_bed_put_port(line, sizeof(line), format, url);
    tls_bed_run(result, program, line, input);
}

static void expect(const struct program_run *result, int status, const char *output,
                   const char *errors)
{
    ck_assert_msg(result->status == status, "ended with %d instead of %d: %s%s", result->status,
                  status, result->output, result->errors);
    program_expect_part(result->output, output);
    program_expect_part(result->errors, errors);
}

/* ---- crew-client: whom it trusts, and whom the server trusts ---- */

#define REQUIRED "--tls-client-certificates=required --tls-ca @ca.pem"
#define OPTIONAL "--tls-client-certificates=optional --tls-ca @ca.pem"
#define CLIENT   "--tls-certificate @client.pem --tls-key @client.key "
#define STRANGER "--tls-certificate @stranger.pem --tls-key @stranger.key "

#define UNTRUSTED "; --tls-ca names whom to trust, --tls-insecure trusts anybody"
#define ELSEWHERE "; the server's certificate is for others than this host"
#define NO_TLS    "; perhaps it speaks no TLS: tcp:// is for that"
#define IS_TLS    "; perhaps it speaks TLS: tls:// is for that"

/* '#' is the server's port. */
static const struct {
    const char *certificate;
    const char *options; /* of the server */
    const char *line;
    int status;
    const char *output;
    const char *errors;
} trust[] = {
    {"server", "", "--server tls://localhost:# --tls-ca @ca.pem PING", 0, "PONG\n", ""},
    {"server", "", "--server tls://127.0.0.1:# --tls-ca @ca.pem PING", 0, "PONG\n", ""},
    {"server", "", "--server tls://127.0.0.1:# --tls-ca @other.pem PING", 2, "",
     "crew-client: no TLS with 127.0.0.1:#: unable to get local issuer certificate" UNTRUSTED "\n"},
    {"server", "", "--server tls://127.0.0.1:# PING", 2, "",
     "crew-client: no TLS with 127.0.0.1:#: unable to get local issuer certificate" UNTRUSTED "\n"},
    {"elsewhere", "", "--server tls://localhost:# --tls-ca @ca.pem PING", 2, "",
     "crew-client: no TLS with localhost:#: hostname mismatch" ELSEWHERE "\n"},
    {"elsewhere", "", "--server tls://127.0.0.1:# --tls-ca @ca.pem PING", 2, "",
     "crew-client: no TLS with 127.0.0.1:#: IP address mismatch" ELSEWHERE "\n"},
    {"server", "", "--server tcp://127.0.0.1:# PING", 2, "",
     "crew-client: 127.0.0.1:# closed the connection" IS_TLS "\n"},
    {"late", "", "--server tls://127.0.0.1:# --tls-ca @ca.pem PING", 2, "",
     "crew-client: no TLS with 127.0.0.1:#: certificate has expired\n"},
    {"late", "", "--server tls://127.0.0.1:# --tls-insecure PING", 0, "PONG\n",
     "crew-client: --tls-insecure: the server can be anybody\n"},
    {"server", "", "--server tls://127.0.0.1:# --tls-insecure --tls-ca @ca.pem PING", 2, "",
     "crew-client: --tls-ca and --tls-insecure exclude each other\n"},
    {"server", "", "--server tls://127.0.0.1:# --tls-key @ca.key PING", 2, "",
     "crew-client: --tls-certificate and --tls-key go together\n"},
    {"server", "", "--server tls://127.0.0.1:# --tls-ca @none PING", 2, "",
     "crew-client: cannot read the certificate authorities "},
    {"server", REQUIRED, "--server tls://127.0.0.1:# --tls-ca @ca.pem " CLIENT "PING", 0, "PONG\n",
     ""},
    {"server", REQUIRED, "--server tls://127.0.0.1:# --tls-ca @ca.pem PING", 2, "",
     "crew-client: lost the connection to 127.0.0.1:#: tlsv13 alert certificate required\n"},
    {"server", REQUIRED, "--server tls://127.0.0.1:# --tls-ca @ca.pem " STRANGER "PING", 2, "",
     "crew-client: lost the connection to 127.0.0.1:#: tlsv1 alert unknown ca\n"},
    {"server", OPTIONAL, "--server tls://127.0.0.1:# --tls-ca @ca.pem PING", 0, "PONG\n", ""},
    {"server", OPTIONAL, "--server tls://127.0.0.1:# --tls-ca @ca.pem " CLIENT "PING", 0, "PONG\n",
     ""},
    {"server", OPTIONAL, "--server tls://127.0.0.1:# --tls-ca @ca.pem " STRANGER "PING", 2, "",
     "crew-client: lost the connection to 127.0.0.1:#: tlsv1 alert unknown ca\n"},
};

START_TEST(a_certificate_is_judged)
{
    struct program_run result;
    char expected[300];
    char options[300] = "--workers 1 ";
    if (!tls_bed_is_ready())
        return;
    const char *at = strchr(trust[_i].options, '@');
    snprintf(options, sizeof(options), "--workers 1 %.*s%s",
             (int)(at != NULL ? at - trust[_i].options : 0), trust[_i].options,
             at != NULL ? scratch_path(at + 1) : "");
    tls_bed_start(&server, trust[_i].certificate, options, url);
    run(&result, program_path("crew-client"), trust[_i].line, NULL);
    tls_bed_put_port(expected, sizeof(expected), trust[_i].errors, url);
    expect(&result, trust[_i].status, trust[_i].output, expected);
    program_run_free(&result);
    fixture_stop(&server);
}
END_TEST

START_TEST(crew_client_sends_a_batch_and_a_large_argument)
{
    enum { SIZE = 300000 };
    static char argument[SIZE + 1];
    struct program_run result;
    if (!tls_bed_is_ready())
        return;
    memset(argument, 'x', SIZE);
    tls_bed_start(&server, "server", "--workers 1", url);
    run(&result, program_path("crew-client"), "--server tls://127.0.0.1:# --tls-ca @ca.pem",
        "PING\nECHO a\nFOO\nPING\n");
    expect(&result, 1, "PONG\na\n", "");
    program_run_free(&result);
    run(&result, program_path("crew-client"), "--server tls://127.0.0.1:# --tls-ca @ca.pem -x ECHO",
        argument);
    ck_assert_uint_eq(result.output_size, SIZE + 1);
    program_run_free(&result);
    fixture_stop(&server);
}
END_TEST

/* ---- crew-bench ---- */

static const char *const loads[] = {
    "load -t tls://127.0.0.1:# --tls-ca @ca.pem -n 5000 -c 20",
    "load -t tls://127.0.0.1:# --tls-ca @ca.pem -n 5000 -c 5 -P 100",
    "load -t tls://127.0.0.1:# --tls-insecure -n 200 -c 3 -P 2 -w echo:100k",
    "load -t tls://127.0.0.1:# --tls-ca @ca.pem -R 1000 -d 200ms -c 20",
};

START_TEST(crew_bench_loads_over_tls)
{
    struct program_run result;
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 2", url);
    run(&result, program_path("crew-bench"), loads[_i], NULL);
    /* So short a run may be measured and yet not be trusted. */
    ck_assert_msg(result.status == 0 || result.status == 3, "%d: %s%s", result.status,
                  result.output, result.errors);
    program_run_free(&result);
    ck_assert_double_ge(fixture_info(&server, "tls_handshakes_total"), 2);
    ck_assert_double_eq(fixture_info(&server, "closed_tls_handshake"), 0);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_plain_server_is_told_from_a_tls_one)
{
    struct program_run result;
    char expected[200];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1", url);
    run(&result, program_path("crew-bench"), "load -t tcp://127.0.0.1:# -n 100", NULL);
    expect(&result, 1, "connection lost: closed by the server" IS_TLS "\n", "");
    program_run_free(&result);
    ck_assert_int_eq(setenv("CREW_PASSWORD", "secret", 1), 0);
    run(&result, program_path("crew-bench"), "load -t tcp://127.0.0.1:# -n 100", NULL);
    expect(&result, 2, "", "there was no answer to the password" IS_TLS "\n");
    program_run_free(&result);
    ck_assert_int_eq(unsetenv("CREW_PASSWORD"), 0);
    snprintf(url, sizeof(url), "%s", server.url); /* from here on the plain one's port */
    run(&result, program_path("crew-bench"), "load -t tls://127.0.0.1:# -n 100", NULL);
    expect(&result, 2, "", "wrong version number" NO_TLS "\n");
    program_run_free(&result);
    run(&result, program_path("crew-client"), "--server tls://127.0.0.1:# PING", NULL);
    tls_bed_put_port(expected, sizeof(expected),
                     "crew-client: no TLS with 127.0.0.1:#: wrong version number" NO_TLS "\n", url);
    expect(&result, 2, "", expected);
    program_run_free(&result);
    fixture_stop(&server);
}
END_TEST

/* Others wait for the end of a line that does not come. */
START_TEST(a_plain_server_may_be_silent)
{
    struct program_run result;
    struct fake_server silent;
    if (!tls_bed_is_ready())
        return;
    fake_server_start(&silent, "", 0);
    snprintf(url, sizeof(url), "%s", silent.url);
    run(&result, program_path("crew-client"),
        "--server tls://127.0.0.1:# --connect-timeout 100ms PING", NULL);
    expect(&result, 2, "", "Connection timed out" NO_TLS "\n");
    program_run_free(&result);
    fake_server_stop(&silent);
}
END_TEST

START_TEST(crew_bench_says_why_there_is_no_tls)
{
    struct program_run result;
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1", url);
    run(&result, program_path("crew-bench"), "load -t tls://127.0.0.1:# --tls-ca @other.pem -n 1",
        NULL);
    expect(&result, 2, "", ": unable to get local issuer certificate" UNTRUSTED);
    program_run_free(&result);
    run(&result, program_path("crew-bench"), "load -t tcp://127.0.0.1:# --tls-ca @ca.pem -n 1",
        NULL);
    expect(&result, 2, "", "the options that begin with --tls are for tls:// servers");
    program_run_free(&result);
    run(&result, program_path("crew-bench"), "slo p99<1s -t tls://127.0.0.1:# --tls-ca @other.pem",
        NULL);
    ck_assert_int_ne(result.status, 0);
    program_expect_part(result.errors, ": unable to get local issuer certificate" UNTRUSTED);
    program_run_free(&result);
    run(&result, program_path("crew-bench"), "slo p99<1s --tls-insecure", NULL);
    expect(&result, 2, "", "the options that begin with --tls are for tls:// servers");
    program_run_free(&result);
    fixture_stop(&server);
}
END_TEST

/* ---- others ---- */

static const struct {
    const char *version;
    int status;
    const char *output;
    const char *errors;
} versions[] = {
    {"-tls1_1 -cipher ALL@SECLEVEL=0", 1, "", "alert protocol version"},
    {"-tls1_2", 0, "+PONG\r\n+OK\r\n", ""},
    {"-tls1_3", 0, "+PONG\r\n+OK\r\n", ""},
};

START_TEST(openssl_agrees_on_a_version)
{
    struct program_run result;
    char line[200];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1", url);
    snprintf(line, sizeof(line),
             "s_client -connect 127.0.0.1:# -CAfile @ca.pem -verify_return_error -quiet %s",
             versions[_i].version);
    run(&result, tls_bed_openssl(), line, "PING\r\nQUIT\r\n");
    expect(&result, versions[_i].status, versions[_i].output, versions[_i].errors);
    program_run_free(&result);
    fixture_stop(&server);
}
END_TEST

START_TEST(redis_cli_talks_tls)
{
    struct program_run result;
    if (!tls_bed_is_ready())
        return;
    const char *cli = program_peer("redis-cli");
    if (cli == NULL)
        return;
    tls_bed_run(&result, cli, "--help", NULL);
    bool knows = strstr(result.output, "--tls") != NULL || strstr(result.errors, "--tls") != NULL;
    program_run_free(&result);
    if (!knows) {
        (void)program_skip("this redis-cli was built without TLS");
        return;
    }
    tls_bed_start(&server, "server", "--workers 1 ", url);
    run(&result, cli, "--tls --cacert @ca.pem -p # echo hello", NULL);
    expect(&result, 0, "hello\n", "");
    program_run_free(&result);
    fixture_stop(&server);
}
END_TEST

Suite *tls_clients_suite(void)
{
    Suite *suite = suite_create("tls_clients");
    TCase *tests = tcase_create("tls_clients");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_loop_test(tests, a_certificate_is_judged, 0, COUNT(trust));
    tcase_add_test(tests, crew_client_sends_a_batch_and_a_large_argument);
    tcase_add_loop_test(tests, crew_bench_loads_over_tls, 0, COUNT(loads));
    tcase_add_test(tests, crew_bench_says_why_there_is_no_tls);
    tcase_add_test(tests, a_plain_server_is_told_from_a_tls_one);
    tcase_add_test(tests, a_plain_server_may_be_silent);
    tcase_add_loop_test(tests, openssl_agrees_on_a_version, 0, COUNT(versions));
    tcase_add_test(tests, redis_cli_talks_tls);
    suite_add_tcase(suite, tests);
    return suite;
}
