/* SPDX-License-Identifier: MIT */
/*
 * Where servers of this kind have been broken before: the number of a closed descriptor is the next
 * connection's while an event for the old one is on its way, and a wake-up is lost between the last
 * look at a queue and the wait. Broken lengths and line ends are in the system suite of this name.
 */
#include "common/clock.h"
#include "server/pool.h"
#include "server/settings.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- a descriptor's number, used again ---- */

static struct connection_table table;
static struct waiter waiter;
static struct ready_entry found[WAITER_BATCH];
static bool interrupted;

static size_t poll_once(void)
{
    return waiter_poll(&waiter, 0, 0, found, &interrupted);
}

/* A connection with nothing to report, and its client's end. */
static struct connection *connect_client(int *client)
{
    static const union peer_address peer = {.any.sa_family = AF_UNIX};
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct connection *connection =
        connection_table_open(&table, ends[0], (const struct listener *)&table, &peer);
    ck_assert_ptr_nonnull(connection);
    *client = ends[1];
    return connection;
}

/* A new socket is writable, which is an event; after that it is quiet. */
static void watch(struct connection *connection)
{
    ck_assert_int_eq(waiter_add(&waiter, connection), 0);
    connection_begin_visit(connection);
    ck_assert(connection_park(connection, true));
    ck_assert_uint_eq(poll_once(), 1);
    connection_begin_visit(connection);
    ck_assert(connection_park(connection, true));
}

/*
 * A copy of the first tenant's socket keeps it registered after its close: its events go on coming,
 * as one does that was fetched just before. They name the slot that now has another tenant, whose
 * socket has the same number.
 */
START_TEST(closed_descriptor_number_of_the_next_tenant)
{
    int first_client;
    int second_client;
    ck_assert_int_eq(connection_table_init(&table, 1), 0);
    ck_assert_int_eq(waiter_init(&waiter, &table), 0);
    struct connection *first = connect_client(&first_client);
    int number = first->fd;
    watch(first);
    int copy = dup(number);
    ck_assert_int_ge(copy, 0);
    ck_assert(connection_claim(first));
    connection_begin_visit(first);
    connection_table_close(&table, first);

    struct connection *second = connect_client(&second_client);
    ck_assert_ptr_eq(second, first);
    ck_assert_int_eq(second->fd, number);
    watch(second);
    uint64_t word = atomic_load(&second->word);

    ck_assert_int_eq(send(first_client, "x", 1, 0), 1);
    ck_assert_uint_eq(poll_once(), 0);
    close(first_client); /* a hang-up must not stick to it either */
    ck_assert_uint_eq(poll_once(), 0);
    ck_assert_uint_eq(atomic_load(&second->word), word);

    ck_assert_int_eq(send(second_client, "x", 1, 0), 1);
    ck_assert_uint_eq(poll_once(), 1);
    ck_assert_uint_eq(found[0].slot, connection_table_slot(&table, second));
    close(copy);
    close(second_client);
    connection_table_destroy(&table);
    waiter_destroy(&waiter);
}
END_TEST

Suite *classic_holes_suite(void)
{
    Suite *suite = suite_create("classic_holes");
    TCase *tests = tcase_create("holes");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, closed_descriptor_number_of_the_next_tenant);
    suite_add_tcase(suite, tests);
    return suite;
}
