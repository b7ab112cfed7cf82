/* SPDX-License-Identifier: MIT */
/* Clients are ends of socket pairs; the clock is whatever a test says. */
#include "common/clock.h"
#include "server/limits/refusal.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT "-ERR no room\r\n"

enum { NOW_NS = 1 };

static const uint64_t late_ns = NOW_NS + (uint64_t)REFUSAL_KEEP_MS * NS_PER_MS;
static struct refusals refusals;
static int clients[2 * REFUSAL_LIMIT];

static void set_up(void)
{
    refusals = (struct refusals){0};
}

static int refuse_one(const char *text)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    refusals_add(&refusals, ends[1], text, NOW_NS);
    return ends[0];
}

static void check_told(int fd)
{
    char bytes[64];
    ck_assert_int_eq(recv(fd, bytes, sizeof(bytes), 0), (int)sizeof(TEXT) - 1);
    ck_assert_mem_eq(bytes, TEXT, sizeof(TEXT) - 1);
    ck_assert_int_eq(recv(fd, bytes, sizeof(bytes), 0), 0);
}

/* Whether the server's end is gone, so that nothing more can be sent to it. */
static bool is_closed(int fd)
{
    return send(fd, "x", 1, MSG_NOSIGNAL) < 0 && errno == EPIPE;
}

START_TEST(it_is_told_and_may_still_send)
{
    int fd = refuse_one(TEXT);
    check_told(fd);
    ck_assert(!is_closed(fd));
    refusals_serve(&refusals, late_ns - 1);
    ck_assert(!is_closed(fd));
    ck_assert_uint_eq(refusals.count, 1);
    close(fd);
    refusals_serve(&refusals, NOW_NS);
    ck_assert_uint_eq(refusals.count, 0);
}
END_TEST

START_TEST(it_is_closed_when_its_time_is_over)
{
    int fd = refuse_one(TEXT);
    refusals_serve(&refusals, late_ns);
    check_told(fd);
    ck_assert(is_closed(fd));
    close(fd);
}
END_TEST

START_TEST(it_is_closed_when_it_sends_too_much)
{
    char bytes[4096] = "";
    int fd = refuse_one(TEXT);
    size_t sent = 0;
    for (; sent <= REFUSAL_READ_BYTES && !is_closed(fd); sent += sizeof(bytes)) {
        ck_assert_int_eq(send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
        refusals_serve(&refusals, NOW_NS);
    }
    ck_assert_uint_ge(sent, REFUSAL_READ_BYTES / 2);
    ck_assert(is_closed(fd));
    close(fd);
}
END_TEST

START_TEST(the_oldest_makes_room)
{
    for (int i = 0; i < REFUSAL_LIMIT + 2; i++)
        clients[i] = refuse_one(TEXT);
    ck_assert_uint_eq(refusals.count, REFUSAL_LIMIT);
    for (int i = 0; i < REFUSAL_LIMIT + 2; i++) {
        check_told(clients[i]);
        ck_assert_int_eq(is_closed(clients[i]), i < 2);
    }
    refusals_close(&refusals);
    ck_assert_uint_eq(refusals.count, 0);
    for (int i = 0; i < REFUSAL_LIMIT + 2; i++) {
        ck_assert(is_closed(clients[i]));
        close(clients[i]);
    }
}
END_TEST

START_TEST(who_speaks_no_protocol_is_told_nothing)
{
    char byte;
    int fd = refuse_one(NULL);
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
    ck_assert(is_closed(fd));
    ck_assert_uint_eq(refusals.count, 0);
    close(fd);
}
END_TEST

/* A poll that waits for all of them wakes up for whoever sent or closed. */
START_TEST(each_is_watched)
{
    struct pollfd watched[REFUSAL_LIMIT];
    for (int i = 0; i < 3; i++)
        clients[i] = refuse_one(TEXT);
    ck_assert_uint_eq(refusals_watch(&refusals, watched), 3);
    ck_assert_int_eq(poll(watched, 3, 0), 0);
    close(clients[1]);
    ck_assert_int_eq(poll(watched, 3, 0), 1);
    ck_assert_int_ne(watched[1].revents, 0);
    refusals_serve(&refusals, NOW_NS);
    ck_assert_uint_eq(refusals_watch(&refusals, watched), 2);
    ck_assert(!is_closed(clients[0]) && !is_closed(clients[2]));
    refusals_close(&refusals);
    close(clients[0]);
    close(clients[2]);
}
END_TEST

Suite *refusal_suite(void)
{
    Suite *suite = suite_create("refusal");
    TCase *tests = tcase_create("refusal");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, it_is_told_and_may_still_send);
    tcase_add_test(tests, it_is_closed_when_its_time_is_over);
    tcase_add_test(tests, it_is_closed_when_it_sends_too_much);
    tcase_add_test(tests, the_oldest_makes_room);
    tcase_add_test(tests, who_speaks_no_protocol_is_told_nothing);
    tcase_add_test(tests, each_is_watched);
    suite_add_tcase(suite, tests);
    return suite;
}
