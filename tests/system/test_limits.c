/* SPDX-License-Identifier: MIT */
/* Where the server's limits are, and that reaching them harms nobody else. */
#include "common/byte_buffer.h"
#include "common/clock.h"
#include "common/dial.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOO_MANY "-ERR max number of clients reached\r\n"

/* ---- connections ---- */

START_TEST(one_connection_too_many_is_told_so)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-connections 2");
    int first = wire_connect(server.url);
    int second = wire_connect(server.url);
    wire_exchange(first, "PING\r\n", "+PONG\r\n");
    wire_exchange(second, "PING\r\n", "+PONG\r\n");
    for (int i = 0; i < 50; i++) {
        int third = wire_connect(server.url);
        if (i % 2 == 1) /* like most clients; the server may be gone by now */
            (void)send(third, "PING\r\n", 6, MSG_NOSIGNAL);
        wire_expect(third, TOO_MANY);
        wire_expect_end(third);
        close(third);
    }
    ck_assert_double_eq(wire_info(first, "rejected_connections"), 50);
    ck_assert_double_eq(wire_info(first, "connections_total"), 2);
    wire_exchange(second, "PING\r\n", "+PONG\r\n");
    close(first);
    close(second);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_closed_connection_makes_room)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-connections 2");
    int first = wire_connect(server.url);
    for (int i = 0; i < 20; i++) {
        int second = wire_connect(server.url);
        wire_exchange(second, "PING\r\n", "+PONG\r\n");
        close(second);
        uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
        while (wire_info(first, "connected_clients") > 1)
            ck_assert(monotonic_ns() < deadline_ns);
    }
    ck_assert_double_eq(wire_info(first, "rejected_connections"), 0);
    ck_assert_double_eq(wire_info(first, "connections_total"), 21);
    close(first);
    fixture_stop(&server);
}
END_TEST

/* ---- descriptors ---- */

/* The server's lowest free descriptor, which is the limit that leaves it none. */
static rlim_t lowest_free_descriptor(pid_t pid)
{
    char path[64];
    rlim_t number = 0;
    do {
        snprintf(path, sizeof(path), "/proc/%d/fd/%lu", (int)pid, (unsigned long)number++);
    } while (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    return number - 1;
}

START_TEST(without_descriptors_it_waits_instead_of_spinning)
{
    enum { WAITING = 8, QUIET_MS = 500 };
    struct fixture server;
    int waiting[WAITING];
    struct rlimit before;
    uint64_t cpu_before_ns;
    uint64_t cpu_after_ns;
    fixture_start(&server, "--workers 2");
    pid_t pid = server.process.pid;
    int inside = wire_connect(server.url);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    struct rlimit none = {.rlim_cur = lowest_free_descriptor(pid)};
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, NULL, &before), 0);
    none.rlim_max = before.rlim_max;
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &none, NULL), 0);
    for (int i = 0; i < WAITING; i++) {
        waiting[i] = wire_connect(server.url);
        wire_send_text(waiting[i], "PING\r\n");
    }
    wire_wait_info(inside, "accept_errors_process_fds", 1);

    ck_assert(server_process_cpu_ns(&server.process, &cpu_before_ns));
    ck_assert(!wait_for_socket(waiting[WAITING - 1], POLLIN, QUIET_MS));
    ck_assert(server_process_cpu_ns(&server.process, &cpu_after_ns));
    ck_assert_uint_lt(cpu_after_ns - cpu_before_ns, QUIET_MS / 5 * (uint64_t)NS_PER_MS);
    wire_wait_info(inside, "accept_errors_process_fds", 3);
    ck_assert_double_lt(wire_info(inside, "accept_errors_process_fds"), 50);

    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &before, NULL), 0);
    for (int i = 0; i < WAITING; i++) {
        wire_expect(waiting[i], "+PONG\r\n");
        close(waiting[i]);
    }
    close(inside);
    fixture_stop(&server);
}
END_TEST

/* ---- replies ---- */

enum { HUGE_REPLY = 63 * 1024 * 1024 };
#define ASK_HUGE  "WORK REPLY 66060288\r\n"
#define HUGE_HEAD "$66060288\r\n"

static void expect_huge(int fd)
{
    enum { PART = 64 * 1024 };
    static char letters[PART];
    memset(letters, 'x', sizeof(letters));
    wire_expect(fd, HUGE_HEAD);
    for (size_t done = 0; done < HUGE_REPLY; done += PART)
        wire_expect_bytes(fd, letters, PART);
    wire_expect(fd, "\r\n");
}

START_TEST(a_client_that_vanishes_amid_a_reply_is_forgotten)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int watcher = wire_connect(server.url);
    for (int i = 0; i < 3; i++) {
        int fd = wire_connect(server.url);
        wire_exchange(fd, ASK_HUGE ASK_HUGE, HUGE_HEAD);
        ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
        close(fd);
        wire_wait_info(watcher, "closed_reset", i + 1);
    }
    ck_assert_double_eq(wire_info(watcher, "closed_reset"), 3);
    wire_exchange(watcher, "PING\r\n", "+PONG\r\n");
    close(watcher);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_client_that_does_not_read_holds_up_nobody)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int lazy = wire_connect(server.url);
    int other = wire_connect(server.url);
    wire_send_text(lazy, ASK_HUGE "PING\r\n");
    (void)wire_wait_us(lazy);
    for (int i = 0; i < 1000; i++)
        wire_exchange(other, "PING\r\n", "+PONG\r\n");
    expect_huge(lazy);
    wire_expect(lazy, "+PONG\r\n");
    wire_exchange(lazy, "ECHO a\r\n", "$1\r\na\r\n");
    close(lazy);
    close(other);
    fixture_stop(&server);
}
END_TEST

START_TEST(who_has_sent_all_still_gets_all)
{
    enum { REQUESTS = 1000 };
    struct fixture server;
    struct byte_buffer requests = {0};
    struct byte_buffer replies = {0};
    fixture_start(&server, "--workers 2");
    for (int i = 0; i < REQUESTS; i++) {
        byte_buffer_printf(&requests, "ECHO %06d\r\n%s", i, i % 100 == 0 ? "WORK SLEEP 100\n" : "");
        byte_buffer_printf(&replies, "$6\r\n%06d\r\n%s", i, i % 100 == 0 ? "+OK\r\n" : "");
    }
    ck_assert(!requests.failed && !replies.failed);
    int fd = wire_connect(server.url);
    wire_send(fd, requests.bytes, requests.size);
    wire_send_text(fd, ASK_HUGE "PING\r\nECHO unfin");
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    wire_expect_bytes(fd, replies.bytes, replies.size);
    expect_huge(fd);
    wire_expect(fd, "+PONG\r\n");
    wire_expect_end(fd);
    byte_buffer_free(&requests);
    byte_buffer_free(&replies);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* ---- the size of requests ---- */

#define BAD_BULK "-ERR Protocol error: invalid bulk length\r\n"

/* ECHO with an argument of `size` bytes; the reply is the argument, or `refusal` and the end. */
static void check_echo(const char *url, size_t size, const char *refusal)
{
    struct byte_buffer bulk = {0};
    char head[64];
    byte_buffer_printf(&bulk, "$%zu\r\n", size);
    char *payload = byte_buffer_extend(&bulk, size);
    ck_assert_ptr_nonnull(payload);
    for (size_t i = 0; i < size; i++)
        payload[i] = (char)('a' + i % 23);
    byte_buffer_append_text(&bulk, "\r\n");
    int fd = wire_connect(url);
    snprintf(head, sizeof(head), "*2\r\n$4\r\nECHO\r\n");
    wire_send_text(fd, head);
    wire_send(fd, bulk.bytes, bulk.size);
    if (refusal == NULL) {
        wire_expect_bytes(fd, bulk.bytes, bulk.size);
        wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    } else {
        wire_expect(fd, refusal);
        wire_expect_end(fd);
    }
    byte_buffer_free(&bulk);
    close(fd);
}

START_TEST(the_largest_argument_is_what_the_option_says)
{
    static const struct {
        const char *option;
        size_t largest;
    } sizes[] = {
        {"", 1024 * 1024},
        {"--max-request-bytes 1k", 1024},
        {"--max-request-bytes 5000000", 5000000},
    };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct fixture server;
        char options[80];
        snprintf(options, sizeof(options), "--workers 2 %s", sizes[i].option);
        fixture_start(&server, options);
        check_echo(server.url, sizes[i].largest, NULL);
        check_echo(server.url, sizes[i].largest + 1, BAD_BULK);
        check_echo(server.url, 0, NULL);
        check_echo(server.url, sizes[i].largest - 1, NULL);
        fixture_stop(&server);
    }
}
END_TEST

/* Arguments that are small enough each, but too much together: 64 KiB over the largest one. */
START_TEST(a_whole_request_has_a_limit_too)
{
    struct fixture server;
    struct byte_buffer words = {0};
    fixture_start(&server, "--workers 2 --max-request-bytes 1k");
    for (int i = 0; i < 2 * 66; i++)
        byte_buffer_printf(&words, "$990\r\n%0990d\r\n", i);
    ck_assert(!words.failed);
    size_t word = words.size / (2 * 66);

    /* 66 of them are below 65 KiB and 67 above: the same words are a request and then are not. */
    int fd = wire_connect(server.url);
    wire_send_text(fd, "*66\r\n");
    wire_send(fd, words.bytes, 66 * word);
    struct byte_buffer reply = {0};
    wire_read_reply(fd, &reply);
    ck_assert_int_eq(strncmp(reply.bytes, "-ERR unknown command '0000", 26), 0);
    wire_send_text(fd, "*67\r\n");
    wire_send(fd, words.bytes, words.size);
    wire_expect(fd, "-ERR Protocol error: request exceeds max-request-bytes\r\n");
    wire_expect_end(fd);
    close(fd);

    /* More words than could ever fit are refused before the first of them comes. */
    fd = wire_connect(server.url);
    wire_exchange(fd, "*11094\r\n", "-ERR Protocol error: invalid multibulk length\r\n");
    wire_expect_end(fd);
    close(fd);
    byte_buffer_free(&words);
    byte_buffer_free(&reply);
    fixture_stop(&server);
}
END_TEST

/* Inline words are arguments like all others. */
START_TEST(an_inline_word_has_the_same_limit)
{
    struct fixture server;
    struct byte_buffer request = {0};
    fixture_start(&server, "--workers 2 --max-request-bytes 1k");
    int fd = wire_connect(server.url);
    byte_buffer_printf(&request, "ECHO %01024d\r\n", 0);
    wire_send(fd, request.bytes, request.size);
    wire_expect(fd, "$1024\r\n0000");
    close(fd);

    fd = wire_connect(server.url);
    byte_buffer_truncate(&request, 0);
    byte_buffer_printf(&request, "ECHO %01025d\r\n", 0);
    wire_send(fd, request.bytes, request.size);
    wire_expect(fd, "-ERR Protocol error: too big inline request\r\n");
    wire_expect_end(fd);
    close(fd);
    byte_buffer_free(&request);
    fixture_stop(&server);
}
END_TEST

Suite *limits_suite(void)
{
    Suite *suite = suite_create("limits");
    TCase *tests = tcase_create("limits");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, an_inline_word_has_the_same_limit);
    tcase_add_test(tests, one_connection_too_many_is_told_so);
    tcase_add_test(tests, a_closed_connection_makes_room);
    tcase_add_test(tests, without_descriptors_it_waits_instead_of_spinning);
    tcase_add_test(tests, a_client_that_vanishes_amid_a_reply_is_forgotten);
    tcase_add_test(tests, a_client_that_does_not_read_holds_up_nobody);
    tcase_add_test(tests, who_has_sent_all_still_gets_all);
    tcase_add_test(tests, the_largest_argument_is_what_the_option_says);
    tcase_add_test(tests, a_whole_request_has_a_limit_too);
    suite_add_tcase(suite, tests);
    return suite;
}
