/* SPDX-License-Identifier: MIT */
/* --user: whom the server becomes, and what it can no longer do then. */
#include "tests/system/password.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { EXIT_USAGE = 2 };

static const struct {
    const char *user;
    const char *problem;
} bad_users[] = {
    {"no-such-user", "'no-such-user' is not allowed: there is no such user"},
    {"nobody:no-such-group", "'nobody:no-such-group' is not allowed: there is no such group"},
    {":nogroup", "':nogroup' is not allowed: it takes NAME or NAME:GROUP"},
};

START_TEST(an_unknown_user_is_refused)
{
    const char *const words[] = {"--listen", "tcp://127.0.0.1:0", "--user", bad_users[_i].user,
                                 NULL};
    char expected[160];
    struct program_run run;
    snprintf(expected, sizeof(expected), "crew-server: --user: %s\n", bad_users[_i].problem);
    program_expect(&run, program_path("crew-server"), words, NULL, EXIT_USAGE);
    ck_assert_str_eq(run.errors, expected);
    program_run_free(&run);
}
END_TEST

START_TEST(it_becomes_another_user)
{
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() != 0 || nobody == NULL) {
        (void)program_skip("becoming another user takes root and a user nobody");
        return;
    }
    struct fixture server;
    struct stat status;
    char options[300];
    char expected[80];
    password_file_write("plain:" PASSWORD "\n"); /* which nobody cannot read */
    snprintf(options, sizeof(options),
             "--user nobody --listen tcp://127.0.0.1:0 --listen unix://%s?mode=0640",
             scratch_path("socket"));
    password_server_start(&server, options);
    close(password_connect(server.url));
    ck_assert_int_eq(stat(scratch_path("socket"), &status), 0);
    ck_assert_uint_eq(status.st_uid, nobody->pw_uid);
    ck_assert_uint_eq(status.st_gid, nobody->pw_gid);
    ck_assert_uint_eq(status.st_mode & 0777, 0640);
    char *text = password_process_file(&server, "status");
    snprintf(expected, sizeof(expected), "\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n",
             nobody->pw_uid, nobody->pw_uid, nobody->pw_uid, nobody->pw_uid, nobody->pw_gid,
             nobody->pw_gid, nobody->pw_gid, nobody->pw_gid);
    program_expect_part(text, expected);
    snprintf(expected, sizeof(expected), "\nGroups:\t%u \n", nobody->pw_gid);
    program_expect_part(text, expected); /* none of root's */
    program_expect_part(text, "\nCapEff:\t0000000000000000\n");
    free(text);
    /* Only root may look into a process that hides its memory, whoever it belongs to. */
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/environ", (long)server.process.pid);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_uid, 0);
    /* What it could read only before, it cannot read again, and says so; the old passwords stay. */
    snprintf(options, sizeof(options),
             " warn reload_will_fail file=\"%s\" error=\"Permission denied\"",
             scratch_path("passwords"));
    ck_assert(server_process_wait_log(&server.process, options, START_MS));
    server_process_signal(&server.process, SIGHUP);
    ck_assert(
        server_process_wait_log(&server.process, "passwords_reload_failed error=\"/", START_MS));
    close(password_connect(server.url));
    fixture_stop(&server);
    (void)unlink(scratch_path("socket")); /* nobody may not remove it from root's folder */
}
END_TEST

START_TEST(only_root_becomes_somebody_else)
{
    if (geteuid() != 0) {
        (void)program_skip("giving up root takes root");
        return;
    }
    struct program_run run;
    const char *const words[] = {"--reuid=65534",
                                 "--regid=65534",
                                 "--clear-groups",
                                 program_path("crew-server"),
                                 "--listen",
                                 "tcp://127.0.0.1:0",
                                 "--user",
                                 "daemon",
                                 NULL};
    const char *setpriv = program_peer("setpriv");
    if (setpriv == NULL)
        return;
    program_run(&run, setpriv, words, NULL);
    if (run.status == 127 || run.status == 126)
        (void)program_skip("the server's folder is closed to other users");
    else
        program_expect_part(run.errors, "--user: 'daemon' is not allowed: only root can become");
    program_run_free(&run);
}
END_TEST

Suite *user_suite(void)
{
    Suite *suite = suite_create("user");
    TCase *tests = tcase_create("user");
    tcase_add_unchecked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, an_unknown_user_is_refused, 0, COUNT(bad_users));
    tcase_add_test(tests, it_becomes_another_user);
    tcase_add_test(tests, only_root_becomes_somebody_else);
    suite_add_tcase(suite, tests);
    return suite;
}
