/* SPDX-License-Identifier: MIT */
/* Clients for whom there is no room: each learns why, and none of them can harm the others. */
#include "common/clock.h"
#include "common/dial.h"
#include "tests/system/fixture.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOO_MANY    "-ERR max number of clients reached\r\n"
#define TOO_MANY_OF "-ERR max number of clients from your address reached\r\n"

static void expect_refusal(int fd, const char *text)
{
    wire_expect(fd, text);
    wire_expect_end(fd);
    close(fd);
}

/* From another address of this machine's than wire_connect. */
static int connect_from(const char *source, const char *url)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_SIZE];
    ck_assert_msg(endpoint_parse(url, &endpoint, error), "%s", error);
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(endpoint.port, NULL, 10))};
    ck_assert_int_eq(inet_pton(AF_INET, source, &from.sin_addr), 1);
    ck_assert_int_eq(inet_pton(AF_INET, endpoint.host, &to.sin_addr), 1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

START_TEST(one_address_too_often_is_told_so)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-connections-per-peer 2");
    int first = wire_connect(server.url);
    int second = wire_connect(server.url);
    wire_exchange(first, "PING\r\n", "+PONG\r\n");
    wire_exchange(second, "PING\r\n", "+PONG\r\n");
    for (int i = 0; i < 5; i++)
        expect_refusal(wire_connect(server.url), TOO_MANY_OF);
    int other = connect_from("127.0.0.2", server.url);
    wire_exchange(other, "PING\r\n", "+PONG\r\n");
    ck_assert_double_eq(wire_info(other, "rejected_connections_per_peer"), 5);
    ck_assert_double_eq(wire_info(other, "rejected_connections"), 0);
    ck_assert_double_eq(wire_info(other, "connections_total"), 3);

    close(second);
    while (wire_info(other, "connected_clients") > 2) {
    }
    second = wire_connect(server.url);
    wire_exchange(second, "PING\r\n", "+PONG\r\n");
    expect_refusal(wire_connect(server.url), TOO_MANY_OF);
    close(first);
    close(second);
    close(other);
    fixture_stop(&server);
}
END_TEST

START_TEST(unix_clients_have_no_address)
{
    struct fixture server;
    char options[256];
    snprintf(options, sizeof(options), "--max-connections-per-peer 1 --listen unix://%s",
             scratch_path("socket"));
    fixture_start(&server, options);
    int clients[5];
    for (int i = 0; i < 5; i++)
        clients[i] = wire_connect(server.url);
    for (int i = 0; i < 5; i++) {
        wire_exchange(clients[i], "PING\r\n", "+PONG\r\n");
        close(clients[i]);
    }
    fixture_stop(&server);
}
END_TEST

/* Requests that arrive behind the refusal must not make a reset overtake it. */
START_TEST(who_has_sent_requests_is_told_too)
{
    enum { ROUNDS = 100 };
    struct fixture server;
    char requests[8192];
    memset(requests, '\n', sizeof(requests));
    fixture_start(&server, "--workers 2 --max-connections 1");
    int inside = wire_connect(server.url);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    for (int i = 0; i < ROUNDS; i++) {
        int fd = wire_connect(server.url);
        ck_assert(wait_for_socket(fd, POLLIN, PATIENCE_MS)); /* the server has spoken */
        wire_send(fd, requests, sizeof(requests));
        wire_send(fd, requests, sizeof(requests));
        expect_refusal(fd, TOO_MANY);
    }
    ck_assert_double_eq(wire_info(inside, "rejected_connections"), ROUNDS);
    close(inside);
    fixture_stop(&server);
}
END_TEST

/* They hold a bounded number of descriptors, for a bounded time, and a stop does not wait. */
START_TEST(refused_clients_that_stay_hold_nothing_up)
{
    enum { CROWD = 300 };
    struct fixture server;
    int crowd[CROWD];
    fixture_start(&server, "--workers 2 --max-connections 1");
    int inside = wire_connect(server.url);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    for (int i = 0; i < CROWD; i++)
        crowd[i] = wire_connect(server.url);
    for (int i = 0; i < CROWD; i++) {
        wire_expect(crowd[i], TOO_MANY);
        wire_expect_end(crowd[i]);
    }
    ck_assert_uint_lt(fixture_descriptors(&server), CROWD / 2);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    /* After a while they are gone although none of them closed. */
    size_t few = fixture_descriptors(&server);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (few - fixture_descriptors(&server) < 32)
        ck_assert(monotonic_ns() < deadline_ns);
    close(inside);
    fixture_stop(&server);
    for (int i = 0; i < CROWD; i++)
        close(crowd[i]);
}
END_TEST

START_TEST(raw_clients_are_told_nothing)
{
    struct fixture server;
    fixture_start(&server, "--workers 2 --max-connections-per-peer 1 --listen raw://127.0.0.1:0");
    int inside = wire_connect(server.url);
    for (int i = 0; i < 5; i++) {
        int fd = wire_connect(server.url);
        wire_expect_end(fd);
        close(fd);
    }
    wire_exchange(inside, "hello", "Hello from server!");
    close(inside);
    fixture_stop(&server);
}
END_TEST

Suite *refusals_suite(void)
{
    Suite *suite = suite_create("refusals");
    TCase *tests = tcase_create("refusals");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_add_test(tests, one_address_too_often_is_told_so);
    tcase_add_test(tests, unix_clients_have_no_address);
    tcase_add_test(tests, who_has_sent_requests_is_told_too);
    tcase_add_test(tests, refused_clients_that_stay_hold_nothing_up);
    tcase_add_test(tests, raw_clients_are_told_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
