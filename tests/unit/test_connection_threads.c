/* SPDX-License-Identifier: MIT */
/* The state word of server/connection.h among threads that change it at the same time. */
#include "server/connection.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <stdatomic.h>

static struct connection connection;
static uint64_t key;

static void set_up(void)
{
    connection = (struct connection){0};
    key = connection_event_key(1, &connection);
}

static void begin_visit(void)
{
    connection_admit(&connection);
    connection_begin_visit(&connection);
}

enum { NOTERS = 3, ROUNDS = 3000 };

static pthread_barrier_t round_begins;
static pthread_barrier_t round_ends;
static _Atomic unsigned granted;

static void meet(pthread_barrier_t *barrier)
{
    int result = pthread_barrier_wait(barrier);
    ck_assert(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
}

static void *note_each_round(void *unused)
{
    for (int round = 0; round < ROUNDS; round++) {
        meet(&round_begins);
        bool mine = round % 2 == 0 ? connection_note_event(&connection, key, false)
                                   : connection_claim(&connection);
        atomic_fetch_add(&granted, mine ? 1 : 0);
        meet(&round_ends);
    }
    return unused;
}

START_TEST(parked_is_queued_by_exactly_one)
{
    pthread_t threads[NOTERS];
    begin_visit();
    ck_assert(connection_park(&connection, true));
    ck_assert_int_eq(pthread_barrier_init(&round_begins, NULL, NOTERS + 1), 0);
    ck_assert_int_eq(pthread_barrier_init(&round_ends, NULL, NOTERS + 1), 0);
    for (int i = 0; i < NOTERS; i++)
        threads[i] = thread_start(note_each_round, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        meet(&round_begins);
        meet(&round_ends);
        ck_assert_uint_eq(atomic_exchange(&granted, 0), 1);
        connection_begin_visit(&connection);
        ck_assert(connection_park(&connection, true));
    }
    for (int i = 0; i < NOTERS; i++)
        thread_join(threads[i]);
}
END_TEST

/*
 * Noters raise a figure each and note an event; visitors copy all figures, as a visit reads a
 * socket, and park. All that hands the connection over is its word: the ready queue is one relaxed
 * flag, and what a visit keeps in the connection is not atomic. So a race detector sees when the
 * word's memory order is too weak, and a lost wake-up leaves a figure that nobody copied.
 */
enum { VISITORS = 2, EVENTS = 100000 };

static _Atomic bool queued;
static _Atomic bool ended;
static _Atomic unsigned raised[NOTERS];
static _Atomic unsigned copied[NOTERS];

static void push(void)
{
    ck_assert(!atomic_exchange_explicit(&queued, true, memory_order_relaxed));
}

static void *note_events(void *figure)
{
    for (unsigned i = 1; i <= EVENTS; i++) {
        atomic_store_explicit((_Atomic unsigned *)figure, i, memory_order_relaxed);
        if (connection_note_event(&connection, key, false))
            push();
        if (i % 64 == 0)
            sched_yield();
    }
    return NULL;
}

static void *claim_now_and_then(void *unused)
{
    while (!atomic_load_explicit(&ended, memory_order_relaxed)) {
        if (connection_claim(&connection))
            push();
        sched_yield();
    }
    return unused;
}

static void visit(void)
{
    connection_begin_visit(&connection);
    do {
        connection.output_sent++;
        for (int i = 0; i < NOTERS; i++)
            atomic_store_explicit(&copied[i],
                                  atomic_load_explicit(&raised[i], memory_order_relaxed),
                                  memory_order_relaxed);
        if (connection.output_sent % 8 == 0) {
            connection_requeue(&connection);
            push();
            return;
        }
    } while (!connection_park(&connection, true));
}

static void *visit_until_the_end(void *unused)
{
    while (!atomic_load_explicit(&ended, memory_order_relaxed)) {
        if (atomic_exchange_explicit(&queued, false, memory_order_relaxed))
            visit();
        else
            sched_yield();
    }
    return unused;
}

static bool all_is_copied(void)
{
    for (int i = 0; i < NOTERS; i++) {
        if (atomic_load_explicit(&copied[i], memory_order_relaxed) != EVENTS)
            return false;
    }
    return true;
}

static void hammer(bool with_claims)
{
    pthread_t noters[NOTERS];
    pthread_t others[VISITORS + 1];
    size_t count = 0;
    begin_visit();
    ck_assert(connection_park(&connection, true));
    while (count < VISITORS)
        others[count++] = thread_start(visit_until_the_end, NULL);
    for (int i = 0; i < NOTERS; i++)
        noters[i] = thread_start(note_events, &raised[i]);
    if (with_claims)
        others[count++] = thread_start(claim_now_and_then, NULL);
    for (int i = 0; i < NOTERS; i++)
        thread_join(noters[i]);
    ck_assert_eventually(all_is_copied());
    atomic_store_explicit(&ended, true, memory_order_relaxed);
    while (count > 0)
        thread_join(others[--count]);
}

/* Claims would cover up a lost event, so there is a run without them. */
START_TEST(no_event_is_lost)
{
    hammer(_i != 0);
}
END_TEST

/* The drain note in server/pool.h: one raises a flag and claims, the other parks and looks. */
static _Atomic bool draining;

static void *park_and_look(void *unused)
{
    for (int round = 0; round < ROUNDS; round++) {
        meet(&round_begins);
        ck_assert(connection_park(&connection, true));
        if (atomic_load(&draining) && connection_claim(&connection))
            atomic_fetch_add(&granted, 1);
        meet(&round_ends);
    }
    return unused;
}

START_TEST(stop_misses_nobody)
{
    begin_visit();
    ck_assert_int_eq(pthread_barrier_init(&round_begins, NULL, 2), 0);
    ck_assert_int_eq(pthread_barrier_init(&round_ends, NULL, 2), 0);
    pthread_t thread = thread_start(park_and_look, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        atomic_store(&draining, false);
        meet(&round_begins);
        atomic_store(&draining, true);
        if (connection_claim(&connection))
            atomic_fetch_add(&granted, 1);
        meet(&round_ends);
        ck_assert_uint_eq(atomic_exchange(&granted, 0), 1);
        connection_begin_visit(&connection);
    }
    thread_join(thread);
}
END_TEST

Suite *connection_threads_suite(void)
{
    Suite *suite = suite_create("connection_threads");
    TCase *tests = tcase_create("threads");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, parked_is_queued_by_exactly_one);
    tcase_add_loop_test(tests, no_event_is_lost, 0, 2);
    tcase_add_test(tests, stop_misses_nobody);
    suite_add_tcase(suite, tests);
    return suite;
}
