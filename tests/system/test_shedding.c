/* SPDX-License-Identifier: MIT */
/* What a client sees of overload: which requests are refused, with what, and what is told of it. */
#include "common/byte_buffer.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SHED "-OVERLOADED the server is too busy, try again later\r\n"

/* One worker, which soon calls a queue a standing one. */
#define OPTIONS "--workers 1 --shed-interval 20ms --shed-target 1ms --listen tcp://127.0.0.1:0 "

enum { SLOW_US = 400000 };

/* Until the mean service time is that of a PING. */
static void warm_up(int fd)
{
    for (int i = 0; i < 100; i++)
        wire_exchange(fd, "PING\r\n", "+PONG\r\n");
}

/*
 * The only worker is busy for twice SLOW_US from now on. What is asked in the first half waits when
 * the second request is taken, which is late; and is late itself when that is done. Those who will
 * ask, `askers` of them, are connected before, so that the server sees the requests in their order.
 */
static void begin_slow(const char *url, int askers, const char *behind, int slow[2])
{
    char requests[80];
    slow[0] = wire_connect(url);
    slow[1] = wire_connect(url);
    wire_wait_info(slow[0], "connected_clients", askers + 2);
    warm_up(slow[1]);
    warm_up(slow[0]);
    snprintf(requests, sizeof(requests), "WORK SLEEP %d\r\n", SLOW_US);
    wire_send_text(slow[0], requests);
    snprintf(requests, sizeof(requests), "WORK SLEEP %d\r\n%s", SLOW_US, behind);
    wire_send_text(slow[1], requests);
}

static void end_slow(const int slow[2])
{
    for (int i = 0; i < 2; i++) {
        wire_expect(slow[i], "+OK\r\n");
        close(slow[i]);
    }
}

START_TEST(what_waited_too_long_is_refused_in_order)
{
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, OPTIONS);
    int slow[2];
    int mixed = wire_connect(server.url);
    int admin = wire_connect(server.url);
    int last = wire_connect(server.url);
    begin_slow(server.url, 3, "", slow);
    wire_send_text(mixed, "PING\r\nSELECT 0\r\nECHO a\r\nECHO\r\nNONE\r\nWORK SLEEP 1\r\n"
                          "CLIENT SETNAME a\r\nWORK SLEEP 1\r\nTIME\r\nINFO\r\nPING\r\n");
    wire_send_text(admin, "CONFIG GET workers\r\nCOMMAND COUNT\r\nAUTH default x\r\nHELLO\r\n"
                          "RESET\r\nQUIT\r\n");
    wire_send_text(last, "GREET\r\nCLUSTER INFO\r\n");
    end_slow(slow);
    wire_expect(mixed, SHED "+OK\r\n" SHED "-ERR wrong number of arguments for 'echo' command\r\n"
                            "-ERR unknown command 'NONE', with args beginning with: \r\n" SHED
                            "+OK\r\n" SHED SHED);
    wire_read_reply(mixed, &reply);
    ck_assert_ptr_nonnull(strstr(reply.bytes, "\r\noverloaded:1\r\n"));
    ck_assert_ptr_nonnull(strstr(reply.bytes, "cmdstat_ping:calls=200,"));
    ck_assert_ptr_nonnull(strstr(reply.bytes, ",rejected_calls=1,")); /* of PING */
    wire_expect(admin, "*2\r\n$7\r\nworkers\r\n$1\r\n1\r\n");
    wire_read_reply(admin, &reply);
    ck_assert_int_eq(reply.bytes[0], ':');
    wire_expect(admin, "+OK\r\n");
    wire_read_reply(admin, &reply);
    ck_assert_int_eq(reply.bytes[0], '*');
    wire_expect(admin, "+RESET\r\n+OK\r\n");
    wire_expect_end(admin);
    wire_expect(last, SHED SHED);

    /* What came after the slow one is in time, and so is all that comes now. */
    wire_wait_info(last, "shed_requests_total", 7);
    while (wire_info(last, "overloaded") > 0) {
    }
    wire_exchange(last, "PING\r\nWORK SLEEP 1\r\n", "+PONG\r\n+OK\r\n");
    ck_assert(server_process_wait_log(&server.process, " warn shedding requests=", PATIENCE_MS));
    ck_assert(
        server_process_wait_log(&server.process, " warn shedding_ended requests=", PATIENCE_MS));
    byte_buffer_free(&reply);
    close(mixed);
    close(admin);
    close(last);
    fixture_stop(&server);
}
END_TEST

START_TEST(requests_left_over_from_a_turn_have_waited_too)
{
    struct fixture server;
    int slow[2];
    fixture_start(&server, OPTIONS);
    int first = wire_connect(server.url);
    int second = wire_connect(server.url);
    begin_slow(server.url, 2, "WORK SLEEP 1\r\nECHO a\r\n", slow);
    wire_send_text(first, "PING\r\n");
    wire_send_text(second, "PING\r\n");
    wire_expect(first, SHED);
    wire_expect(second, SHED);
    wire_expect(slow[0], "+OK\r\n");
    wire_expect(slow[1], "+OK\r\n" SHED SHED); /* whose connection came back just now */
    close(slow[0]);
    close(slow[1]);
    close(first);
    close(second);
    fixture_stop(&server);
}
END_TEST

/* Nobody else waits, so there is no queue: only slow work. */
START_TEST(slow_requests_alone_are_no_overload)
{
    struct fixture server;
    fixture_start(&server, OPTIONS);
    int slow[2];
    int next = wire_connect(server.url);
    begin_slow(server.url, 1, "", slow);
    wire_send_text(next, "PING\r\nWORK SLEEP 1\r\n");
    wire_expect(next, "+PONG\r\n+OK\r\n");
    end_slow(slow);
    ck_assert_double_eq(wire_info(next, "shed_requests_total"), 0);
    ck_assert_double_eq(wire_info(next, "overloaded"), 0);
    close(next);
    fixture_stop(&server);
}
END_TEST

START_TEST(with_shed_off_everything_is_run)
{
    struct fixture server;
    fixture_start(&server, OPTIONS "--shed off");
    int slow[2];
    int first = wire_connect(server.url);
    int second = wire_connect(server.url);
    begin_slow(server.url, 2, "", slow);
    wire_send_text(first, "PING\r\n");
    wire_send_text(second, "PING\r\n");
    end_slow(slow);
    wire_expect(first, "+PONG\r\n");
    wire_expect(second, "+PONG\r\n");
    ck_assert_double_eq(wire_info(second, "shed_requests_total"), 0);
    close(first);
    close(second);
    fixture_stop(&server);
}
END_TEST

START_TEST(twice_the_mean_service_time_is_not_too_long)
{
    struct fixture server;
    fixture_start(&server, OPTIONS);
    int usual = wire_connect(server.url);
    int next = wire_connect(server.url);
    int first = wire_connect(server.url);
    int second = wire_connect(server.url);
    wire_wait_info(usual, "connected_clients", 4);
    for (int i = 0; i < 100; i++)
        wire_exchange(usual, "WORK SLEEP 60000\r\n", "+OK\r\n");
    wire_send_text(usual, "WORK SLEEP 50000\r\n");
    wire_send_text(next, "WORK SLEEP 50000\r\n");
    wire_send_text(first, "PING\r\n");
    wire_send_text(second, "PING\r\n");
    wire_expect(usual, "+OK\r\n");
    wire_expect(next, "+OK\r\n");
    wire_expect(first, "+PONG\r\n");
    wire_expect(second, "+PONG\r\n");
    close(usual);
    close(next);
    close(first);
    close(second);
    fixture_stop(&server);
}
END_TEST

/* They have no other way to be told than by text, as with every error. */
START_TEST(raw_clients_get_the_text)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    fixture_start(&server, OPTIONS "--listen raw://127.0.0.1:0");
    fixture_url(&server, 1, url);
    int slow[2];
    int first = wire_connect(url);
    int second = wire_connect(url);
    begin_slow(server.url, 2, "", slow);
    wire_send_text(first, "Hello from client!");
    wire_send_text(second, "Hello from client!");
    wire_expect(first, "OVERLOADED the server is too busy, try again later");
    wire_expect_end(first);
    wire_expect(second, "OVERLOADED the server is too busy, try again later");
    wire_expect_end(second);
    end_slow(slow);
    close(first);
    close(second);
    fixture_stop(&server);
}
END_TEST

Suite *shedding_suite(void)
{
    Suite *suite = suite_create("shedding");
    TCase *tests = tcase_create("shedding");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_waited_too_long_is_refused_in_order);
    tcase_add_test(tests, requests_left_over_from_a_turn_have_waited_too);
    tcase_add_test(tests, slow_requests_alone_are_no_overload);
    tcase_add_test(tests, with_shed_off_everything_is_run);
    tcase_add_test(tests, twice_the_mean_service_time_is_not_too_long);
    tcase_add_test(tests, raw_clients_get_the_text);
    suite_add_tcase(suite, tests);
    return suite;
}
