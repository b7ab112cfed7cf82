/* SPDX-License-Identifier: MIT */
/* INFO: every counter is exact, every section can be asked for alone. */
#include "common/byte_buffer.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The reply, framing included, which lives in `reply`. */
static const char *ask_info(int fd, const char *request, struct byte_buffer *reply)
{
    wire_send_text(fd, request);
    wire_read_reply(fd, reply);
    return reply->bytes;
}

/* A number within a cmdstat line; 0 when the command has no line. */
static long command_count(const char *info, const char *command, const char *field)
{
    char key[64];
    snprintf(key, sizeof(key), "\r\ncmdstat_%s:", command);
    const char *line = strstr(info, key);
    if (line == NULL)
        return 0;
    line += strlen(key);
    snprintf(key, sizeof(key), "%s=", field);
    const char *found = strstr(line, key);
    ck_assert_msg(found != NULL && found < strstr(line, "\r\n"), "cmdstat_%s has no %s", command,
                  field);
    return strtol(found + strlen(key), NULL, 10);
}

static const struct {
    const char *request;
    const char *reply;
} exchanges[] = {
    {"PING\r\nPING\r\nPING\r\nPING\r\nPING\r\n", "+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n"},
    {"*2\r\n$4\r\nECHO\r\n$1\r\na\r\n", "$1\r\na\r\n"},
    {"echo b\r\n\r\n*0\r\n", "$1\r\nb\r\n"}, /* empty requests do not count */
    {"FOO\r\n", "-ERR unknown command 'FOO', with args beginning with: \r\n"},
    {"PING a b\r\n", "-ERR wrong number of arguments for 'ping' command\r\n"},
    {"ECHO\r\n", "-ERR wrong number of arguments for 'echo' command\r\n"},
    {"SELECT 9\r\n", "-ERR DB index is out of range\r\n"},
    {"CLIENT SETNAME a\r\n", "+OK\r\n"},
    {"CLIENT FOO\r\n", "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n"},
    {"WORK SLEEP 2000\r\n", "+OK\r\n"},
};

static const struct {
    const char *command;
    long calls;
    long rejected;
    long failed;
} commands[] = {
    {"ping", 6, 0, 1},   {"echo", 2, 1, 0},       {"select", 1, 0, 1}, {"client|setname", 1, 0, 0},
    {"client", 0, 1, 0}, {"work|sleep", 1, 0, 0}, {"hello", 0, 0, 0},
};

/* Consecutive requests of a command are timed together; each must still count for itself. */
START_TEST(pipelined_requests_are_counted_exactly)
{
    static const char pipeline[] =
        "PING\r\nPING\r\nPING 1 2\r\nping\r\nECHO a\r\nECHO\r\nECHO b\r\n"
        "FOO\r\nBAR\r\nWORK SLEEP\r\nWORK SLEEP 3000\r\nPING\r\nWORK SLEEP 2000\r\n";
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 1");
    int fd = wire_connect(server.url);
    wire_exchange(fd, pipeline,
                  "+PONG\r\n+PONG\r\n-ERR wrong number of arguments for 'ping' command\r\n+PONG\r\n"
                  "$1\r\na\r\n-ERR wrong number of arguments for 'echo' command\r\n$1\r\nb\r\n"
                  "-ERR unknown command 'FOO', with args beginning with: \r\n"
                  "-ERR unknown command 'BAR', with args beginning with: \r\n"
                  "-ERR wrong number of arguments for 'work|sleep' command\r\n"
                  "+OK\r\n+PONG\r\n+OK\r\n");
    const char *info = ask_info(fd, "INFO\r\n", &reply);
    ck_assert_msg(strstr(info, "\r\nrequests_total:13\r\nerrors_total:5\r\n") != NULL, "%s", info);
    ck_assert_int_eq(command_count(info, "ping", "calls"), 5);
    ck_assert_int_eq(command_count(info, "ping", "failed_calls"), 1);
    ck_assert_int_eq(command_count(info, "echo", "calls"), 2);
    ck_assert_int_eq(command_count(info, "echo", "rejected_calls"), 1);
    ck_assert_int_eq(command_count(info, "work|sleep", "calls"), 2);
    /* What blocks is timed alone: neither the PINGs nor the other WORK get any of it. */
    ck_assert_int_eq(command_count(info, "work|sleep", "rejected_calls"), 1);
    ck_assert_int_ge(command_count(info, "work|sleep", "usec"), 5000);
    ck_assert_int_lt(command_count(info, "ping", "usec"), 2000);
    const char *maximum = strstr(info, "\r\nservice_us_max:");
    ck_assert_ptr_nonnull(maximum);
    ck_assert_double_ge(strtod(strchr(maximum, ':') + 1, NULL), 3000);
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(requests_are_counted_exactly)
{
    struct fixture server;
    struct byte_buffer reply = {0};
    size_t bytes_in = 0;
    size_t bytes_out = 0;
    fixture_start(&server, "--workers 3");
    int fd = wire_connect(server.url);
    for (size_t i = 0; i < COUNT(exchanges); i++) {
        wire_exchange(fd, exchanges[i].request, exchanges[i].reply);
        bytes_in += strlen(exchanges[i].request);
        bytes_out += strlen(exchanges[i].reply);
    }
    const char *info = ask_info(fd, "INFO\r\n", &reply);
    char expected[200];
    snprintf(expected, sizeof(expected),
             "\r\nrequests_total:14\r\nerrors_total:5\r\nshed_requests_total:0\r\nvisits_total:");
    ck_assert_msg(strstr(info, expected) != NULL, "%s", info);
    snprintf(expected, sizeof(expected), "\r\nbytes_in_total:%zu\r\nbytes_out_total:%zu\r\n",
             bytes_in + strlen("INFO\r\n"), bytes_out);
    ck_assert_msg(strstr(info, expected) != NULL, "%s", info);
    for (size_t i = 0; i < COUNT(commands); i++) {
        const char *name = commands[i].command;
        ck_assert_int_eq(command_count(info, name, "calls"), commands[i].calls);
        ck_assert_int_eq(command_count(info, name, "rejected_calls"), commands[i].rejected);
        ck_assert_int_eq(command_count(info, name, "failed_calls"), commands[i].failed);
    }
    ck_assert_int_ge(command_count(info, "work|sleep", "usec"), 2000);
    ck_assert_ptr_nonnull(strstr(info, "\r\nconnected_clients:1\r\n"));
    ck_assert_ptr_nonnull(strstr(info, "\r\nconnections_total:1\r\n"));
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* ---- why connections ended ---- */

static void end_by_closing(const char *url)
{
    close(wire_connect(url));
}

static void end_by_reset(const char *url)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int fd = wire_connect(url);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
    close(fd);
}

static void end_by_request(const char *url, const char *request, const char *reply)
{
    int fd = wire_connect(url);
    wire_exchange(fd, request, reply);
    wire_expect_end(fd);
    close(fd);
}

static void end_by_quit(const char *url)
{
    end_by_request(url, "PING\r\nQUIT\r\n", "+PONG\r\n+OK\r\n");
}

static void end_by_garbage(const char *url)
{
    end_by_request(url, "*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n");
}

static void end_by_http(const char *url)
{
    end_by_request(url, "POST / HTTP/1.1\r\n", "");
}

static const struct {
    const char *counter;
    void (*provoke)(const char *url);
} endings[] = {
    {"closed_client", end_by_closing},        {"closed_quit", end_by_quit},
    {"closed_reset", end_by_reset},           {"closed_protocol_error", end_by_garbage},
    {"closed_foreign_protocol", end_by_http},
};

START_TEST(ends_of_connections_are_counted_by_their_reason)
{
    struct fixture server;
    int provoked = 0;
    fixture_start(&server, "--workers 2");
    int watcher = wire_connect(server.url);
    for (size_t i = 0; i < COUNT(endings); i++) {
        for (size_t times = 0; times <= i; times++, provoked++)
            endings[i].provoke(server.url);
    }
    for (size_t i = 0; i < COUNT(endings); i++)
        wire_wait_info(watcher, endings[i].counter, (double)i + 1);
    for (size_t i = 0; i < COUNT(endings); i++)
        ck_assert_double_eq(wire_info(watcher, endings[i].counter), (double)i + 1);
    ck_assert_double_eq(wire_info(watcher, "closed_raw_done"), 0);
    ck_assert_double_eq(wire_info(watcher, "closed_tls_handshake"), 0);
    ck_assert_double_eq(wire_info(watcher, "closed_no_memory"), 0);
    ck_assert_double_eq(wire_info(watcher, "closed_stop"), 0);
    ck_assert_double_eq(wire_info(watcher, "connections_total"), provoked + 1);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

/* ---- a fresh start ---- */

/* Repeated, since it must hold however the requests fall into the workers' turns. */
START_TEST(resetstat_begins_anew)
{
    enum { ROUNDS = 200 };
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 3");
    int fd = wire_connect(server.url);
    for (int i = 0; i < ROUNDS; i++) {
        close(wire_connect(server.url));
        wire_exchange(fd, "PING\r\nFOO\r\n",
                      "+PONG\r\n-ERR unknown command 'FOO', with args beginning with: \r\n");
        if (i % 2 == 0) {
            wire_exchange(fd, "CONFIG RESETSTAT\r\n", "+OK\r\n");
            wire_exchange(fd, "PING\r\n", "+PONG\r\n");
            wire_exchange(fd, "ECHO\r\n", "-ERR wrong number of arguments for 'echo' command\r\n");
        } else {
            wire_exchange(fd, "CONFIG RESETSTAT\r\nPING\r\nECHO\r\n",
                          "+OK\r\n+PONG\r\n-ERR wrong number of arguments for 'echo' command\r\n");
        }
        const char *info = ask_info(fd, "INFO\r\n", &reply);
        /* The reset itself is the first request of the new count. */
        ck_assert_msg(strstr(info, "\r\nrequests_total:3\r\nerrors_total:1\r\n") != NULL,
                      "round %d: %s", i, info);
        ck_assert_int_eq(command_count(info, "config|resetstat", "calls"), 1);
        ck_assert_int_eq(command_count(info, "ping", "calls"), 1);
        ck_assert_int_eq(command_count(info, "echo", "rejected_calls"), 1);
        ck_assert_int_eq(command_count(info, "info", "calls"), 0);
    }
    fixture_wait_info(&server, "connections_total", 1);
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* ---- sections ---- */

static const struct {
    const char *request;
    const char *headings; /* in their order */
} sections[] = {
    {"INFO\r\n", "Server Clients Pool Commands CPU "},
    {"INFO all\r\n", "Server Clients Pool Commands CPU "},
    {"INFO everything\r\n", "Server Clients Pool Commands CPU "},
    {"INFO default\r\n", "Server Clients Pool Commands CPU "},
    {"INFO pool\r\n", "Pool "},
    {"INFO CPU Server\r\n", "Server CPU "},
    {"INFO foo clients bar\r\n", "Clients "},
    {"INFO commands commands\r\n", "Commands "},
    {"INFO foo\r\n", ""},
};

START_TEST(sections_can_be_chosen)
{
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    for (size_t i = 0; i < COUNT(sections); i++) {
        char headings[200] = "";
        const char *info = ask_info(fd, sections[i].request, &reply);
        for (const char *at = strstr(info, "# "); at != NULL; at = strstr(at + 1, "# ")) {
            size_t used = strlen(headings);
            snprintf(headings + used, sizeof(headings) - used, "%.*s ", (int)strcspn(at + 2, "\r"),
                     at + 2);
        }
        ck_assert_str_eq(headings, sections[i].headings);
    }
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

static const char *const fields[] = {
    "crew_version",
    "redis_mode",
    "process_id",
    "uptime_in_seconds",
    "listener0",
    "cpu_iterations_per_us",
    "connected_clients",
    "maxclients",
    "client_memory_bytes",
    "client_memory_peak_bytes",
    "strangers_waiting",
    "connections_total",
    "rejected_connections",
    "rejected_connections_per_peer",
    "accept_errors_aborted",
    "accept_errors_process_fds",
    "accept_errors_system_fds",
    "accept_errors_memory",
    "accept_errors_other",
    "workers",
    "door_workers",
    "workers_busy",
    "workers_in_slow_commands",
    "workers_stuck",
    "stuck_longest_ms",
    "worker_utilization",
    "overloaded",
    "ready_queue_length",
    "ready_queue_peak",
    "ready_queue_lock_contended_total",
    "ready_queue_lock_wait_us_total",
    "shed_requests_total",
    "visits_total",
    "auth_successes_total",
    "auth_failures_total",
    "tls_handshakes_total",
    "tls_resumed_total",
    "queue_wait_us_total",
    "service_us_total",
    "service_scv",
    "lock_wait_us_total",
    "used_cpu_sys",
    "used_cpu_user",
    "voluntary_context_switches",
    "involuntary_context_switches",
};

START_TEST(every_field_is_there)
{
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 2 --max-connections 50 --cpu-iterations 321");
    int fd = wire_connect(server.url);
    const char *info = ask_info(fd, "INFO\r\n", &reply);
    for (size_t i = 0; i < COUNT(fields); i++) {
        char key[64];
        snprintf(key, sizeof(key), "\r\n%s:", fields[i]);
        ck_assert_msg(strstr(info, key) != NULL, "no %s", fields[i]);
    }
    ck_assert_double_eq(wire_info(fd, "workers"), 2);
    ck_assert_double_eq(wire_info(fd, "maxclients"), 50);
    ck_assert_double_eq(wire_info(fd, "cpu_iterations_per_us"), 321);
    ck_assert_double_eq(wire_info(fd, "process_id"), server.process.pid);
    ck_assert_double_ge(wire_info(fd, "workers_busy"), 1);
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

Suite *info_suite(void)
{
    Suite *suite = suite_create("info");
    TCase *tests = tcase_create("info");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, requests_are_counted_exactly);
    tcase_add_test(tests, pipelined_requests_are_counted_exactly);
    tcase_add_test(tests, ends_of_connections_are_counted_by_their_reason);
    tcase_add_test(tests, resetstat_begins_anew);
    tcase_add_test(tests, sections_can_be_chosen);
    tcase_add_test(tests, every_field_is_there);
    suite_add_tcase(suite, tests);
    return suite;
}
