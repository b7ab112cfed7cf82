/* SPDX-License-Identifier: MIT */
#include "server/output.h"
#include "server/server.h"
#include "tests/unit/suites.h"

#include <sys/socket.h>
#include <unistd.h>

static struct server server;
static struct worker worker;
static struct connection connection;
static int peer;

static void set_up(void)
{
    int sockets[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    worker = (struct worker){.server = &server};
    connection = (struct connection){.fd = sockets[0]};
    peer = sockets[1];
}

static void tear_down(void)
{
    byte_buffer_free(&worker.output);
    byte_buffer_free(&connection.output);
    close(connection.fd);
    close(peer);
}

static void check_received(const char *text)
{
    char bytes[64] = "";
    ssize_t got = recv(peer, bytes, sizeof(bytes) - 1, 0);
    ck_assert_str_eq(got < 0 ? "" : bytes, text);
}

START_TEST(what_was_kept_goes_first)
{
    byte_buffer_append_text(&connection.output, "[sent]kept ");
    connection.output_sent = 6;
    byte_buffer_append_text(&worker.output, "new");
    ck_assert_int_eq(output_send(&worker, &connection), OUTPUT_SENT);
    check_received("kept new");
    ck_assert_uint_eq(worker.output.size, 0);
    ck_assert_uint_eq(connection.output.capacity, 0);
}
END_TEST

/* A reply that could not be kept is missing: whatever came after it would answer another request,
 * even though the socket has room again. */
START_TEST(nothing_follows_a_lost_reply)
{
    connection.output.failed = true;
    byte_buffer_append_text(&worker.output, "new");
    ck_assert_int_eq(output_send(&worker, &connection), OUTPUT_FAILED);
    check_received("");
}
END_TEST

Suite *output_suite(void)
{
    Suite *suite = suite_create("output");
    TCase *tests = tcase_create("output");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_was_kept_goes_first);
    tcase_add_test(tests, nothing_follows_a_lost_reply);
    suite_add_tcase(suite, tests);
    return suite;
}
