/* SPDX-License-Identifier: MIT */
/* What the server refuses to start with, and how programs log in. */
#include "tests/system/fake_server.h"
#include "tests/system/password.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { EXIT_USAGE = 2 };

/* ---- the password file ---- */

#define LINE_TAKES                                                                                 \
    "; a line takes a hash as crypt(5) describes it, plain:PASSWORD or a comment behind #\n"

static const struct {
    const char *lines;
    mode_t mode;
    const char *problem;
} bad_files[] = {
    {"", 0600, ": it holds no password\n"},
    {"# nothing\n\n", 0600, ": it holds no password\n"},
    {"plain:a\n", 0604, ": others than its owner and group may access it: chmod o= takes that"},
    {"plain:a\n", 0602, ": others than its owner and group may access it: chmod o= takes that"},
    {"plain:a\n\n# c\nsesame\n", 0600, ": line 4 is no password" LINE_TAKES},
};

START_TEST(a_bad_password_file_is_refused)
{
    password_file_write(bad_files[_i].lines);
    ck_assert_int_eq(chmod(scratch_path("passwords"), bad_files[_i].mode), 0);
    const char *const words[] = {"--listen", "tcp://127.0.0.1:0", "--password-file",
                                 scratch_path("passwords"), NULL};
    struct program_run run;
    program_expect(&run, program_path("crew-server"), words, NULL, EXIT_USAGE);
    program_expect_part(run.errors, "crew-server: --password-file: /");
    program_expect_part(run.errors, bad_files[_i].problem);
    ck_assert_ptr_null(strstr(run.errors, "sesame"));
    program_run_free(&run);
}
END_TEST

START_TEST(a_group_may_read_the_file)
{
    struct fixture server;
    password_file_write("plain:" PASSWORD "\n");
    ck_assert_int_eq(chmod(scratch_path("passwords"), 0640), 0);
    password_server_start(&server, "");
    close(password_connect(server.url));
    fixture_stop(&server);
}
END_TEST

START_TEST(hashing_explains_what_is_wrong)
{
    char *hash = password_make_hash("a");
    static const char *const words[] = {"--hash-password", NULL};
    struct program_run run;
    if (hash == NULL)
        return;
    free(hash);
    char longest[520];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    program_expect(&run, program_path("crew-server"), words, longest, 1);
    ck_assert_str_eq(run.errors, "crew-server: --hash-password: the password has more than 511"
                                 " bytes\n");
    program_run_free(&run);
    program_expect(&run, program_path("crew-server"), words, "\n", 1);
    ck_assert_str_eq(run.errors, "crew-server: --hash-password: there is no password\n");
    ck_assert_str_eq(run.output, "");
    program_run_free(&run);
}
END_TEST

/* ---- programs that log in ---- */

/* So short a run may be too fast to be trusted, which is status 3. */
static void expect_load(const char *const *words)
{
    struct program_run run;
    program_run(&run, program_path("crew-bench"), words, NULL);
    ck_assert_msg(run.status == 0 || run.status == 3, "%s", run.errors);
    program_expect_part(run.output, " requests/s  (100 in ");
    program_run_free(&run);
}

/* The words name the password file fourth; it gets this mode. */
static void expect_warning(const char *const *words, mode_t mode, bool warns)
{
    static const char format[] = "crew-client: warning: --password-file: %s is open to all users "
                                 "(mode %04o): chmod 600 %s\n";
    struct program_run run;
    char warning[400];
    snprintf(warning, sizeof(warning), format, words[3], mode, words[3]);
    ck_assert_int_eq(chmod(words[3], mode), 0);
    program_expect(&run, program_path("crew-client"), words, NULL, 0);
    ck_assert_str_eq(run.output, "PONG\n");
    ck_assert_str_eq(run.errors, warns ? warning : "");
    program_run_free(&run);
}

START_TEST(programs_take_the_password_from_safe_places)
{
    char url[ENDPOINT_TEXT_SIZE];
    struct fixture server;
    struct program_run run;
    password_file_write("plain:" PASSWORD "\n");
    scratch_write("mine", PASSWORD "\nPING\n");
    scratch_write("empty", "\n" PASSWORD "\n");
    password_server_start(&server, "");
    snprintf(url, sizeof(url), "%s", server.url);
    const char *const ping[] = {"--server", url, "PING", NULL};
    const char *const by_file[] = {"--server",           url,    "--password-file",
                                   scratch_path("mine"), "PING", NULL};
    const char *const by_input[] = {"--server", url, "--password-file", "/dev/stdin", "PING", NULL};
    const char *const by_empty[] = {"--server", url, "--password-file", scratch_path("empty"),
                                    "PING",     NULL};
    const char *const by_none[] = {"--server",     url,    "--password-file",
                                   "/nonexistent", "PING", NULL};
    const char *const load[] = {"load", "--target",      url, "--requests",
                                "100",  "--connections", "3", NULL};
    ck_assert_int_eq(unsetenv("CREW_PASSWORD"), 0);
    program_expect(&run, program_path("crew-client"), ping, NULL, 1);
    program_run_free(&run);
    expect_warning(by_file, 0644, true);
    expect_warning(by_file, 0602, true);
    expect_warning(by_file, 0640, false); /* a group is for sharing */
    expect_warning(by_file, 0600, false);
    program_expect(&run, program_path("crew-client"), by_input, PASSWORD "\n", 0);
    ck_assert_str_eq(run.errors, "");
    program_run_free(&run);
    program_expect(&run, program_path("crew-client"), by_empty, NULL, EXIT_USAGE);
    program_expect_part(run.errors, "its first line is empty");
    program_run_free(&run);
    program_expect(&run, program_path("crew-client"), by_none, NULL, EXIT_USAGE);
    program_expect_part(run.errors, "--password-file: /nonexistent: No such file or directory");
    program_run_free(&run);
    ck_assert_int_eq(setenv("CREW_PASSWORD", PASSWORD, 1), 0);
    program_expect(&run, program_path("crew-client"), ping, NULL, 0);
    program_run_free(&run);
    expect_load(load);
    ck_assert_int_eq(setenv("CREW_PASSWORD", "bad", 1), 0);
    program_run(&run, program_path("crew-bench"), load, NULL);
    ck_assert_int_ne(run.status, 0);
    program_expect_part(run.errors, "the password of CREW_PASSWORD: -WRONGPASS");
    program_run_free(&run);
    fixture_stop(&server);
    fixture_start(&server, ""); /* one that asks for none will do */
    snprintf(url, sizeof(url), "%s", server.url);
    expect_load(load);
    fixture_stop(&server);
}
END_TEST

static void expect_not_let_in(const char *const *words, const char *why)
{
    struct program_run run;
    program_expect(&run, program_path("crew-bench"), words, NULL, EXIT_USAGE);
    program_expect_part(run.errors, why);
    program_run_free(&run);
}

/* It does not go on for the hour that it was told to, nor measure how fast errors are. */
START_TEST(a_bench_that_is_not_let_in_says_so_at_once)
{
    struct fixture server;
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "");
    const char *const closed[] = {"load", "--target", server.url, "--duration", "1h", NULL};
    const char *const open[] = {"load", "--target", server.url, "--duration",
                                "1h",   "--rate",   "1000",     NULL};
    const char *const slo[] = {"slo", "p99<10ms", "--target", server.url, NULL};
    const char *const *const commands[] = {closed, open, slo};
    for (size_t i = 0; i < COUNT(commands); i++) {
        ck_assert_int_eq(unsetenv("CREW_PASSWORD"), 0);
        expect_not_let_in(commands[i], "the server asks for a password: the environment variable "
                                       "CREW_PASSWORD has to hold it");
        ck_assert_int_eq(setenv("CREW_PASSWORD", "bad", 1), 0);
        expect_not_let_in(commands[i], "the password of CREW_PASSWORD: -WRONGPASS");
    }
    fixture_stop(&server);
}
END_TEST

#define IS_TLS "; perhaps it speaks TLS: tls:// is for that"

static const struct {
    const char *reply; /* to the password */
    size_t replies;    /* 1 when the server then closes the connection, else 0 */
    const char *timeout;
    const char *hint;
} silences[] = {
    {"", 1, "20s", IS_TLS},
    {"\x15\x03\x03", 1, "20s", IS_TLS}, /* an alert of TLS */
    {"+O", 1, "20s", ""},
    {"", 0, "100ms", ""},
};

START_TEST(a_bench_that_gets_no_answer_to_its_password_says_why_that_may_be)
{
    struct fake_server fake;
    struct program_run run;
    char expected[200];
    fake_server_start(&fake, silences[_i].reply, silences[_i].replies);
    ck_assert_int_eq(setenv("CREW_PASSWORD", PASSWORD, 1), 0);
    program_expect(&run, program_path("crew-bench"),
                   (const char *const[]){"load", "--target", fake.url, "--requests", "1",
                                         "--timeout", silences[_i].timeout, NULL},
                   NULL, EXIT_USAGE);
    snprintf(expected, sizeof(expected), "crew-bench load: there was no answer to the password%s\n",
             silences[_i].hint);
    ck_assert_str_eq(run.errors, expected);
    program_run_free(&run);
    fake_server_stop(&fake);
}
END_TEST

/* ---- a signal that comes late ---- */

START_TEST(a_reload_does_not_disturb_a_stop)
{
    struct fixture server;
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 2");
    int fd = password_connect(server.url);
    int other = password_connect(server.url);
    wire_send_text(fd, "WORK SLEEP 400000\r\n");
    wire_wait_info(other, "workers_in_slow_commands", 2); /* INFO is the other */
    server_process_signal(&server.process, SIGTERM);
    ck_assert(server_process_wait_log(&server.process, "info stopping", START_MS));
    server_process_signal(&server.process, SIGHUP);
    wire_expect(fd, "+OK\r\n");
    close(fd);
    close(other);
    fixture_expect_exit(&server, 0);
}
END_TEST

/* ---- what other machines can reach ---- */

static const struct {
    const char *listen;
    bool password;
    bool insecure;
    const char *problem; /* NULL: it starts */
} exposures[] = {
    {"tcp://127.0.0.1:0", false, false, NULL},
    {"tcp://127.9.9.9:0", false, false, NULL},
    {"raw://127.0.0.1:0", true, false, NULL},
    {"tcp://0.0.0.0:0", true, false, NULL},
    {"tcp://0.0.0.0:0", false, true, NULL},
    {"raw://0.0.0.0:0", false, true, NULL},
    {"tcp://0.0.0.0:0", false, false, "it takes --password-file, a tls:// listener, or --insecure"},
    {"raw://0.0.0.0:0", false, false,
     "it takes --insecure, because raw:// cannot ask for a password"},
    {"raw://0.0.0.0:0", true, false,
     "it takes --insecure, because raw:// cannot ask for a password"},
};

START_TEST(what_others_can_reach_is_guarded)
{
    char options[200];
    password_file_write("plain:" PASSWORD "\n");
    snprintf(options, sizeof(options), "--listen tcp://127.0.0.1:0 --listen %s%s",
             exposures[_i].listen, exposures[_i].insecure ? " --insecure" : "");
    if (exposures[_i].problem == NULL) {
        struct fixture server;
        if (exposures[_i].password)
            password_server_start(&server, options);
        else
            fixture_start(&server, options);
        char url[ENDPOINT_TEXT_SIZE];
        fixture_url(&server, 1, url);
        if (exposures[_i].password && strcmp(exposures[_i].listen, "tcp://0.0.0.0:0") == 0)
            ck_assert(server_process_wait_log(&server.process, " warn clear_passwords ", START_MS));
        fixture_stop(&server);
        return;
    }
    const char *const words[] = {"--listen",
                                 "tcp://127.0.0.1:0",
                                 "--listen",
                                 exposures[_i].listen,
                                 exposures[_i].password ? "--password-file" : NULL,
                                 scratch_path("passwords"),
                                 NULL};
    struct program_run run;
    char expected[160];
    snprintf(expected, sizeof(expected), "crew-server: --listen: other machines can reach %.14s",
             exposures[_i].listen);
    program_expect(&run, program_path("crew-server"), words, NULL, EXIT_USAGE);
    program_expect_part(run.errors, expected);
    program_expect_part(run.errors, exposures[_i].problem);
    program_run_free(&run);
}
END_TEST

/* A raw listener serves whoever comes, also beside a password. */
START_TEST(a_raw_listener_asks_for_no_password)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--listen tcp://127.0.0.1:0 --listen raw://127.0.0.1:0");
    fixture_url(&server, 1, url);
    int fd = wire_connect(url);
    wire_exchange(fd, "x", "Hello from server!");
    wire_expect_end(fd);
    close(fd);
    fixture_stop(&server);
}
END_TEST

Suite *access_suite(void)
{
    Suite *suite = suite_create("access");
    TCase *tests = tcase_create("access");
    tcase_add_unchecked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_bad_password_file_is_refused, 0, COUNT(bad_files));
    tcase_add_test(tests, programs_take_the_password_from_safe_places);
    tcase_add_test(tests, a_bench_that_is_not_let_in_says_so_at_once);
    tcase_add_loop_test(tests, a_bench_that_gets_no_answer_to_its_password_says_why_that_may_be, 0,
                        COUNT(silences));
    tcase_add_test(tests, a_reload_does_not_disturb_a_stop);
    tcase_add_test(tests, a_group_may_read_the_file);
    tcase_add_test(tests, hashing_explains_what_is_wrong);
    tcase_add_loop_test(tests, what_others_can_reach_is_guarded, 0, COUNT(exposures));
    tcase_add_test(tests, a_raw_listener_asks_for_no_password);
    suite_add_tcase(suite, tests);
    return suite;
}
