/* SPDX-License-Identifier: MIT */
#include "common/clock.h"
#include "server/input.h"
#include "server/limits/client_memory.h"
#include "server/limits/deadline.h"
#include "server/listener.h"
#include "server/pool.h"
#include "server/settings.h"
#include "tests/unit/suites.h"

#include <string.h>
#include <unistd.h>

enum { CLIENTS = 8, LIMIT = 100000 };

static const struct settings settings = {
    .max_connections = CLIENTS, .workers = 1, .max_client_memory = LIMIT};
static const union peer_address peer = {.any.sa_family = AF_UNIX};
static struct listener listener;
static struct pool pool;
static struct connection *clients[CLIENTS];

static void set_up(void)
{
    listener = (struct listener){.endpoint.scheme = ENDPOINT_TCP};
    ck_assert_int_eq(pool_init(&pool, &settings), 0);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = connection_table_open(&pool.connections, dup(0), &listener, &peer);
        ck_assert_ptr_nonnull(clients[i]);
        connection_begin_visit(clients[i]);
    }
}

static void tear_down(void)
{
    pool_destroy(&pool);
}

static bool count(int client)
{
    return client_memory_count(&pool.memory, clients[client]);
}

/* Lets a client hold a half-sent request of about that many bytes. */
static bool hold_input(int client, size_t size)
{
    clients[client]->input = input_create(size, (struct resp_limits){16, size});
    ck_assert_ptr_nonnull(clients[client]->input);
    return count(client);
}

static bool hold_output(int client, size_t size)
{
    ck_assert_ptr_nonnull(byte_buffer_extend(&clients[client]->output, size));
    return count(client);
}

static void park_all(void)
{
    for (int i = 0; i < CLIENTS; i++)
        ck_assert(connection_park(clients[i], false));
}

static void serve_again(int client)
{
    ck_assert(connection_claim(clients[client]));
    connection_begin_visit(clients[client]);
}

static unsigned state_of(int client)
{
    return (unsigned)(clients[client]->word & CONNECTION_STATE_MASK);
}

static bool is_evicted(int client)
{
    return clients[client]->close_reason == CLOSE_MEMORY_LIMIT;
}

START_TEST(who_holds_nothing_counts_for_nothing)
{
    ck_assert(!count(0));
    ck_assert_uint_eq(client_memory_held(&pool.memory), 0);
    hold_input(1, 2 * LIMIT);
    ck_assert(!count(0)); /* too much is held, but not by it */
}
END_TEST

START_TEST(the_sum_follows_what_is_held)
{
    ck_assert(!hold_input(0, 1000));
    size_t one = client_memory_held(&pool.memory);
    ck_assert_uint_ge(one, 1000);
    ck_assert_uint_lt(one, 1000 + 1000);
    ck_assert(!hold_output(0, 300));
    ck_assert_uint_eq(client_memory_held(&pool.memory), one + 512);
    ck_assert(!hold_output(1, 300));
    ck_assert_uint_eq(client_memory_held(&pool.memory), one + 1024);
    byte_buffer_free(&clients[0]->output);
    ck_assert(!count(0));
    ck_assert_uint_eq(client_memory_held(&pool.memory), one + 512);
    client_memory_forget(&pool.memory, clients[0]);
    client_memory_forget(&pool.memory, clients[0]);
    ck_assert_uint_eq(client_memory_held(&pool.memory), 512);
    ck_assert_uint_eq(client_memory_peak(&pool.memory), one + 1024);
}
END_TEST

START_TEST(lists_of_arguments_count_too)
{
    hold_input(0, 4096);
    struct input *input = clients[0]->input;
    size_t before = client_memory_held(&pool.memory);
    static const char request[] = "*100\r\n";
    memcpy(input->bytes, request, sizeof(request));
    input->end = sizeof(request) - 1;
    for (int i = 0; i < 50; i++, input->end += 7)
        memcpy(input->bytes + input->end, "$1\r\na\r\n", 7);
    ck_assert_int_eq(resp_parse(&input->parser, input->bytes, input->end), RESP_INCOMPLETE);
    ck_assert(!count(0));
    ck_assert_uint_ge(client_memory_held(&pool.memory), before + 50 * sizeof(struct resp_span));
}
END_TEST

START_TEST(the_limit_itself_is_allowed)
{
    ck_assert(!hold_output(0, 65536));
    size_t left = LIMIT - client_memory_held(&pool.memory);
    size_t framing = sizeof(struct input);
    ck_assert(!hold_input(1, left - framing));
    ck_assert_uint_eq(client_memory_held(&pool.memory), LIMIT);
    ck_assert(hold_output(2, 1));
    ck_assert(count(0)); /* whoever holds something is to look */
}
END_TEST

START_TEST(the_largest_goes_first)
{
    hold_input(0, 10000);
    hold_input(1, 50000);
    hold_output(2, 32768);
    ck_assert(hold_input(3, 40000));
    park_all();
    client_memory_make_room(&pool);
    ck_assert(is_evicted(1));
    ck_assert(!is_evicted(0) && !is_evicted(2) && !is_evicted(3));
    ck_assert_uint_le(client_memory_held(&pool.memory), LIMIT);
    ck_assert_ptr_null(clients[1]->input);
    ck_assert_ptr_nonnull(clients[3]->input);
    /* It is queued, with an error to send. */
    struct ready_taken taken;
    ck_assert_ptr_eq(pool_next(&pool, &taken), clients[1]);
    ck_assert_int_eq(clients[1]->phase, PHASE_FINISHING);
    ck_assert_uint_eq(clients[1]->output_sent, 0);
    ck_assert_int_eq(strncmp(clients[1]->output.bytes, "-ERR max-client-memory ", 23), 0);
    ck_assert_uint_eq(state_of(0), CONNECTION_PARKED);
}
END_TEST

/* An error amid a reply would be part of it, and to a raw client it would be its reply. */
START_TEST(who_cannot_be_told_is_cut_off)
{
    hold_output(0, 3 * LIMIT);
    clients[0]->output_sent = 10;
    park_all();
    client_memory_make_room(&pool);
    ck_assert(is_evicted(0));
    ck_assert_int_eq(clients[0]->phase, PHASE_LINGERING);
    ck_assert_uint_eq(clients[0]->output.size, 0);
    ck_assert_uint_eq(clients[0]->output_sent, 0);
    ck_assert(deadline_settle(clients[0], &settings, monotonic_ns()));
    ck_assert_uint_eq(client_memory_held(&pool.memory), 0);
}
END_TEST

START_TEST(who_waits_in_the_queue_is_seized_there)
{
    struct ready_taken taken;
    hold_input(0, 3 * LIMIT);
    hold_input(1, 100);
    pool_return(&pool, clients[0]);
    client_memory_make_room(&pool);
    ck_assert(is_evicted(0));
    ck_assert_uint_eq(state_of(0), CONNECTION_QUEUED);
    /* It stands in the queue once. */
    ck_assert_ptr_eq(pool_next(&pool, &taken), clients[0]);
    ck_assert_uint_eq(ready_queue_read(&pool.queue).length, 0);
}
END_TEST

START_TEST(who_is_being_served_is_left_alone)
{
    hold_input(0, 3 * LIMIT);
    hold_input(1, 100);
    hold_input(2, 1000);
    for (int i = 1; i <= 3; i++)
        ck_assert(connection_park(clients[i], true));
    client_memory_make_room(&pool);
    ck_assert(!is_evicted(0) && !is_evicted(1) && !is_evicted(2)); /* others need not pay for it */
    serve_again(3);
    hold_output(3, LIMIT);
    ck_assert(connection_park(clients[3], true));
    client_memory_make_room(&pool);
    ck_assert(is_evicted(3));
    ck_assert(!is_evicted(0) && !is_evicted(1) && !is_evicted(2));
}
END_TEST

START_TEST(without_a_limit_nobody_is_evicted)
{
    pool.memory.limit = 0;
    ck_assert(!hold_input(0, 10 * LIMIT));
    park_all();
    client_memory_make_room(&pool);
    ck_assert(!is_evicted(0));
}
END_TEST

Suite *client_memory_suite(void)
{
    Suite *suite = suite_create("client_memory");
    TCase *tests = tcase_create("client_memory");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, who_holds_nothing_counts_for_nothing);
    tcase_add_test(tests, the_sum_follows_what_is_held);
    tcase_add_test(tests, lists_of_arguments_count_too);
    tcase_add_test(tests, the_limit_itself_is_allowed);
    tcase_add_test(tests, the_largest_goes_first);
    tcase_add_test(tests, who_cannot_be_told_is_cut_off);
    tcase_add_test(tests, who_waits_in_the_queue_is_seized_there);
    tcase_add_test(tests, who_is_being_served_is_left_alone);
    tcase_add_test(tests, without_a_limit_nobody_is_evicted);
    suite_add_tcase(suite, tests);
    return suite;
}
