/* SPDX-License-Identifier: MIT */
/* Where the server listens: TCP, Unix sockets, raw; and what it says when it cannot. */
#include "common/clock.h"
#include "common/dial.h"
#include "common/endpoint.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

/* ---- a folder for socket files, made and removed by the process that runs the tests ---- */

static char folder[] = "/tmp/crew-listeners-XXXXXX";
static char socket_path[sizeof(folder) + sizeof("/socket")];
static char socket_url[sizeof("unix://") + sizeof(socket_path)];

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
    snprintf(socket_url, sizeof(socket_url), "unix://%s", socket_path);
}

static void remove_folder(void)
{
    (void)unlink(socket_path); /* a failed test leaves it */
    (void)rmdir(folder);
}

static void start(struct fixture *server, const char *options, const char *last)
{
    char words[ENDPOINT_TEXT_SIZE + 120];
    snprintf(words, sizeof(words), "--workers 2 %.100s %s", options, last);
    fixture_start(server, words);
}

static void expect_pong(const char *url)
{
    int fd = wire_connect(url);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    close(fd);
}

/* The server must refuse to listen there, saying why. */
static void expect_refusal(const char *url, const char *reason)
{
    const char *const words[] = {"--listen", "tcp://127.0.0.1:0", "--listen", url, NULL};
    char expected[500];
    struct program_run run;
    snprintf(expected, sizeof(expected), "crew-server: --listen: cannot listen on %s: %s\n", url,
             reason);
    program_expect(&run, program_path("crew-server"), words, NULL, EXIT_USAGE);
    ck_assert_str_eq(run.errors, expected);
    ck_assert_str_eq(run.output, "");
    program_run_free(&run);
}

/* ---- TCP ---- */

static bool machine_has_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (const void *)&address, sizeof(address)) == 0;
    if (fd >= 0)
        close(fd);
    return has;
}

static const struct {
    const char *listen;
    const char *listening; /* how the URL that the log tells begins; the port follows */
    bool ipv6;
} tcp_rows[] = {
    {"tcp://127.0.0.1:0", "tcp://127.0.0.1:", false}, {"tcp://0.0.0.0:0", "tcp://0.0.0.0:", false},
    {"tcp://[::1]:0", "tcp://[::1]:", true},          {"tcp://[::]:0", "tcp://[::]:", true},
    {"tcp://localhost:0", "tcp://", false},
};

START_TEST(tcp_listens_where_its_log_says)
{
    struct fixture server;
    if (tcp_rows[_i].ipv6 && !machine_has_ipv6()) {
        fprintf(stderr, "skipped: no IPv6 on this machine (%s)\n", tcp_rows[_i].listen);
        return;
    }
    start(&server, "--insecure --listen", tcp_rows[_i].listen);
    ck_assert_int_eq(strncmp(server.url, tcp_rows[_i].listening, strlen(tcp_rows[_i].listening)),
                     0);
    ck_assert_int_gt(strtol(strrchr(server.url, ':') + 1, NULL, 10), 0);
    expect_pong(server.url);
    fixture_stop(&server);
}
END_TEST

START_TEST(several_listeners_at_once)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    start(&server, "--listen tcp://127.0.0.1:0 -l tcp://127.0.0.1:0 --listen=raw://127.0.0.1:0 -l",
          socket_url);
    expect_pong(server.url);
    fixture_url(&server, 1, url);
    ck_assert_str_ne(url, server.url);
    expect_pong(url);
    fixture_url(&server, 2, url);
    int raw = wire_connect(url);
    wire_exchange(raw, "Hello from client!", "Hello from server!");
    close(raw);
    fixture_url(&server, 3, url);
    ck_assert_str_eq(url, socket_url);
    expect_pong(url);
    fixture_stop(&server);
}
END_TEST

START_TEST(an_address_in_use_is_refused)
{
    struct fixture server;
    start(&server, "", "");
    expect_refusal(server.url, "bind: Address already in use");
    expect_pong(server.url);
    fixture_stop(&server);
}
END_TEST

/* Connections of the last server must not keep the next from starting. */
START_TEST(a_port_can_be_used_again_at_once)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    start(&server, "", "");
    snprintf(url, sizeof(url), "%s", server.url);
    int fd = wire_connect(url);
    wire_exchange(fd, "QUIT\r\n", "+OK\r\n"); /* the server closes first: its side lingers */
    wire_expect_end(fd);
    close(fd);
    fixture_stop(&server);
    start(&server, "--listen", url);
    ck_assert_str_eq(server.url, url);
    expect_pong(url);
    fixture_stop(&server);
}
END_TEST

/* ---- Unix sockets ---- */

static void bind_socket_file(bool listening, int *fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, socket_path, sizeof(socket_path));
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(*fd, (const void *)&address, sizeof(address)), 0);
    if (listening)
        ck_assert_int_eq(listen(*fd, 1), 0);
}

START_TEST(a_unix_socket_has_the_mode_that_was_asked_for)
{
    static const struct {
        const char *query;
        mode_t mode; /* 0: as the umask says */
    } modes[] = {{"?mode=0600", 0600}, {"?mode=0666", 0666}, {"?mode=640", 0640}, {"", 0}};
    struct stat status;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct fixture server;
        char url[sizeof(socket_url) + 16];
        snprintf(url, sizeof(url), "%s%s", socket_url, modes[i].query);
        start(&server, "--listen", url);
        ck_assert_str_eq(server.url, socket_url);
        ck_assert_int_eq(stat(socket_path, &status), 0);
        ck_assert(S_ISSOCK(status.st_mode));
        if (modes[i].mode != 0)
            ck_assert_uint_eq(status.st_mode & 0777, modes[i].mode);
        expect_pong(server.url);
        fixture_stop(&server);
        ck_assert_int_ne(stat(socket_path, &status), 0); /* nothing is left behind */
    }
}
END_TEST

START_TEST(the_client_reaches_a_unix_socket)
{
    struct fixture server;
    start(&server, "--listen", socket_url);
    const char *const forms[][3] = {{"--server", socket_url, "PING"}, {"-s", socket_path, "PING"}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct program_run run;
        const char *const words[] = {forms[i][0], forms[i][1], forms[i][2], NULL};
        program_expect(&run, program_path("crew-client"), words, NULL, 0);
        ck_assert_str_eq(run.output, "PONG\n");
        program_run_free(&run);
    }
    fixture_stop(&server);
}
END_TEST

START_TEST(a_stale_socket_file_is_replaced)
{
    struct fixture server;
    int fd;
    bind_socket_file(false, &fd);
    close(fd);
    start(&server, "--listen", socket_url);
    expect_pong(server.url);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_live_socket_file_is_left_alone)
{
    int fd;
    bind_socket_file(true, &fd);
    expect_refusal(socket_url, "another server is listening there: Address already in use");
    ck_assert_int_eq(access(socket_path, F_OK), 0);
    close(fd);
    (void)unlink(socket_path);
}
END_TEST

START_TEST(a_file_in_the_way_is_left_alone)
{
    int fd = open(socket_path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(fd, "kept", 4), 4);
    close(fd);
    expect_refusal(socket_url, "a file that is no socket is in the way: File exists");
    struct stat status;
    ck_assert_int_eq(stat(socket_path, &status), 0);
    ck_assert_int_eq(status.st_size, 4);
    (void)unlink(socket_path);
}
END_TEST

START_TEST(a_folder_that_is_missing_is_named)
{
    char url[sizeof(socket_url) + 16];
    snprintf(url, sizeof(url), "%s/missing", socket_url);
    expect_refusal(url, "bind: No such file or directory");
}
END_TEST

/* Its log is how a server is found to be ready; without one, only connecting tells. */
START_TEST(a_quiet_server_logs_nothing)
{
    const char *const words[] = {"--listen", socket_url, "--log-level", "error", NULL};
    struct fixture server = {0};
    struct endpoint endpoint;
    char error[BENCH_ERROR_SIZE];
    ck_assert(endpoint_parse(socket_url, &endpoint, error));
    ck_assert_msg(server_process_start(&server.process, program_path("crew-server"), words, error),
                  "%s", error);
    int fd = -1;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)START_MS * NS_PER_MS;
    while ((fd = dial(&endpoint, START_MS, error)) < 0)
        ck_assert_msg(monotonic_ns() < deadline_ns, "%s", error);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    close(fd);
    server_process_signal(&server.process, SIGTERM);
    int status = 0;
    ck_assert(server_process_wait_exit(&server.process, PATIENCE_MS, &status));
    ck_assert_int_eq(status, 0);
    struct byte_buffer log = {0};
    server_process_log(&server.process, &log);
    ck_assert_uint_eq(log.size, 0);
    byte_buffer_free(&log);
    fixture_expect_exit(&server, 0);
}
END_TEST

/* ---- raw ---- */

START_TEST(raw_greets_and_closes)
{
    struct fixture server;
    start(&server, "--listen", "raw://127.0.0.1:0");
    static const char *const messages[] = {"Hello from client!", "x", "PING\r\n", "POST /",
                                           "*1\r\n$-1\r\n"};
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        int fd = wire_connect(server.url);
        wire_exchange(fd, messages[i], "Hello from server!");
        wire_expect_end(fd);
        close(fd);
    }
    int fd = wire_connect(server.url);
    wire_send_text(fd, "Hello from client!");
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    wire_expect(fd, "Hello from server!");
    wire_expect_end(fd);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* More than the one read takes must not turn the close into a reset that loses the reply. */
START_TEST(raw_ignores_what_it_does_not_read)
{
    static const char more[256 * 1024] = "Hello";
    struct fixture server;
    start(&server, "--listen", "raw://127.0.0.1:0");
    int fd = wire_connect(server.url);
    wire_send(fd, more, sizeof(more));
    wire_expect(fd, "Hello from server!");
    wire_expect_end(fd);
    wire_send(fd, more, sizeof(more));
    wire_send_text(fd, "Hello?");
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(raw_runs_the_command_it_was_given)
{
    static const struct {
        const char *command;
        const char *reply;
    } commands[] = {
        {"ECHO", "a \"b\"\n"},
        {"ping", "a \"b\"\n"},
        {"SELECT", "ERR value is not an integer or out of range"},
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct fixture server;
        start(&server, "--listen raw://127.0.0.1:0 --raw-command", commands[i].command);
        int fd = wire_connect(server.url);
        wire_exchange(fd, "a \"b\"\n", commands[i].reply);
        wire_expect_end(fd);
        close(fd);
        fixture_stop(&server);
    }
}
END_TEST

START_TEST(a_raw_client_that_only_closes_harms_nobody)
{
    struct fixture server;
    char raw_url[ENDPOINT_TEXT_SIZE];
    start(&server, "--listen tcp://127.0.0.1:0 --listen", "raw://127.0.0.1:0");
    fixture_url(&server, 1, raw_url);
    int watcher = wire_connect(server.url);
    close(wire_connect(raw_url));
    int fd = wire_connect(raw_url);
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    wire_expect_end(fd);
    close(fd);
    wire_wait_info(watcher, "closed_client", 2);
    ck_assert_double_eq(wire_info(watcher, "closed_raw_done"), 0);
    fd = wire_connect(raw_url);
    wire_exchange(fd, "Hello from client!", "Hello from server!");
    wire_expect_end(fd);
    close(fd);
    wire_wait_info(watcher, "closed_raw_done", 1);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

Suite *listeners_suite(void)
{
    Suite *suite = suite_create("listeners");
    TCase *tests = tcase_create("listeners");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, make_folder, remove_folder);
    tcase_add_loop_test(tests, tcp_listens_where_its_log_says, 0,
                        sizeof(tcp_rows) / sizeof(tcp_rows[0]));
    tcase_add_test(tests, several_listeners_at_once);
    tcase_add_test(tests, an_address_in_use_is_refused);
    tcase_add_test(tests, a_port_can_be_used_again_at_once);
    tcase_add_test(tests, a_unix_socket_has_the_mode_that_was_asked_for);
    tcase_add_test(tests, the_client_reaches_a_unix_socket);
    tcase_add_test(tests, a_stale_socket_file_is_replaced);
    tcase_add_test(tests, a_live_socket_file_is_left_alone);
    tcase_add_test(tests, a_file_in_the_way_is_left_alone);
    tcase_add_test(tests, a_folder_that_is_missing_is_named);
    tcase_add_test(tests, a_quiet_server_logs_nothing);
    tcase_add_test(tests, raw_greets_and_closes);
    tcase_add_test(tests, raw_ignores_what_it_does_not_read);
    tcase_add_test(tests, raw_runs_the_command_it_was_given);
    tcase_add_test(tests, a_raw_client_that_only_closes_harms_nobody);
    suite_add_tcase(suite, tests);
    return suite;
}
