/* SPDX-License-Identifier: MIT */
/* Naps, and what must not wait for one. Connections are ends of socket pairs. */
#include "common/clock.h"
#include "server/moderation.h"
#include "server/waiter.h"
#include "tests/unit/suites.h"

#include <sys/socket.h>
#include <unistd.h>

enum { CAPACITY = MODERATION_CROWD, NAP_MS = 30 };

/* Much longer than any test, so that a nap that is not due shows. */
static const uint64_t endless_nap_ns = 999 * NS_PER_MS;
static const uint64_t nap_ns = (uint64_t)NAP_MS * NS_PER_MS;

static struct connection_table table;
static struct waiter waiter;
static int clients[CAPACITY];
static struct connection *connections[CAPACITY];
static struct ready_entry found[WAITER_BATCH];
static bool interrupted;

/* The listener is only ever passed on; any address will do. */
static const struct listener *some_listener(void)
{
    return (const struct listener *)&table;
}

static void park(struct connection *connection)
{
    connection_begin_visit(connection);
    ck_assert(connection_park(connection, true));
}

static void set_up(void)
{
    static const union peer_address peer = {.any.sa_family = AF_UNIX};
    ck_assert_int_eq(connection_table_init(&table, CAPACITY, 0), 0);
    ck_assert_int_eq(waiter_init(&waiter, &table), 0);
    for (size_t i = 0; i < CAPACITY; i++) {
        int ends[2];
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        clients[i] = ends[0];
        connections[i] = connection_table_open(&table, ends[1], some_listener(), &peer);
        ck_assert_ptr_nonnull(connections[i]);
        ck_assert_int_eq(waiter_add(&waiter, connections[i]), 0);
    }
    /* A new socket is writable, which is an event; after that they are quiet. */
    for (size_t i = 0; i < CAPACITY; i++)
        park(connections[i]);
    ck_assert_uint_eq(waiter_poll(&waiter, 0, 0, found, &interrupted), CAPACITY);
    for (size_t i = 0; i < CAPACITY; i++)
        park(connections[i]);
}

static void tear_down(void)
{
    for (size_t i = 0; i < CAPACITY; i++)
        close(clients[i]);
    connection_table_destroy(&table);
    waiter_destroy(&waiter);
}

static void send_by(size_t client)
{
    ck_assert_int_eq(send(clients[client], "x", 1, 0), 1);
}

START_TEST(what_was_found_before_a_nap_is_stamped_before)
{
    send_by(2);
    uint64_t started_ns = monotonic_ns();
    ck_assert_uint_eq(waiter_poll(&waiter, nap_ns, -1, found, &interrupted), 1);
    uint64_t ended_ns = monotonic_ns();
    ck_assert_uint_eq(found[0].slot, 2);
    ck_assert_uint_ge(ended_ns - started_ns, nap_ns);
    ck_assert_uint_ge(found[0].queued_ns, started_ns);
    ck_assert_uint_le(found[0].queued_ns, ended_ns - nap_ns);
}
END_TEST

START_TEST(a_crowd_is_not_kept_waiting)
{
    for (size_t i = 0; i < CAPACITY; i++)
        send_by(i);
    uint64_t started_ns = monotonic_ns();
    ck_assert_uint_eq(waiter_poll(&waiter, endless_nap_ns, -1, found, &interrupted), CAPACITY);
    ck_assert_uint_lt(monotonic_ns() - started_ns, endless_nap_ns);
}
END_TEST

START_TEST(an_interrupt_is_not_kept_waiting)
{
    uint64_t started_ns = monotonic_ns();
    waiter_interrupt(&waiter);
    ck_assert_uint_eq(waiter_poll(&waiter, endless_nap_ns, -1, found, &interrupted), 0);
    ck_assert(interrupted);
    ck_assert_uint_lt(monotonic_ns() - started_ns, endless_nap_ns);
}
END_TEST

/* Claimed and served by others between the fetch and the note: the event is stale. */
START_TEST(a_connection_that_others_took_is_not_found)
{
    send_by(1);
    ck_assert(connection_claim(connections[1]));
    ck_assert_uint_eq(waiter_poll(&waiter, nap_ns, 0, found, &interrupted), 0);
    ck_assert(!interrupted);
    connection_begin_visit(connections[1]);
}
END_TEST

START_TEST(nothing_comes_from_a_nap_that_nobody_disturbs)
{
    uint64_t started_ns = monotonic_ns();
    ck_assert_uint_eq(waiter_poll(&waiter, nap_ns, 0, found, &interrupted), 0);
    ck_assert_uint_ge(monotonic_ns() - started_ns, nap_ns);
    ck_assert(!interrupted);
}
END_TEST

Suite *waiter_suite(void)
{
    Suite *suite = suite_create("waiter");
    TCase *naps = tcase_create("naps");
    tcase_add_checked_fixture(naps, set_up, tear_down);
    tcase_add_test(naps, what_was_found_before_a_nap_is_stamped_before);
    tcase_add_test(naps, a_crowd_is_not_kept_waiting);
    tcase_add_test(naps, an_interrupt_is_not_kept_waiting);
    tcase_add_test(naps, a_connection_that_others_took_is_not_found);
    tcase_add_test(naps, nothing_comes_from_a_nap_that_nobody_disturbs);
    suite_add_tcase(suite, naps);
    return suite;
}
