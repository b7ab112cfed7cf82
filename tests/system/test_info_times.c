/* SPDX-License-Identifier: MIT */
/* INFO: the figures that say where the time of requests goes. */
#include "common/byte_buffer.h"
#include "common/clock.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The reply, framing included, which lives in `reply`. */
static const char *ask_pool(int fd, struct byte_buffer *reply)
{
    wire_send_text(fd, "INFO pool\r\n");
    wire_read_reply(fd, reply);
    return reply->bytes;
}

/* A number within the reply of INFO. */
static double number_in(const char *info, const char *field)
{
    char key[64];
    snprintf(key, sizeof(key), "\n%s:", field);
    const char *found = strstr(info, key);
    ck_assert_msg(found != NULL, "no %s", field);
    return strtod(found + strlen(key), NULL);
}

START_TEST(histograms_are_in_order)
{
    static const char *const names[] = {"queue_wait_us", "service_us"};
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    for (int i = 0; i < 20; i++)
        wire_exchange(fd, "WORK SLEEP 1000\r\n", "+OK\r\n");
    const char *info = ask_pool(fd, &reply);
    for (size_t i = 0; i < COUNT(names); i++) {
        static const char *const marks[] = {"p50", "p90", "p99", "max", "mean"};
        double us[COUNT(marks)];
        for (size_t mark = 0; mark < COUNT(marks); mark++) {
            char field[64];
            snprintf(field, sizeof(field), "%s_%s", names[i], marks[mark]);
            us[mark] = number_in(info, field);
        }
        ck_assert_double_gt(us[0], 0);
        ck_assert_double_le(us[0], us[1]);
        ck_assert_double_le(us[1], us[2]);
        ck_assert_double_le(us[2], us[3]);
        ck_assert_double_le(us[4], us[3]);
    }
    ck_assert_double_ge(number_in(info, "service_us_p50"), 990); /* within a bucket of 1000 */
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

START_TEST(totals_are_mean_times_count)
{
    static const struct {
        const char *times;
        const char *count;
    } sums[] = {{"queue_wait_us", "visits_total"}, {"service_us", "requests_total"}};
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    for (int i = 0; i < 10; i++)
        wire_exchange(fd, "WORK SLEEP 2000\r\nPING\r\n", "+OK\r\n+PONG\r\n");
    const char *info = ask_pool(fd, &reply);
    for (size_t i = 0; i < COUNT(sums); i++) {
        char field[64];
        snprintf(field, sizeof(field), "%s_mean", sums[i].times);
        double count = number_in(info, sums[i].count);
        double expected = number_in(info, field) * count;
        snprintf(field, sizeof(field), "%s_total", sums[i].times);
        /* As far as the mean's two decimals and the total's one tell. */
        ck_assert_double_eq_tol(number_in(info, field), expected, 0.006 * count + 0.06);
    }
    ck_assert_double_ge(number_in(info, "service_us_total"), 10 * 2000);
    /* A free worker takes what is ready at once. */
    ck_assert_double_lt(number_in(info, "queue_wait_us_total"), 10 * 2000);
    byte_buffer_free(&reply);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* Half of the requests sleep and the others take next to no time: about (1/2) / (1/2)^2 - 1. */
START_TEST(irregular_service_shows)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    for (int i = 0; i < 10; i++)
        wire_exchange(fd, "WORK SLEEP 50000\r\nPING\r\n", "+OK\r\n+PONG\r\n");
    double scv = wire_info(fd, "service_scv");
    ck_assert_double_ge(scv, 0.7);
    ck_assert_double_le(scv, 1.3);
    wire_exchange(fd, "CONFIG RESETSTAT\r\n", "+OK\r\n");
    ck_assert_double_eq(wire_info(fd, "service_scv"), 0); /* a single request */
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* ---- waiting for the lock ---- */

/* Nobody else wants the lock: the time that it is held does not count. */
START_TEST(a_free_lock_makes_nobody_wait)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    int fd = wire_connect(server.url);
    for (int i = 0; i < 10; i++)
        wire_exchange(fd, "WORK LOCK 10000\r\n", "+OK\r\n");
    ck_assert_double_ge(wire_info(fd, "service_us_total"), 10 * 2500);
    ck_assert_double_le(wire_info(fd, "lock_wait_us_total"), 2500);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* Repeated until the second one did wait: the machine may be slower to bring it than the first. */
START_TEST(waiting_for_the_lock_is_counted)
{
    enum { LEAST_US = 5000 };
    struct fixture server;
    struct byte_buffer reply = {0};
    fixture_start(&server, "--workers 3");
    int fd = wire_connect(server.url);
    int holders[] = {wire_connect(server.url), wire_connect(server.url)};
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    double waited_us = 0;
    while (waited_us < LEAST_US) {
        ck_assert_msg(monotonic_ns() < deadline_ns, "only %g us were waited", waited_us);
        for (size_t i = 0; i < COUNT(holders); i++)
            wire_send_text(holders[i], "WORK LOCK 20000\r\n");
        for (size_t i = 0; i < COUNT(holders); i++)
            wire_expect(holders[i], "+OK\r\n");
        const char *info = ask_pool(fd, &reply);
        waited_us = number_in(info, "lock_wait_us_total");
        ck_assert_double_le(waited_us, number_in(info, "service_us_total"));
    }
    wire_exchange(fd, "CONFIG RESETSTAT\r\n", "+OK\r\n");
    ck_assert_double_eq(wire_info(fd, "lock_wait_us_total"), 0);
    byte_buffer_free(&reply);
    for (size_t i = 0; i < COUNT(holders); i++)
        close(holders[i]);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* One holds the lock and one waits for it when the statistics begin anew. Whether it came to that
 * is known from the commands under way, INFO itself being one. */
static bool reset_amid_a_wait(int watcher, int holder, int waiter)
{
    wire_send_text(holder, "WORK LOCK 100000\r\n");
    wire_send_text(waiter, "WORK LOCK 0\r\n");
    double slow = 0;
    for (int i = 0; i < 20 && slow < 3; i++)
        slow = wire_info(watcher, "workers_in_slow_commands");
    wire_exchange(watcher, "CONFIG RESETSTAT\r\n", "+OK\r\n");
    wire_expect(holder, "+OK\r\n");
    wire_expect(waiter, "+OK\r\n");
    return slow >= 3;
}

START_TEST(a_wait_across_a_reset_stays_with_its_request)
{
    struct fixture server;
    fixture_start(&server, "--workers 4");
    int watcher = wire_connect(server.url);
    int holder = wire_connect(server.url);
    int waiter = wire_connect(server.url);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (!reset_amid_a_wait(watcher, holder, waiter) ||
           wire_info(watcher, "lock_wait_us_total") < 1000)
        ck_assert_msg(monotonic_ns() < deadline_ns, "such a wait is never counted");
    close(waiter);
    close(holder);
    close(watcher);
    fixture_stop(&server);
}
END_TEST

Suite *info_times_suite(void)
{
    Suite *suite = suite_create("info_times");
    TCase *tests = tcase_create("info_times");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, histograms_are_in_order);
    tcase_add_test(tests, totals_are_mean_times_count);
    tcase_add_test(tests, irregular_service_shows);
    tcase_add_test(tests, a_free_lock_makes_nobody_wait);
    tcase_add_test(tests, waiting_for_the_lock_is_counted);
    tcase_add_test(tests, a_wait_across_a_reset_stays_with_its_request);
    suite_add_tcase(suite, tests);
    return suite;
}
