/* SPDX-License-Identifier: MIT */
#include "server/connection_table.h"
#include "server/input.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { CAPACITY = 3 };

static struct connection_table table;
static const union peer_address peer = {.in = {.sin_family = AF_INET, .sin_port = 4711}};

static void set_up(void)
{
    ck_assert_int_eq(connection_table_init(&table, CAPACITY, 0), 0);
}

static int new_socket(void)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* The listener is only ever passed on; any address will do. */
static const struct listener *some_listener(void)
{
    return (const struct listener *)&table;
}

static struct connection *open_one(int fd)
{
    return connection_table_open(&table, fd, some_listener(), &peer);
}

static uint64_t id_of(const struct connection *connection)
{
    return connection_table_identity(&table, connection)->id;
}

START_TEST(opens_up_to_its_capacity)
{
    int sockets[CAPACITY];
    for (uint32_t slot = 0; slot < CAPACITY; slot++) {
        sockets[slot] = new_socket();
        struct connection *connection = open_one(sockets[slot]);
        ck_assert_ptr_nonnull(connection);
        ck_assert_uint_eq(connection_table_slot(&table, connection), slot);
        ck_assert_ptr_eq(connection_table_at(&table, slot), connection);
        ck_assert_uint_eq(id_of(connection), slot + 1);
        ck_assert_uint_eq(connection_table_open_count(&table), slot + 1);
        ck_assert_uint_eq(connection_table_used(&table), slot + 1);
    }
    int refused = new_socket();
    ck_assert_ptr_null(open_one(refused));
    ck_assert(is_open(refused));
    close(refused);
    ck_assert_uint_eq(connection_table_open_count(&table), CAPACITY);
    ck_assert_uint_eq(connection_table_used(&table), CAPACITY);
    connection_table_destroy(&table);
    for (uint32_t slot = 0; slot < CAPACITY; slot++)
        ck_assert(!is_open(sockets[slot]));
}
END_TEST

static void check_fresh(struct connection *connection, int fd)
{
    ck_assert_int_eq(connection->fd, fd);
    ck_assert_int_eq(connection->phase, PHASE_SERVING);
    ck_assert_int_eq(connection->protocol_version, 2);
    ck_assert_uint_eq(connection->deadline_ns, 0);
    ck_assert_ptr_null(connection->input);
    ck_assert_uint_eq(connection->output.size, 0);
    ck_assert_uint_eq(connection->output_sent, 0);
    ck_assert_ptr_eq(connection->listener, some_listener());
    ck_assert_uint_eq(connection->word & CONNECTION_STATE_MASK, CONNECTION_QUEUED);
    const struct client_identity *identity = connection_table_identity(&table, connection);
    ck_assert_mem_eq(&identity->peer, &peer, sizeof(peer));
    ck_assert_uint_gt(identity->opened_ns, 0);
    ck_assert_uint_le(identity->opened_ns, monotonic_ns());
    ck_assert_uint_eq(connection->last_active_ns, identity->opened_ns);
    ck_assert_ptr_null(identity->name);
    ck_assert_ptr_null(identity->library_name);
    ck_assert_ptr_null(identity->library_version);
}

/* Gives a connection all that it may own; the leak checker sees whether it is freed. */
static void fill(struct connection *connection)
{
    struct client_identity *identity = connection_table_identity(&table, connection);
    identity->name = strdup("name");
    identity->library_name = strdup("library");
    identity->library_version = strdup("1.0");
    connection->input = input_create(16, (struct resp_limits){16, 16});
    byte_buffer_append_text(&connection->output, "not sent yet");
    connection->output_sent = 3;
    connection->phase = PHASE_LINGERING;
    connection->protocol_version = 3;
    connection->deadline_ns = 1;
}

START_TEST(slots_are_reused_and_ids_are_not)
{
    int first = new_socket();
    struct connection *connection = open_one(first);
    check_fresh(connection, first);
    uint64_t stale = connection_event_key(0, connection);
    fill(connection);
    connection_begin_visit(connection);
    connection_table_close(&table, connection);
    ck_assert(!is_open(first));
    ck_assert(!connection_is_open(connection));
    ck_assert_uint_eq(connection_table_open_count(&table), 0);
    ck_assert_uint_eq(connection_table_used(&table), 1);
    ck_assert_uint_eq(id_of(connection), 0);

    int second = new_socket();
    ck_assert_ptr_eq(open_one(second), connection);
    check_fresh(connection, second);
    ck_assert_uint_eq(id_of(connection), 2);
    ck_assert_uint_ne(connection_event_key(0, connection), stale);
    connection_begin_visit(connection);
    ck_assert(connection_park(connection, true));
    ck_assert(!connection_note_event(connection, stale, true));
    ck_assert_uint_eq(connection_table_used(&table), 1);
    fill(connection);
    connection_table_destroy(&table);
}
END_TEST

/* ---- one opens, as the acceptor does, others close ---- */

enum { CLOSERS = 3, OPENINGS = 20000 };

static int handed_over[2]; /* a pipe of slot numbers */
static _Atomic unsigned tenants[CAPACITY];

static void *close_what_comes(void *unused)
{
    uint32_t slot;
    while (read(handed_over[0], &slot, sizeof(slot)) == (ssize_t)sizeof(slot)) {
        struct connection *connection = connection_table_at(&table, slot);
        connection_begin_visit(connection);
        fill(connection);
        ck_assert_uint_eq(atomic_fetch_sub(&tenants[slot], 1), 1);
        connection_table_close(&table, connection);
    }
    return unused;
}

START_TEST(opening_and_closing_at_once)
{
    pthread_t closers[CLOSERS];
    ck_assert_int_eq(pipe(handed_over), 0);
    for (int i = 0; i < CLOSERS; i++)
        closers[i] = thread_start(close_what_comes, NULL);
    for (unsigned opened = 0; opened < OPENINGS;) {
        struct connection *connection = open_one(-1);
        if (connection == NULL) {
            sched_yield();
            continue;
        }
        ck_assert_uint_eq(id_of(connection), ++opened);
        uint32_t slot = connection_table_slot(&table, connection);
        ck_assert_uint_eq(atomic_fetch_add(&tenants[slot], 1), 0);
        ck_assert_int_eq(write(handed_over[1], &slot, sizeof(slot)), sizeof(slot));
    }
    close(handed_over[1]);
    for (int i = 0; i < CLOSERS; i++)
        thread_join(closers[i]);
    close(handed_over[0]);
    ck_assert_uint_eq(connection_table_open_count(&table), 0);
    connection_table_destroy(&table);
}
END_TEST

Suite *connection_table_suite(void)
{
    Suite *suite = suite_create("connection_table");
    TCase *tests = tcase_create("table");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, opens_up_to_its_capacity);
    tcase_add_test(tests, slots_are_reused_and_ids_are_not);
    tcase_add_test(tests, opening_and_closing_at_once);
    suite_add_tcase(suite, tests);
    return suite;
}
