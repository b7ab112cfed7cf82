/* SPDX-License-Identifier: MIT */
/* Every reply once, in order, byte for byte, however the requests are cut and mixed. */
#include "tests/system/echo_crowd.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMBERS = 1000, REQUESTS = 1000, PIPELINED = 10000 };

START_TEST(a_thousand_connections_get_every_reply_once_and_in_order)
{
    struct fixture server;
    struct echo_crowd crowd;
    fixture_start(&server, "--workers 4");
    echo_crowd_open(&crowd, server.url, MEMBERS, REQUESTS, 20261122);
    echo_crowd_run(&crowd, (uint64_t)MEMBERS * REQUESTS);
    ck_assert_uint_eq(echo_crowd_outstanding(&crowd), 0);
    echo_crowd_close(&crowd);
    fixture_stop(&server);
}
END_TEST

START_TEST(ten_thousand_pipelined_requests_are_answered_in_order)
{
    struct fixture server;
    fixture_start(&server, "--workers 4");
    int fd = wire_connect(server.url);
    char text[80];
    for (int i = 0; i < PIPELINED; i++) {
        snprintf(text, sizeof(text), "ECHO %d\r\n", i);
        wire_send_text(fd, text);
    }
    for (int i = 0; i < PIPELINED; i++) {
        char number[16];
        snprintf(number, sizeof(number), "%d", i);
        snprintf(text, sizeof(text), "$%zu\r\n%s\r\n", strlen(number), number);
        wire_expect(fd, text);
    }
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* Sizes around the buffers' own, so that every request crosses a different boundary. */
START_TEST(large_requests_come_back_whole)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    static const size_t sizes[] = {1, 4096, 65500, 65536, 65600, 131072, 1048576};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t size = sizes[i];
        char *sent = malloc(size);
        ck_assert_ptr_nonnull(sent);
        for (size_t at = 0; at < size; at++)
            sent[at] = (char)(at * 31 + i);
        char header[64];
        snprintf(header, sizeof(header), "*2\r\n$4\r\nECHO\r\n$%zu\r\n", size);
        wire_send_text(fd, header);
        wire_send(fd, sent, size);
        wire_send_text(fd, "\r\n");
        char *received = NULL;
        ck_assert_uint_eq(wire_read_bulk(fd, &received), size);
        ck_assert(memcmp(sent, received, size) == 0);
        free(sent);
        free(received);
    }
    close(fd);
    fixture_stop(&server);
}
END_TEST

Suite *order_suite(void)
{
    Suite *suite = suite_create("order");
    TCase *tests = tcase_create("order");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, a_thousand_connections_get_every_reply_once_and_in_order);
    tcase_add_test(tests, ten_thousand_pipelined_requests_are_answered_in_order);
    tcase_add_test(tests, large_requests_come_back_whole);
    suite_add_tcase(suite, tests);
    return suite;
}
