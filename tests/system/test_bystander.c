/* SPDX-License-Identifier: MIT */
/*
 * What clients that drip their requests, a byte a second each, cost another who only wants its
 * PINGs answered. The time of its requests is measured with and without them by turns, and printed:
 * medians of ROUNDS. CREW_DRIPPERS=5000 in the environment makes them more than DRIPPERS.
 */
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DRIPPERS = 500,
    DRIPPERS_LIMIT = 15000,
    ROUNDS = 5,
    PINGS = 3000,
    STEP_MS = 1, /* the drippers take turns: each step is for some of them */
    STEPS = 1000 / STEP_MS,
};

static int drippers[DRIPPERS_LIMIT];
static size_t dripper_count;
static pthread_t dripping;
static _Atomic bool dripping_ends; /* relaxed: it carries nothing else */

static void *drip(void *unused)
{
    for (size_t step = 0; !atomic_load_explicit(&dripping_ends, memory_order_relaxed); step++) {
        for (size_t i = step % STEPS; i < dripper_count; i += STEPS)
            (void)send(drippers[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)usleep(STEP_MS * 1000);
    }
    return unused;
}

static void start_dripping(const char *url)
{
    for (size_t i = 0; i < dripper_count; i++) {
        drippers[i] = wire_connect(url);
        wire_send_text(drippers[i], "*2\r\n$4\r\nECHO\r\n$100000\r\n");
    }
    atomic_store_explicit(&dripping_ends, false, memory_order_relaxed);
    ck_assert_int_eq(pthread_create(&dripping, NULL, drip, NULL), 0);
}

static void stop_dripping(void)
{
    atomic_store_explicit(&dripping_ends, true, memory_order_relaxed);
    ck_assert_int_eq(pthread_join(dripping, NULL), 0);
    for (size_t i = 0; i < dripper_count; i++)
        close(drippers[i]);
}

static int compare(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

struct times {
    double p50_us[ROUNDS];
    double p99_us[ROUNDS];
};

static void measure(int fd, struct times *times, int round)
{
    static double times_us[PINGS];
    for (int i = 0; i < PINGS; i++) {
        uint64_t started_ns = monotonic_ns();
        wire_exchange(fd, "PING\r\n", "+PONG\r\n");
        times_us[i] = (double)(monotonic_ns() - started_ns) / NS_PER_US;
    }
    qsort(times_us, PINGS, sizeof(times_us[0]), compare);
    times->p50_us[round] = times_us[PINGS / 2];
    times->p99_us[round] = times_us[PINGS * 99 / 100];
}

static double median(double values[ROUNDS])
{
    qsort(values, ROUNDS, sizeof(values[0]), compare);
    return values[ROUNDS / 2];
}

/* As many as the environment asks for and descriptors allow. */
static size_t wanted_drippers(void)
{
    const char *asked = getenv("CREW_DRIPPERS");
    size_t wanted = asked != NULL ? strtoul(asked, NULL, 10) : DRIPPERS;
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_msg(wanted > 0 && wanted <= DRIPPERS_LIMIT && wanted + 100 < limit.rlim_cur,
                  "CREW_DRIPPERS is %zu, and there may be 1 to %d, and %lu descriptors", wanted,
                  DRIPPERS_LIMIT, (unsigned long)limit.rlim_cur);
    return wanted;
}

START_TEST(dripping_clients_do_not_slow_another_down)
{
    struct fixture server;
    struct times with;
    struct times without;
    fixture_start(&server, "--workers 2 --request-timeout 1h");
    dripper_count = wanted_drippers();
    int bystander = wire_connect(server.url);
    for (int round = 0; round < ROUNDS; round++) {
        measure(bystander, &without, round);
        start_dripping(server.url);
        measure(bystander, &with, round);
        ck_assert_double_ge(wire_info(bystander, "connected_clients"), (double)dripper_count);
        stop_dripping();
        while (wire_info(bystander, "connected_clients") > 1) {
        }
    }
    double p99_with_us = median(with.p99_us);
    double p99_without_us = median(without.p99_us);
    printf("PING beside %zu dripping clients: p50 %.1f us, p99 %.1f us; alone: p50 %.1f us, "
           "p99 %.1f us\n",
           dripper_count, median(with.p50_us), p99_with_us, median(without.p50_us), p99_without_us);
    /* Far apart, because the machine has other things to do: a server that waits for a dripping
     * client, or looks at all of them for each request, is beyond this by far. */
    ck_assert_double_lt(p99_with_us, 10 * p99_without_us + 10000);
    close(bystander);
    fixture_stop(&server);
}
END_TEST

Suite *bystander_suite(void)
{
    Suite *suite = suite_create("bystander");
    TCase *tests = tcase_create("bystander");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, dripping_clients_do_not_slow_another_down);
    suite_add_tcase(suite, tests);
    return suite;
}
