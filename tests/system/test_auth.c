/* SPDX-License-Identifier: MIT */
/* Logging in: every reply of doc/protocol.md, however the bytes arrive. */
#include "common/clock.h"
#include "tests/system/exchange.h"
#include "tests/system/password.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define OK        "+OK\r\n"
#define NOAUTH    "-NOAUTH Authentication required.\r\n"
#define WRONG     "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
#define BUSY      "-ERR too many logins at once, try again\r\n"
#define TOO_MANY  "-ERR Protocol error: unauthenticated multibulk length\r\n"
#define TOO_LARGE "-ERR Protocol error: unauthenticated bulk length\r\n"
#define HELLO_FIRST                                                                                \
    "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH" \
    " <user> <pass> option can be used to authenticate the client and select the RESP protocol"    \
    " version at the same time\r\n"
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"
#define TEN_ARRAY                                                                                  \
    "*10\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nb\r\n$1\r\nb\r\n$1\r\nb\r\n$1\r\nb\r\n"                    \
    "$1\r\nb\r\n$1\r\nb\r\n$1\r\nb\r\n$1\r\nb\r\n"

static const struct exchange rows[] = {
    {"PING", BYTES("PING\r\n"), .resp2 = BYTES(NOAUTH)},
    {"PING with words", BYTES("PING a b c\r\n"), .resp2 = BYTES(NOAUTH)},
    {"an unknown command", BYTES("AUHT secret\r\n"), .resp2 = BYTES(NOAUTH)},
    {"a subcommand", BYTES("CLIENT LIST\r\nCLIENT FOO\r\nCLIENT\r\n"),
     .resp2 = BYTES(NOAUTH NOAUTH NOAUTH)},
    {"what tells about the server", BYTES("INFO\r\nCONFIG GET *\r\nCOMMAND\r\n"),
     .resp2 = BYTES(NOAUTH NOAUTH NOAUTH)},
    {"work", BYTES("WORK SLEEP 5000000\r\n"), .resp2 = BYTES(NOAUTH)},
    {"HELLO", BYTES("HELLO\r\nHELLO 3\r\nHELLO 2 SETNAME a\r\n"),
     .resp2 = BYTES(HELLO_FIRST HELLO_FIRST HELLO_FIRST)},
    {"HELLO with mistakes", BYTES("HELLO 9\r\nHELLO x\r\nHELLO 3 FOO\r\n"),
     .resp2 = BYTES("-NOPROTO unsupported protocol version\r\n"
                    "-ERR Protocol version is not an integer or out of range\r\n"
                    "-ERR Syntax error in HELLO option 'FOO'\r\n")},
    {"HELLO with a wrong password",
     BYTES("HELLO 3 AUTH default bad\r\nHELLO 3 AUTH bob \"" PASSWORD "\"\r\nPING\r\n"),
     .resp2 = BYTES(WRONG WRONG NOAUTH)},
    {"AUTH with a wrong password", BYTES("AUTH bad\r\nAUTH default bad\r\nAUTH \"\"\r\nPING\r\n"),
     .resp2 = BYTES(WRONG WRONG WRONG NOAUTH)},
    {"AUTH as somebody else", BYTES("AUTH bob \"" PASSWORD "\"\r\nPING\r\n"),
     .resp2 = BYTES(WRONG NOAUTH)},
    {"AUTH with too few words and too many", BYTES("AUTH\r\nAUTH a b c\r\nPING\r\n"),
     .resp2 = BYTES(ARITY("auth") "-ERR syntax error\r\n" NOAUTH)},
    {"a part of the password",
     BYTES("AUTH \"correct horse \"\r\nAUTH \"correct hors\"\r\nPING\r\n"),
     .resp2 = BYTES(WRONG WRONG NOAUTH)},
    {"the password with a NUL", BYTES("AUTH \"" PASSWORD "\\x00\"\r\nPING\r\n"),
     .resp2 = BYTES(WRONG NOAUTH)},
    {"AUTH", BYTES("PING\r\n" PASSWORD_REQUEST "PING\r\nPING\r\n"),
     .resp2 = BYTES(NOAUTH OK "+PONG\r\n+PONG\r\n")},
    {"AUTH with any byte", BYTES("AUTH default \"\\xff\\x01 x\"\r\nPING\r\n"),
     .resp2 = BYTES(OK "+PONG\r\n")},
    {"a wrong password does not log out", BYTES(PASSWORD_REQUEST "AUTH bad\r\nPING\r\n"),
     .resp2 = BYTES(OK WRONG "+PONG\r\n")},
    {"RESET logs out", BYTES("RESET\r\n" PASSWORD_REQUEST "PING\r\nRESET\r\nPING\r\n"),
     .resp2 = BYTES("+RESET\r\n" OK "+PONG\r\n+RESET\r\n" NOAUTH)},
    {"RESET with a word", BYTES("RESET x\r\n"), .resp2 = BYTES(ARITY("reset"))},
    {"QUIT", BYTES("QUIT\r\nPING\r\n"), .resp2 = BYTES(OK), .ends = true},
    {"ten arguments", BYTES(TEN_ARRAY), .resp2 = BYTES(NOAUTH)},
    {"ten words", BYTES("a b b b b b b b b b\r\n"), .resp2 = BYTES(NOAUTH)},
    {"eleven arguments", BYTES("*11\r\n"), .resp2 = BYTES(TOO_MANY), .ends = true},
    {"eleven words", BYTES("a b b b b b b b b b b\r\n"), .resp2 = BYTES(TOO_MANY), .ends = true},
    {"a large argument", BYTES("*2\r\n$16385\r\n"), .resp2 = BYTES(TOO_LARGE), .ends = true},
    {"eleven arguments after AUTH",
     BYTES(PASSWORD_REQUEST "ECHO a b b b b b b b b b\r\n"
                            "GREET b b b b b b b b b b b b\r\n"),
     .resp2 = BYTES(OK ARITY("echo") "$18\r\nHello from server!\r\n")},
    {"eleven arguments after RESET", BYTES(PASSWORD_REQUEST "RESET\r\n*11\r\n"),
     .resp2 = BYTES(OK "+RESET\r\n" TOO_MANY), .ends = true},
    {"a large argument after RESET", BYTES(PASSWORD_REQUEST "RESET\r\n*2\r\n$20000\r\n"),
     .resp2 = BYTES(OK "+RESET\r\n" TOO_LARGE), .ends = true},
    {"a browser", BYTES("POST / HTTP/1.1\r\n"), .resp2 = BYTES(""), .ends = true},
    {"ten wrong passwords",
     BYTES(
         "AUTH a\r\nAUTH a\r\nAUTH a\r\nAUTH a\r\nAUTH a\r\nRESET\r\nAUTH a\r\nAUTH a\r\nAUTH a\r\n"
         "HELLO 3 AUTH default a\r\nAUTH bob a\r\n" PASSWORD_REQUEST),
     .resp2 = BYTES(WRONG WRONG WRONG WRONG WRONG "+RESET\r\n" WRONG WRONG WRONG WRONG WRONG),
     .ends = true},
};

static void exchange_row(const struct fixture *server, const struct exchange *row, bool bytewise)
{
    int fd = wire_connect(server->url);
    if (bytewise)
        exchange_send_bytewise(fd, row->request);
    else
        wire_send(fd, row->request.data, row->request.size);
    wire_expect_bytes(fd, row->resp2.data, row->resp2.size);
    if (row->ends)
        wire_expect_end(fd);
    else
        wire_exchange(fd, "RESET\r\n", "+RESET\r\n"); /* nothing is left over */
    close(fd);
}

START_TEST(row)
{
    struct fixture server;
    password_file_write("# old ones\n\nplain:other\nplain:\xff\x01 x\nplain:" PASSWORD);
    password_server_start(&server, "--workers 2");
    exchange_row(&server, &rows[_i], false);
    exchange_row(&server, &rows[_i], true);
    fixture_stop(&server);
}
END_TEST

START_TEST(hello_logs_in)
{
    struct fixture server;
    struct byte_buffer reply = {0};
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "HELLO 3 AUTH default \"" PASSWORD "\" SETNAME a\r\n");
    wire_read_reply(fd, &reply);
    ck_assert_int_eq(strncmp(reply.bytes, "%7\r\n", 4), 0);
    wire_exchange(fd, "CLIENT GETNAME\r\n", "$1\r\na\r\n");
    wire_exchange(fd, "HELLO 3 AUTH default bad\r\n", WRONG);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(logins_are_counted_and_logged)
{
    struct fixture server;
    struct byte_buffer log = {0};
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 2");
    int watcher = password_connect(server.url);
    int fd = wire_connect(server.url);
    for (int i = 0; i < 9; i++)
        wire_exchange(fd, "AUTH bob guess-4711\r\n", WRONG);
    ck_assert_double_eq(wire_info(watcher, "closed_auth_failures"), 0);
    wire_exchange(fd, "AUTH bob guess-4711\r\n", WRONG);
    wire_expect_end(fd);
    close(fd);
    wire_wait_info(watcher, "closed_auth_failures", 1);
    ck_assert_double_eq(wire_info(watcher, "auth_failures_total"), 10);
    ck_assert_double_eq(wire_info(watcher, "auth_successes_total"), 1);
    close(watcher);
    server_process_log(&server.process, &log);
    byte_buffer_append(&log, "", 1);
    const char *line = strstr(log.bytes, "warn login_failed addr=127.0.0.1:");
    ck_assert_msg(line != NULL, "%s", log.bytes);
    ck_assert_ptr_nonnull(strstr(line, " count=1\n"));
    int lines = 0;
    for (; line != NULL; line = strstr(line + 1, "login_failed"))
        lines++;
    ck_assert_int_le(lines, 5); /* not one for each of ten */
    ck_assert_ptr_null(strstr(log.bytes, "4711"));
    ck_assert_ptr_null(strstr(log.bytes, PASSWORD));
    byte_buffer_free(&log);
    fixture_stop(&server);
}
END_TEST

/* ---- hashes ---- */

static void reload(struct fixture *server, const char *lines, const char *logged)
{
    struct byte_buffer log = {0};
    password_file_write(lines);
    server_process_log(&server->process, &log);
    size_t before = log.size;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    server_process_signal(&server->process, SIGHUP);
    do {
        ck_assert_msg(monotonic_ns() < deadline_ns, "no %s", logged);
        byte_buffer_truncate(&log, 0);
        server_process_log(&server->process, &log);
    } while (memmem(log.bytes + before, log.size - before, logged, strlen(logged)) == NULL);
    byte_buffer_free(&log);
}

START_TEST(a_hash_lets_its_password_in)
{
    char *hash = password_make_hash(PASSWORD "\nnot read");
    struct fixture server;
    if (hash == NULL)
        return;
    ck_assert_int_eq(strncmp(hash, "$y$", 3), 0);
    password_file_write(hash);
    password_server_start(&server, "--workers 2");
    close(password_connect(server.url));
    int fd = wire_connect(server.url);
    wire_exchange(fd, "AUTH \"" PASSWORD "\\x00\"\r\n", WRONG);
    wire_exchange(fd, "AUTH \"" PASSWORD " \"\r\n", WRONG);
    wire_exchange(fd, "AUTH \"\"\r\n", WRONG);
    wire_exchange(fd, PASSWORD_REQUEST "PING\r\n", OK "+PONG\r\n");
    close(fd);
    fixture_stop(&server);
    free(hash);
}
END_TEST

/* All that come back after a restart get in, and only the first waits for the slow check. */
START_TEST(a_crowd_comes_back_at_once)
{
    enum { CROWD = 40, RELOADS = 5 };
    char *hash = password_make_hash(PASSWORD);
    struct fixture server;
    int crowd[CROWD];
    if (hash == NULL)
        return;
    password_file_write(hash);
    password_server_start(&server, "--workers 4");
    for (int i = 0; i < CROWD; i++)
        crowd[i] = wire_connect(server.url);
    for (int i = 0; i < CROWD; i++)
        wire_send_text(crowd[i], PASSWORD_REQUEST);
    for (int i = 0; i < CROWD; i++)
        wire_expect(crowd[i], OK);
    /* One slow check for all: together they take less than a few would. */
    struct byte_buffer info = {0};
    wire_send_text(crowd[0], "INFO Commands\r\n");
    wire_read_reply(crowd[0], &info);
    const char *calls = strstr(info.bytes, "cmdstat_auth:calls=40,");
    ck_assert_msg(calls != NULL, "%s", info.bytes);
    uint64_t started_ns = monotonic_ns();
    wire_exchange(crowd[0], "AUTH bad\r\n", WRONG);
    double slow_ms = (double)(monotonic_ns() - started_ns) / NS_PER_MS;
    double least_ms = slow_ms;
    for (int i = 0; i < CROWD; i++) {
        if (i < RELOADS) /* what is known stays known */
            reload(&server, hash, "info passwords_reloaded");
        started_ns = monotonic_ns();
        wire_exchange(crowd[i], PASSWORD_REQUEST, OK);
        double took_ms = (double)(monotonic_ns() - started_ns) / NS_PER_MS;
        least_ms = i < RELOADS && took_ms < least_ms ? took_ms : least_ms;
        close(crowd[i]);
    }
    ck_assert_msg(least_ms < slow_ms / 4, "known: %.2f ms, unknown: %.2f ms", least_ms, slow_ms);
    byte_buffer_free(&info);
    fixture_stop(&server);
    free(hash);
}
END_TEST

/* Who guesses holds up neither those who are logged in nor those who know the password. */
START_TEST(one_guess_at_a_time)
{
    enum { GUESSERS = 8 };
    char *hash = password_make_hash(PASSWORD);
    struct fixture server;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    bool refused = false;
    if (hash == NULL)
        return;
    password_file_write(hash);
    password_server_start(&server, "--workers 4");
    close(password_connect(server.url));
    while (!refused) {
        int fds[GUESSERS];
        ck_assert(monotonic_ns() < deadline_ns);
        for (int i = 0; i < GUESSERS; i++) {
            fds[i] = wire_connect(server.url);
            wire_send_text(fds[i], "AUTH bad\r\n");
        }
        close(password_connect(server.url));
        for (int i = 0; i < GUESSERS; i++) {
            char first[6] = "";
            wire_read(fds[i], first, 5);
            ck_assert(strcmp(first, "-WRON") == 0 || strcmp(first, "-ERR ") == 0);
            refused |= first[1] == 'E';
            wire_expect(fds[i], first[1] == 'E' ? &BUSY[5] : &WRONG[5]);
            close(fds[i]);
        }
    }
    fixture_stop(&server);
    free(hash);
}
END_TEST

/* ---- strangers' memory ---- */

/* Strangers may hold back the last byte of the largest request they are allowed: 160 KiB, in a
 * buffer that doubles. What is resident says little under sanitizers, which keep freed memory. */
START_TEST(unauthenticated_many_argument_requests)
{
    enum { STRANGERS = 1000, BULK = 16 * 1024, ARGUMENTS = 10, LIMIT_KIB = 257 };
    static char bulk[BULK];
    static int fds[STRANGERS];
    struct fixture server;
    memset(bulk, 'x', sizeof(bulk));
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 2");
    int watcher = password_connect(server.url);
    size_t before_kib = fixture_resident_kib(&server);
    double sent = wire_info(watcher, "bytes_in_total");
    for (int i = 0; i < STRANGERS; i++) {
        fds[i] = wire_connect(server.url);
        wire_send_text(fds[i], "*10\r\n");
        for (int k = 0; k < ARGUMENTS; k++) {
            wire_send_text(fds[i], "$16384\r\n");
            wire_send(fds[i], bulk, sizeof(bulk));
            wire_send_text(fds[i], k < ARGUMENTS - 1 ? "\r\n" : "\r");
        }
    }
    wire_wait_info(watcher, "bytes_in_total", sent + (double)STRANGERS * ARGUMENTS * BULK);
    size_t each_kib = (fixture_resident_kib(&server) - before_kib) / STRANGERS;
    fprintf(stderr, "a stranger's largest unfinished request holds %zu KiB\n", each_kib);
    ck_assert_double_lt(wire_info(watcher, "client_memory_bytes"), STRANGERS * LIMIT_KIB * 1024.0);
    wire_exchange(watcher, "PING\r\n", "+PONG\r\n");
    wire_exchange(fds[0], "\n", NOAUTH);
    for (int i = 0; i < STRANGERS; i++)
        close(fds[i]);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

/* ---- reload ---- */

START_TEST(a_signal_reads_the_passwords_again)
{
    struct fixture server;
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 2");
    int fd = password_connect(server.url);
    reload(&server, "plain:old\nplain:new\n", "info passwords_reloaded");
    int other = wire_connect(server.url);
    wire_exchange(other, PASSWORD_REQUEST "AUTH new\r\n", WRONG OK);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n"); /* who is logged in stays */
    reload(&server, "sesame\n", "error passwords_reload_failed");
    wire_exchange(other, "RESET\r\nAUTH sesame\r\nAUTH old\r\n", "+RESET\r\n" WRONG OK);
    close(fd);
    close(other);
    fixture_stop(&server);
}
END_TEST

/* A check that is under way goes on with the passwords it began with. */
START_TEST(a_reload_amid_a_check)
{
    enum { CLIENTS = 4 };
    char *hash = password_make_hash("another");
    struct fixture server;
    int fds[CLIENTS];
    if (hash == NULL)
        return;
    password_file_write(hash);
    password_server_start(&server, "--workers 2");
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = wire_connect(server.url);
        wire_send_text(fds[i], "AUTH bad\r\n");
    }
    reload(&server, "plain:" PASSWORD "\n", "info passwords_reloaded");
    for (int i = 0; i < CLIENTS; i++) {
        wire_expect(fds[i], WRONG);
        wire_exchange(fds[i], "AUTH another\r\n" PASSWORD_REQUEST, WRONG OK);
        close(fds[i]);
    }
    fixture_stop(&server);
    free(hash);
}
END_TEST

Suite *auth_suite(void)
{
    Suite *suite = suite_create("auth");
    TCase *tests = tcase_create("rows");
    tcase_add_unchecked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, row, 0, COUNT(rows));
    suite_add_tcase(suite, tests);

    tests = tcase_create("logins");
    tcase_add_unchecked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, hello_logs_in);
    tcase_add_test(tests, logins_are_counted_and_logged);
    tcase_add_test(tests, a_hash_lets_its_password_in);
    tcase_add_test(tests, a_crowd_comes_back_at_once);
    tcase_add_test(tests, one_guess_at_a_time);
    tcase_add_test(tests, unauthenticated_many_argument_requests);
    tcase_add_test(tests, a_signal_reads_the_passwords_again);
    tcase_add_test(tests, a_reload_amid_a_check);
    suite_add_tcase(suite, tests);
    return suite;
}
