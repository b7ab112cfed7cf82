/* SPDX-License-Identifier: MIT */
/* Clients that want too much: each hurts itself, and nobody else. */
#include "common/byte_buffer.h"
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Requests that are small to send and long to answer must let another worker watch meanwhile,
 * so none may be marked fast: COMMAND INFO tells. */
START_TEST(laborious_requests_are_not_marked_fast)
{
    static const char *const laborious[] = {"work|reply",   "config|get",  "command|docs",
                                            "command|info", "client|list", "info"};
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    for (size_t i = 0; i < sizeof(laborious) / sizeof(laborious[0]); i++) {
        struct byte_buffer request = {0};
        struct byte_buffer reply = {0};
        byte_buffer_printf(&request, "COMMAND INFO %s\r\n", laborious[i]);
        wire_send(fd, request.bytes, request.size);
        wire_read_reply(fd, &reply);
        byte_buffer_append(&reply, "", 1);
        ck_assert_msg(strstr(reply.bytes, "+fast") == NULL, "%s is marked fast", laborious[i]);
        byte_buffer_free(&request);
        byte_buffer_free(&reply);
    }
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(names_and_lists_of_names_have_limits)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    struct byte_buffer request = {0};
    byte_buffer_printf(&request, "CLIENT SETNAME %0256d\r\n", 0);
    wire_send(fd, request.bytes, request.size);
    wire_expect(fd, "+OK\r\n");
    byte_buffer_truncate(&request, 0);
    byte_buffer_printf(&request, "CLIENT SETNAME %0257d\r\n", 0);
    wire_send(fd, request.bytes, request.size);
    wire_expect(fd, "-ERR Client names cannot be longer than 256 bytes.\r\n");

    byte_buffer_truncate(&request, 0);
    byte_buffer_append_text(&request, "COMMAND DOCS");
    for (int i = 0; i < 1000; i++)
        byte_buffer_append_text(&request, " CLIENT");
    byte_buffer_append_text(&request, "\r\n");
    wire_send(fd, request.bytes, request.size);
    wire_expect(fd, "-ERR too many names: there are ");
    byte_buffer_free(&request);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* Twice, because an allocator may learn from the first round to keep what is freed. */
START_TEST(memory_comes_back_when_greedy_clients_leave)
{
    enum { ROUNDS = 2, CLIENTS = 60 };
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-client-memory 0");
    int greedy[CLIENTS];
    size_t peak_kib = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            greedy[i] = wire_connect(server.url);
            wire_send_text(greedy[i], "WORK REPLY 16000000\r\n");
            ck_assert_double_ge(wire_wait_us(greedy[i]),
                                0); /* it is answered, and holds the rest */
        }
        peak_kib = fixture_resident_kib(&server);
        for (int i = 0; i < CLIENTS; i++)
            close(greedy[i]);
        fixture_wait_info(&server, "closed_reset", CLIENTS * round);
    }
    size_t left_kib = fixture_resident_kib(&server);
    ck_assert_msg(left_kib < peak_kib / 2, "%zu of %zu KiB are still there", left_kib, peak_kib);
    fixture_stop(&server);
}
END_TEST

START_TEST(raw_clients_never_see_framing)
{
    struct fixture server;
    fixture_start(&server, "--raw-command COMMAND --listen raw://127.0.0.1:0");
    int fd = wire_connect(server.url);
    wire_exchange(fd, "INFO", "ping-1fast000echo2fast000");
    close(fd);
    fixture_stop(&server);
}
END_TEST

Suite *hostile_suite(void)
{
    Suite *suite = suite_create("hostile");
    TCase *tests = tcase_create("hostile");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, laborious_requests_are_not_marked_fast);
    tcase_add_test(tests, names_and_lists_of_names_have_limits);
    tcase_add_test(tests, memory_comes_back_when_greedy_clients_leave);
    tcase_add_test(tests, raw_clients_never_see_framing);
    suite_add_tcase(suite, tests);
    return suite;
}
