/* SPDX-License-Identifier: MIT */
/* crew-client as scripts use it: what it prints, how it ends, and what it says when it cannot. */
#include "common/clock.h"
#include "common/dial.h"
#include "tests/system/fake_server.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { GOOD, ERROR_REPLY, FAILURE, WORDS = 8 };

/* ---- against crew-server ---- */

static const struct {
    const char *words[WORDS];
    const char *input;
    int status;
    const char *output;
    const char *errors;
} rows[] = {
    {{"PING"}, NULL, GOOD, "PONG\n", ""},
    {{"ECHO", "a b"}, NULL, GOOD, "a b\n", ""},
    {{"--", "ECHO", "-x"}, NULL, GOOD, "-x\n", ""},
    {{"CLIENT", "GETNAME"}, NULL, GOOD, "\n", ""},
    {{"--no-raw", "CLIENT", "GETNAME"}, NULL, GOOD, "(nil)\n", ""},
    {{"--no-raw", "ECHO", "a\nb"}, NULL, GOOD, "\"a\\nb\"\n", ""},
    {{"--no-raw", "CONFIG", "GET", "workers"}, NULL, GOOD, "1) \"workers\"\n2) \"2\"\n", ""},
    {{"-3", "--no-raw", "CONFIG", "GET", "workers"}, NULL, GOOD, "1# \"workers\" => \"2\"\n", ""},
    {{"CONFIG", "GET", "workers"}, NULL, GOOD, "workers\n2\n", ""},
    {{"SELECT", "7"}, NULL, ERROR_REPLY, "ERR DB index is out of range\n", ""},
    {{"--no-raw", "SELECT", "7"}, NULL, ERROR_REPLY, "(error) ERR DB index is out of range\n", ""},
    {{"--json", "CONFIG", "GET", "w*"}, NULL, GOOD, "{\"workers\":\"2\"}\n", ""},
    {{"--json", "ECHO", "a\"\n\xc3\xa9"}, NULL, GOOD, "\"a\\\"\\n\xc3\xa9\"\n", ""},
    {{"--json", "COMMAND", "INFO", "foo"}, NULL, GOOD, "[null]\n", ""},
    {{"--json", "SELECT", "7"},
     NULL,
     ERROR_REPLY,
     "{\"error\":\"ERR DB index is out of range\"}\n",
     ""},
    {{"-x", "ECHO"}, "from\nstdin", GOOD, "from\nstdin\n", ""},
    {{"-r", "3", "-i", "10ms", "PING"}, NULL, GOOD, "PONG\nPONG\nPONG\n", ""},
    {{"-r", "2", "SELECT", "7"},
     NULL,
     ERROR_REPLY,
     "ERR DB index is out of range\nERR DB index is out of range\n",
     ""},
    {{"-r", "0", "PING"}, NULL, GOOD, "", ""},
    {{NULL},
     "PING\n\n  ECHO \"a b\"\nCLIENT SETNAME x\nCLIENT GETNAME\n",
     GOOD,
     "PONG\na b\nOK\nx\n",
     ""},
    {{NULL}, "PING\nSELECT 7\nPING", ERROR_REPLY, "PONG\nERR DB index is out of range\nPONG\n", ""},
    {{NULL}, "ECHO \"a\nPING\n", ERROR_REPLY, "PONG\n", "Invalid argument(s)\n"},
    {{NULL}, "", GOOD, "", ""},
    {{"--json"}, "PING\nCLIENT GETNAME\n", GOOD, "\"PONG\"\nnull\n", ""},
    {{"--user", "default", "--password", "any", "PING"}, NULL, GOOD, "PONG\n", ""},
    {{"--user", "bob", "--password", "any", "PING"},
     NULL,
     ERROR_REPLY,
     "",
     "crew-client: AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n"},
};

START_TEST(a_command_and_its_result)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2");
    const char *words[WORDS + 3] = {"--server", server.url};
    for (size_t i = 0; i < WORDS && rows[_i].words[i] != NULL; i++)
        words[2 + i] = rows[_i].words[i];
    uint64_t started_ns = monotonic_ns();
    program_expect(&run, program_path("crew-client"), words, rows[_i].input, rows[_i].status);
    if (strstr(rows[_i].output, "PONG\nPONG\nPONG\n") != NULL) /* two pauses of 10 ms */
        ck_assert_uint_ge(monotonic_ns() - started_ns, 20 * (uint64_t)NS_PER_MS);
    ck_assert_str_eq(run.output, rows[_i].output);
    ck_assert_str_eq(run.errors, rows[_i].errors);
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

START_TEST(host_and_port_can_be_given_apart)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2");
    const char *const words[] = {"-h",   "127.0.0.1", "-p", strrchr(server.url, ':') + 1,
                                 "PING", NULL};
    program_expect(&run, program_path("crew-client"), words, NULL, GOOD);
    ck_assert_str_eq(run.output, "PONG\n");
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_raw_server_is_greeted)
{
    struct fixture server;
    struct program_run run;
    fixture_start(&server, "--workers 2 --listen raw://127.0.0.1:0");
    const char *const words[] = {"--server", server.url, "Hello", "from client!", NULL};
    program_expect(&run, program_path("crew-client"), words, NULL, GOOD);
    ck_assert_str_eq(run.output, "Hello from server!\n");
    ck_assert_str_eq(run.errors, "");
    program_run_free(&run);
    fixture_stop(&server);
}
END_TEST

/* ---- against a server that this test plays itself ---- */

struct stage {
    int listener;
    char address[64]; /* host:port */
};

static void stage_open(struct stage *stage, int backlog)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    stage->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(stage->listener, (const void *)&address, size), 0);
    ck_assert_int_eq(getsockname(stage->listener, (void *)&address, &size), 0);
    if (backlog >= 0)
        ck_assert_int_eq(listen(stage->listener, backlog), 0);
    snprintf(stage->address, sizeof(stage->address), "127.0.0.1:%u", ntohs(address.sin_port));
}

/* Starts the client in the background; its output is in the process's log. */
static void stage_start_client(const struct stage *stage, const char *scheme,
                               const char *const *more, struct server_process *client)
{
    char url[96];
    char error[BENCH_ERROR_SIZE];
    const char *words[WORDS + 3] = {"--server", url};
    snprintf(url, sizeof(url), "%s://%s", scheme, stage->address);
    for (size_t i = 0; i < WORDS && more[i] != NULL; i++)
        words[2 + i] = more[i];
    ck_assert_msg(server_process_start(client, program_path("crew-client"), words, error), "%s",
                  error);
}

static void expect_client_end(struct server_process *client, int status, const char *output)
{
    int ended = 0;
    struct byte_buffer log = {0};
    ck_assert(server_process_wait_exit(client, PATIENCE_MS, &ended));
    server_process_log(client, &log);
    byte_buffer_append(&log, "", 1);
    ck_assert(!log.failed);
    ck_assert_str_eq(log.bytes, output);
    ck_assert(WIFEXITED(ended));
    ck_assert_int_eq(WEXITSTATUS(ended), status);
    byte_buffer_free(&log);
    (void)server_process_stop(client, PATIENCE_MS);
}

/* The client's words, what the server gets, what it answers before it closes, what comes of it;
 * in the output, @ stands for the server's address. */
static const struct {
    const char *scheme;
    const char *words[WORDS];
    const char *request;
    const char *answer;
    int status;
    const char *output;
} scenes[] = {
    {"raw", {"Hello", "you!"}, "Hello you!", "Hello from server!", GOOD, "Hello from server!\n"},
    {"raw", {"a"}, "a", "one line\n", GOOD, "one line\n"},
    {"raw", {"a"}, "a", "", FAILURE, "crew-client: @ closed the connection\n"},
    {"tcp", {"GET", "k"}, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "$1\r\nv\r\n", GOOD, "v\n"},
    {"tcp",
     {"GET", "k"},
     "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
     "$5\r\nval",
     FAILURE,
     "crew-client: @ closed the connection\n"},
    {"tcp",
     {"PING"},
     "*1\r\n$4\r\nPING\r\n",
     "",
     FAILURE,
     "crew-client: @ closed the connection; perhaps it speaks TLS: tls:// is for that\n"},
    {"tcp",
     {"PING"},
     "*1\r\n$4\r\nPING\r\n",
     "\x15\x03\x01\x00\x02\x02\x46",
     FAILURE,
     "crew-client: @ sent something that is not a RESP reply; perhaps it speaks TLS: tls:// is for "
     "that\n"},
    {"tcp",
     {"PING"},
     "*1\r\n$4\r\nPING\r\n",
     "HTTP/1.1 400\r\n",
     FAILURE,
     "crew-client: @ sent something that is not a RESP reply\n"},
    {"tcp",
     {"-3", "PING"},
     "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n",
     "-ERR unknown command\r\n",
     ERROR_REPLY,
     "crew-client: HELLO failed: ERR unknown command\n"},
};

START_TEST(a_scene_with_a_server)
{
    struct stage stage;
    struct server_process client;
    stage_open(&stage, 1);
    stage_start_client(&stage, scenes[_i].scheme, scenes[_i].words, &client);
    ck_assert(wait_for_socket(stage.listener, POLLIN, PATIENCE_MS));
    int fd = accept4(stage.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    wire_expect(fd, scenes[_i].request);
    wire_send_text(fd, scenes[_i].answer);
    close(fd);
    char output[200];
    const char *mark = strchr(scenes[_i].output, '@');
    int before = mark != NULL ? (int)(mark - scenes[_i].output) : 0;
    snprintf(output, sizeof(output), "%.*s%s%s", before, scenes[_i].output,
             mark != NULL ? stage.address : "", mark != NULL ? mark + 1 : scenes[_i].output);
    expect_client_end(&client, scenes[_i].status, output);
    close(stage.listener);
}
END_TEST

/* Who has answered does not speak TLS. */
START_TEST(an_end_after_a_reply_is_just_that)
{
    struct fake_server fake;
    struct program_run run;
    char expected[2 * ENDPOINT_TEXT_SIZE + 64];
    fake_server_start(&fake, "+PONG\r\n", 1);
    program_expect(&run, program_path("crew-client"),
                   (const char *const[]){"--server", fake.url, "--repeat", "2", "PING", NULL}, NULL,
                   FAILURE);
    ck_assert_str_eq(run.output, "PONG\n");
    snprintf(expected, sizeof(expected), "crew-client: %s closed the connection\n",
             fake.url + strlen("tcp://"));
    ck_assert_str_eq(run.errors, expected);
    program_run_free(&run);
    fake_server_stop(&fake);
}
END_TEST

START_TEST(a_refused_connection_is_explained)
{
    struct stage stage;
    struct server_process client;
    char output[200];
    stage_open(&stage, -1); /* nobody listens, and nobody else gets the port */
    stage_start_client(&stage, "tcp", (const char *const[]){"PING", NULL}, &client);
    snprintf(output, sizeof(output), "crew-client: cannot connect to %s: Connection refused\n",
             stage.address);
    expect_client_end(&client, FAILURE, output);
    close(stage.listener);
}
END_TEST

/* A backlog of 0 takes one connection; Linux lets the handshakes of all others wait. */
START_TEST(a_connection_that_takes_too_long_is_given_up)
{
    struct stage stage;
    struct server_process client;
    char url[96];
    char output[200];
    stage_open(&stage, 0);
    snprintf(url, sizeof(url), "tcp://%s", stage.address);
    int first = wire_connect(url);
    stage_start_client(&stage, "tcp",
                       (const char *const[]){"--connect-timeout", "150ms", "PING", NULL}, &client);
    snprintf(output, sizeof(output), "crew-client: cannot connect to %s: Connection timed out\n",
             stage.address);
    expect_client_end(&client, FAILURE, output);
    close(first);
    close(stage.listener);
}
END_TEST

START_TEST(a_reply_that_takes_too_long_is_given_up)
{
    static const char *const schemes[] = {"tcp", "raw"};
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct stage stage;
        struct server_process client;
        char output[200];
        stage_open(&stage, 1); /* the kernel completes the connection; nobody reads from it */
        stage_start_client(&stage, schemes[i],
                           (const char *const[]){"--timeout", "150ms", "PING", NULL}, &client);
        snprintf(output, sizeof(output), "crew-client: no reply from %s within 150ms\n",
                 stage.address);
        expect_client_end(&client, FAILURE, output);
        close(stage.listener);
    }
}
END_TEST

Suite *client_suite(void)
{
    Suite *suite = suite_create("client");
    TCase *tests = tcase_create("client");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_command_and_its_result, 0, COUNT(rows));
    tcase_add_test(tests, host_and_port_can_be_given_apart);
    tcase_add_test(tests, a_raw_server_is_greeted);
    tcase_add_loop_test(tests, a_scene_with_a_server, 0, COUNT(scenes));
    tcase_add_test(tests, an_end_after_a_reply_is_just_that);
    tcase_add_test(tests, a_refused_connection_is_explained);
    tcase_add_test(tests, a_connection_that_takes_too_long_is_given_up);
    tcase_add_test(tests, a_reply_that_takes_too_long_is_given_up);
    suite_add_tcase(suite, tests);
    return suite;
}
