/* SPDX-License-Identifier: MIT */
#include "server/limits/reserve.h"

#include "common/clock.h"
#include "server/listener.h"
#include "server/pool.h"
#include "server/settings.h"
#include "tests/unit/suites.h"

#include <unistd.h>

enum {
    PLACES = 320,
    RESERVED = PLACES / 8,
    REACH = 256, /* slots that are looked at for each who leaves */
};

static const struct settings settings = {.max_connections = PLACES, .workers = 1};
static const union peer_address peer = {.any.sa_family = AF_UNIX};
static struct listener listener;
static struct pool pool;

static void set_up(void)
{
    listener = (struct listener){.endpoint.scheme = ENDPOINT_TCP};
    ck_assert_int_eq(pool_init(&pool, &settings), 0);
}

static void tear_down(void)
{
    pool_destroy(&pool);
}

/* So many that were let in, or were not, so long ago, and send nothing now. */
static void connect_some(int count, bool strangers, uint64_t ago_ns)
{
    for (int i = 0; i < count; i++) {
        struct connection *connection =
            connection_table_open(&pool.connections, dup(0), &listener, &peer);
        ck_assert_ptr_nonnull(connection);
        connection_table_identity(&pool.connections, connection)->opened_ns -= ago_ns;
        connection_begin_visit(connection);
        connection->must_log_in = strangers;
        ck_assert(connection_park(connection, true));
    }
}

static uint32_t count_leaving(void)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < connection_table_used(&pool.connections); slot++) {
        struct connection *connection = connection_table_at(&pool.connections, slot);
        bool visited = (connection->word & CONNECTION_STATE_MASK) == CONNECTION_QUEUED;
        ck_assert_int_eq(visited, connection->deadline_ns == 1);
        count += visited;
    }
    ck_assert_uint_eq(stranger_queue_length(&pool.strangers), count);
    return count;
}

START_TEST(nobody_leaves_while_the_reserve_is_free)
{
    reserve_restore(&pool);
    connect_some(PLACES - RESERVED - 1, true, NS_PER_S);
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 0);
}
END_TEST

START_TEST(two_leave_for_each_newcomer)
{
    connect_some(PLACES - RESERVED, true, NS_PER_S);
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 2);
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 4);
}
END_TEST

START_TEST(who_has_just_come_stays)
{
    connect_some(PLACES - 1, true, 0);
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 0);
    connect_some(1, true, NS_PER_S);
    reserve_restore(&pool); /* some of the slots, then the others */
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 1);
}
END_TEST

START_TEST(users_stay)
{
    connect_some(PLACES, false, NS_PER_S);
    for (int i = 0; i < PLACES; i++)
        reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 0);
}
END_TEST

/* The hand begins behind the first slot. */
START_TEST(who_is_in_reach_is_found)
{
    connect_some(REACH, false, NS_PER_S);
    connect_some(PLACES - REACH, true, NS_PER_S);
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 2);
}
END_TEST

START_TEST(a_newcomer_pays_for_a_reach_and_the_next_goes_on)
{
    connect_some(REACH + 1, false, NS_PER_S);
    connect_some(PLACES - REACH - 1, true, NS_PER_S);
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 0);
    reserve_restore(&pool);
    ck_assert_uint_eq(count_leaving(), 2);
}
END_TEST

Suite *reserve_suite(void)
{
    Suite *suite = suite_create("reserve");
    TCase *tests = tcase_create("reserve");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, nobody_leaves_while_the_reserve_is_free);
    tcase_add_test(tests, two_leave_for_each_newcomer);
    tcase_add_test(tests, who_has_just_come_stays);
    tcase_add_test(tests, users_stay);
    tcase_add_test(tests, who_is_in_reach_is_found);
    tcase_add_test(tests, a_newcomer_pays_for_a_reach_and_the_next_goes_on);
    suite_add_tcase(suite, tests);
    return suite;
}
