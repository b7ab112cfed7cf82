/* SPDX-License-Identifier: MIT */
/*
 * The plain-socket scripts in examples/python against our programs: what a first lesson on
 * sockets writes must be served, and its server be talked to. Run from the top of the repository.
 */
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENT_SCRIPT "examples/python/client.py"
#define SERVER_SCRIPT "examples/python/server.py"

static const char *python; /* NULL to skip the tests; found once, by the parent */

/* The scripts say "localhost", which Python cannot resolve where /etc/hosts is missing. */
static bool resolves_localhost(void)
{
    struct addrinfo *found = NULL;
    if (getaddrinfo("localhost", NULL, NULL, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

static void find_python(void)
{
    python = resolves_localhost() ? program_peer("python3")
                                  : program_skip("localhost cannot be resolved");
}

START_TEST(the_client_script_is_greeted)
{
    if (python == NULL)
        return;
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2 --listen raw://127.0.0.1:0");
    const char *const words[] = {CLIENT_SCRIPT, strrchr(server.url, ':') + 1, NULL};
    program_expect(&run, python, words, NULL, 0);
    ck_assert_str_eq(run.output, "Hello from server!\n");
    ck_assert_str_eq(run.errors, "");
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* A port that nobody else is given soon: the kernel hands out others first. */
static unsigned free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const void *)&address, size), 0);
    ck_assert_int_eq(getsockname(fd, (void *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

START_TEST(the_server_script_is_greeted)
{
    if (python == NULL)
        return;
    char port[8];
    char url[64];
    char error[BENCH_ERROR_SIZE];
    snprintf(port, sizeof(port), "%u", free_port());
    snprintf(url, sizeof(url), "raw://localhost:%s", port);
    struct server_process script;
    const char *const script_words[] = {"-u", SERVER_SCRIPT, port, NULL};
    ck_assert_msg(server_process_start(&script, python, script_words, error), "%s", error);

    /* The script does not say when it listens, and serves only one client: try until it does. */
    const char *const words[] = {"--server", url, "Hello from client!", NULL};
    struct program_run run;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    for (;;) {
        program_run(&run, program_path("crew-client"), words, NULL);
        if (run.status == 0)
            break;
        ck_assert_msg(strstr(run.errors, "Connection refused") != NULL, "%s", run.errors);
        ck_assert_msg(monotonic_ns() < deadline_ns, "%s", run.errors);
        program_run_free(&run);
    }
    ck_assert_str_eq(run.output, "Hello from server!\n");
    program_run_free(&run);
    int status = -1;
    ck_assert(server_process_wait_log(&script, "Hello from client!\n", PATIENCE_MS));
    ck_assert(server_process_wait_exit(&script, PATIENCE_MS, &status));
    ck_assert_int_eq(status, 0);
    (void)server_process_stop(&script, PATIENCE_MS);
}
END_TEST

Suite *python_suite(void)
{
    Suite *suite = suite_create("python");
    TCase *tests = tcase_create("python");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, find_python, NULL);
    tcase_add_test(tests, the_client_script_is_greeted);
    tcase_add_test(tests, the_server_script_is_greeted);
    suite_add_tcase(suite, tests);
    return suite;
}
