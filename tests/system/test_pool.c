/* SPDX-License-Identifier: MIT */
/* The pool under the loads it exists for: idle crowds, slow commands, greedy pipelines. */
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CROWD = 10000 };

/* Room for a crowd's sockets in this process; the server sees to its own. */
static void raise_descriptor_limit(rlim_t wanted)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted;
    if (limit.rlim_max < wanted)
        limit.rlim_max = wanted;
    ck_assert_msg(setrlimit(RLIMIT_NOFILE, &limit) == 0, "cannot open %lu files here",
                  (unsigned long)wanted);
}

/* A connection that a worker has seen, so that no later request needs the acceptor. */
static int settled_connection(const char *url)
{
    int fd = wire_connect(url);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    return fd;
}

static double ping_us(int fd)
{
    uint64_t sent_ns = monotonic_ns();
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    return (double)(monotonic_ns() - sent_ns) / NS_PER_US;
}

/* The fastest of some PINGs: one late timer tick must not fail the test, a lost worker must. */
static double fastest_ping_us(const char *url)
{
    double best_us = 1e9;
    int fd = wire_connect(url);
    for (int i = 0; i < 20; i++) {
        double took_us = ping_us(fd);
        best_us = took_us < best_us ? took_us : best_us;
    }
    close(fd);
    return best_us;
}

START_TEST(ten_thousand_idle_connections_cost_others_nothing)
{
    raise_descriptor_limit(CROWD + 100);
    struct fixture server;
    fixture_start(&server, "--workers 4");
    int *crowd = calloc(CROWD, sizeof(*crowd));
    ck_assert_ptr_nonnull(crowd);
    for (int i = 0; i < CROWD; i++)
        crowd[i] = wire_connect(server.url);
    fixture_wait_info(&server, "connected_clients", CROWD);

    ck_assert_double_lt(fastest_ping_us(server.url), 1000);
    for (int i = 0; i < CROWD; i += 1000)
        wire_exchange(crowd[i], "PING\r\n", "+PONG\r\n");

    for (int i = 0; i < CROWD; i++)
        close(crowd[i]);
    free(crowd);
    fixture_stop(&server);
}
END_TEST

START_TEST(fast_requests_do_not_wait_behind_slow_ones)
{
    enum { SLOW = 3, PINGS = 100 };
    struct fixture server;
    fixture_start(&server, "--workers 4");
    int quick = settled_connection(server.url);
    int slow[SLOW];
    for (int i = 0; i < SLOW; i++)
        slow[i] = settled_connection(server.url);
    for (int i = 0; i < SLOW; i++)
        wire_send_text(slow[i], "WORK SLEEP 3000000\r\n");

    double total_us = 0;
    double best_us = 1e9;
    for (int i = 0; i < PINGS; i++) {
        double took_us = ping_us(quick);
        total_us += took_us;
        best_us = took_us < best_us ? took_us : best_us;
    }
    ck_assert_double_lt(best_us, 1000);
    ck_assert_double_lt(total_us, 2000000); /* none of them waited for a sleep to end */
    for (int i = 0; i < SLOW; i++) {
        wire_expect(slow[i], "+OK\r\n");
        close(slow[i]);
    }
    close(quick);
    fixture_stop(&server);
}
END_TEST

START_TEST(requests_wait_for_the_first_free_worker_and_the_wait_shows)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int quick = settled_connection(server.url);
    int shorter = settled_connection(server.url);
    int longer = settled_connection(server.url);
    wire_send_text(shorter, "WORK SLEEP 500000\r\n");
    wire_send_text(longer, "WORK SLEEP 3000000\r\n");

    /* Once both workers sleep, a PING waits for the shorter sleep; those before it do not. */
    double waited_us = 0;
    while (waited_us < 50000)
        waited_us = ping_us(quick);
    ck_assert_double_lt(waited_us, 2000000);
    double seen_us = fixture_info(&server, "queue_wait_us_max");
    ck_assert_double_gt(seen_us, waited_us / 2);
    ck_assert_double_lt(seen_us, waited_us * 2);
    wire_expect(shorter, "+OK\r\n");
    wire_expect(longer, "+OK\r\n");
    close(shorter);
    close(longer);
    close(quick);
    fixture_stop(&server);
}
END_TEST

START_TEST(one_worker_serves_everybody_in_turn)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int greedy = wire_connect(server.url);
    int modest = wire_connect(server.url);
    /* All together they take over a second; PING's turn comes after one of them. */
    enum { GREED = 12000 };
    static char pipeline[GREED * sizeof("WORK CPU 100\r\n")];
    size_t size = 0;
    for (int i = 0; i < GREED; i++)
        size += (size_t)sprintf(pipeline + size, "WORK CPU 100\r\n");
    wire_send(greedy, pipeline, size);
    wire_expect(greedy, "+OK\r\n");

    wire_exchange(modest, "PING\r\n", "+PONG\r\n");
    double served = fixture_info(&server, "requests_total");
    ck_assert_msg(served * 10 < GREED, "PING and INFO waited for %.0f pipelined requests", served);
    for (int i = 1; i < GREED; i++)
        wire_expect(greedy, "+OK\r\n");
    close(greedy);
    close(modest);
    fixture_stop(&server);
}
END_TEST

/* Fast commands are never handed to another worker, and the greedy one always has more. */
START_TEST(an_endless_fast_pipeline_does_not_starve_others)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int greedy = wire_connect(server.url);
    int modest = wire_connect(server.url);
    enum { GREED = 300000, EACH = sizeof("PING\r\n") - 1 };
    char *pipeline = malloc((size_t)GREED * EACH);
    ck_assert_ptr_nonnull(pipeline);
    for (int i = 0; i < GREED; i++)
        memcpy(pipeline + (size_t)i * EACH, "PING\r\n", EACH);
    pid_t sender = fork(); /* so that sending and reading cannot wait for each other */
    if (sender == 0) {
        wire_send(greedy, pipeline, (size_t)GREED * EACH);
        _exit(0);
    }
    wire_expect(greedy, "+PONG\r\n");
    wire_exchange(modest, "PING\r\n", "+PONG\r\n");
    double served = fixture_info(&server, "requests_total");
    for (int i = 1; i < GREED; i++)
        wire_expect(greedy, "+PONG\r\n");
    ck_assert_msg(served < GREED, "PING waited until %.0f pipelined requests were served", served);
    ck_assert_int_eq(waitpid(sender, NULL, 0), sender);
    free(pipeline);
    close(greedy);
    close(modest);
    fixture_stop(&server);
}
END_TEST

START_TEST(replies_before_a_slow_request_are_not_held_back)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int fd = wire_connect(server.url);
    wire_send_text(fd, "PING\r\nWORK SLEEP 1000000\r\nPING\r\n");
    ck_assert_double_lt(wire_wait_us(fd), 500000);
    wire_expect(fd, "+PONG\r\n+OK\r\n+PONG\r\n");
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(new_connections_are_accepted_while_every_worker_is_busy)
{
    struct fixture server;
    fixture_start(&server, "--workers 1");
    int slow = wire_connect(server.url);
    wire_send_text(slow, "WORK SLEEP 200000\r\n");
    int late[16];
    for (int i = 0; i < 16; i++) {
        late[i] = wire_connect(server.url);
        wire_send_text(late[i], "ECHO late\r\n");
    }
    for (int i = 0; i < 16; i++) {
        wire_expect(late[i], "$4\r\nlate\r\n");
        close(late[i]);
    }
    wire_expect(slow, "+OK\r\n");
    close(slow);
    fixture_stop(&server);
}
END_TEST

Suite *pool_suite(void)
{
    Suite *suite = suite_create("pool");
    TCase *tests = tcase_create("pool");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, ten_thousand_idle_connections_cost_others_nothing);
    tcase_add_test(tests, fast_requests_do_not_wait_behind_slow_ones);
    tcase_add_test(tests, requests_wait_for_the_first_free_worker_and_the_wait_shows);
    tcase_add_test(tests, one_worker_serves_everybody_in_turn);
    tcase_add_test(tests, an_endless_fast_pipeline_does_not_starve_others);
    tcase_add_test(tests, replies_before_a_slow_request_are_not_held_back);
    tcase_add_test(tests, new_connections_are_accepted_while_every_worker_is_busy);
    suite_add_tcase(suite, tests);
    return suite;
}
