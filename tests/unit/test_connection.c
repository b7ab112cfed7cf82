/* SPDX-License-Identifier: MIT */
#include "server/connection.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <stdatomic.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { SLOT = 4711, KEY_GENERATION_MASK = 0xffffffff };

static struct connection connection;
static uint64_t key;

static unsigned state(void)
{
    return (unsigned)(atomic_load(&connection.word) & CONNECTION_STATE_MASK);
}

/* Brings a fresh connection to a state by the ways that lead there. */
static void reach(enum connection_state wanted)
{
    if (wanted == CONNECTION_FREE)
        return;
    connection_admit(&connection);
    if (wanted == CONNECTION_QUEUED)
        return;
    connection_begin_visit(&connection);
    if (wanted == CONNECTION_PARKED)
        ck_assert(connection_park(&connection, true));
    else if (wanted == CONNECTION_RUNNING_DIRTY)
        ck_assert(!connection_note_event(&connection, key, false));
}

static void set_up(void)
{
    connection = (struct connection){0};
    key = connection_event_key(SLOT, &connection);
}

enum action { NOTE, NOTE_HANGUP, CLAIM, SEIZE, BEGIN, PARK, PARK_BLOCKED, REQUEUE, ADMIT, RETIRE };

static bool was_parked; /* of what was seized */

static bool act(enum action action)
{
    switch (action) {
    case NOTE:
        return connection_note_event(&connection, key, false);
    case NOTE_HANGUP:
        return connection_note_event(&connection, key, true);
    case CLAIM:
        return connection_claim(&connection);
    case SEIZE:
        return connection_seize(&connection, key, &was_parked);
    case BEGIN:
        connection_begin_visit(&connection);
        return true;
    case PARK:
        return connection_park(&connection, true);
    case PARK_BLOCKED:
        return connection_park(&connection, false);
    case REQUEUE:
        connection_requeue(&connection);
        return true;
    case ADMIT:
        connection_admit(&connection);
        return true;
    case RETIRE:
        connection_retire(&connection);
        return true;
    }
    return false;
}

static const struct {
    enum connection_state from;
    enum action action;
    bool result;
    enum connection_state to;
} transitions[] = {
    {CONNECTION_FREE, ADMIT, true, CONNECTION_QUEUED},
    {CONNECTION_FREE, SEIZE, false, CONNECTION_FREE},
    {CONNECTION_PARKED, SEIZE, true, CONNECTION_RUNNING},
    {CONNECTION_QUEUED, SEIZE, true, CONNECTION_RUNNING},
    {CONNECTION_RUNNING, SEIZE, false, CONNECTION_RUNNING},
    {CONNECTION_RUNNING_DIRTY, SEIZE, false, CONNECTION_RUNNING_DIRTY},
    {CONNECTION_FREE, NOTE, false, CONNECTION_FREE},
    {CONNECTION_FREE, NOTE_HANGUP, false, CONNECTION_FREE},
    {CONNECTION_FREE, CLAIM, false, CONNECTION_FREE},
    {CONNECTION_PARKED, NOTE, true, CONNECTION_QUEUED},
    {CONNECTION_PARKED, NOTE_HANGUP, true, CONNECTION_QUEUED},
    {CONNECTION_PARKED, CLAIM, true, CONNECTION_QUEUED},
    {CONNECTION_QUEUED, NOTE, false, CONNECTION_QUEUED},
    {CONNECTION_QUEUED, NOTE_HANGUP, false, CONNECTION_QUEUED},
    {CONNECTION_QUEUED, CLAIM, false, CONNECTION_QUEUED},
    {CONNECTION_QUEUED, BEGIN, true, CONNECTION_RUNNING},
    {CONNECTION_RUNNING, NOTE, false, CONNECTION_RUNNING_DIRTY},
    {CONNECTION_RUNNING, NOTE_HANGUP, false, CONNECTION_RUNNING_DIRTY},
    {CONNECTION_RUNNING, CLAIM, false, CONNECTION_RUNNING},
    {CONNECTION_RUNNING, PARK, true, CONNECTION_PARKED},
    {CONNECTION_RUNNING, PARK_BLOCKED, true, CONNECTION_PARKED},
    {CONNECTION_RUNNING, REQUEUE, true, CONNECTION_QUEUED},
    {CONNECTION_RUNNING, RETIRE, true, CONNECTION_FREE},
    {CONNECTION_RUNNING_DIRTY, NOTE, false, CONNECTION_RUNNING_DIRTY},
    {CONNECTION_RUNNING_DIRTY, NOTE_HANGUP, false, CONNECTION_RUNNING_DIRTY},
    {CONNECTION_RUNNING_DIRTY, CLAIM, false, CONNECTION_RUNNING_DIRTY},
    {CONNECTION_RUNNING_DIRTY, PARK, false, CONNECTION_RUNNING},
    {CONNECTION_RUNNING_DIRTY, PARK_BLOCKED, false, CONNECTION_RUNNING},
    {CONNECTION_RUNNING_DIRTY, REQUEUE, true, CONNECTION_QUEUED},
    {CONNECTION_RUNNING_DIRTY, RETIRE, true, CONNECTION_FREE},
};

START_TEST(transition)
{
    enum action action = transitions[_i].action;
    reach(transitions[_i].from);
    ck_assert_uint_eq(state(), transitions[_i].from);
    ck_assert_int_eq(act(action), transitions[_i].result);
    ck_assert_uint_eq(state(), transitions[_i].to);
    ck_assert_int_eq(connection_is_open(&connection), transitions[_i].to != CONNECTION_FREE);
    bool noted = action == NOTE_HANGUP && transitions[_i].from != CONNECTION_FREE;
    ck_assert_int_eq(connection_hung_up(&connection), noted);
    bool same_tenant = connection_event_key(SLOT, &connection) == key;
    ck_assert_int_eq(same_tenant, action != RETIRE);
}
END_TEST

START_TEST(seizing_tells_where_from)
{
    reach(CONNECTION_PARKED);
    ck_assert(connection_is_waiting(&connection));
    ck_assert(connection_seize(&connection, key, &was_parked));
    ck_assert(was_parked);
    ck_assert(!connection_is_waiting(&connection));
    connection_requeue(&connection);
    ck_assert(connection_is_waiting(&connection));
    ck_assert(connection_seize(&connection, key, &was_parked));
    ck_assert(!was_parked);
    connection_requeue(&connection);
    ck_assert(!connection_seize(&connection, key + 1, &was_parked));
    ck_assert_uint_eq(state(), CONNECTION_QUEUED);
}
END_TEST

START_TEST(key_names_slot_and_generation)
{
    const uint32_t slots[] = {0, 1, 0x7fffffff, 0xfffffffe};
    for (int i = 0; i < COUNT(slots); i++)
        ck_assert_uint_eq(event_key_slot(connection_event_key(slots[i], &connection)), slots[i]);
    reach(CONNECTION_RUNNING);
    connection_retire(&connection);
    uint64_t next = connection_event_key(SLOT, &connection);
    ck_assert_uint_eq(event_key_slot(next), SLOT);
    ck_assert_uint_eq(next & KEY_GENERATION_MASK, (key & KEY_GENERATION_MASK) + 1);
}
END_TEST

/* The next tenant, in every state, is neither woken nor touched by events for the one before. */
START_TEST(stale_events_are_refused)
{
    reach(CONNECTION_RUNNING);
    ck_assert(!connection_note_event(&connection, key, true));
    connection_retire(&connection);
    uint64_t stale = key;
    key = connection_event_key(SLOT, &connection);
    reach((enum connection_state)_i);
    uint64_t before = atomic_load(&connection.word);
    ck_assert(!connection_note_event(&connection, stale, true));
    ck_assert(!connection_note_event(&connection, stale, false));
    ck_assert_uint_eq(atomic_load(&connection.word), before);
    ck_assert(!connection_hung_up(&connection));
}
END_TEST

START_TEST(dirt_makes_one_park_fail)
{
    reach(CONNECTION_RUNNING);
    for (int round = 0; round < 3; round++) {
        ck_assert(!connection_note_event(&connection, key, false));
        ck_assert(!connection_note_event(&connection, key, false));
        ck_assert(!connection_park(&connection, true));
    }
    ck_assert(connection_park(&connection, true));
    ck_assert_uint_eq(state(), CONNECTION_PARKED);
}
END_TEST

START_TEST(hangup_stays)
{
    reach(CONNECTION_PARKED);
    ck_assert(connection_note_event(&connection, key, true));
    ck_assert(connection_hung_up(&connection));
    connection_begin_visit(&connection);
    for (int round = 0; round < 3; round++) {
        ck_assert(!connection_park(&connection, true));
        ck_assert_uint_eq(state(), CONNECTION_RUNNING);
        ck_assert(connection_hung_up(&connection));
    }
    /* Only output waits: there is nothing to read before it is taken. */
    ck_assert(connection_park(&connection, false));
    ck_assert(connection_hung_up(&connection));
    ck_assert(connection_claim(&connection));
    connection_begin_visit(&connection);
    connection_requeue(&connection);
    connection_begin_visit(&connection);
    ck_assert(connection_hung_up(&connection));
    connection_retire(&connection);
    connection_admit(&connection);
    ck_assert(!connection_hung_up(&connection));
}
END_TEST

/* ---- many threads ---- */

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
    reach(CONNECTION_PARKED);
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
    reach(CONNECTION_PARKED);
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
    reach(CONNECTION_RUNNING);
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

Suite *connection_suite(void)
{
    Suite *suite = suite_create("connection");
    TCase *tests = tcase_create("states");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, transition, 0, COUNT(transitions));
    tcase_add_test(tests, seizing_tells_where_from);
    tcase_add_test(tests, key_names_slot_and_generation);
    tcase_add_loop_test(tests, stale_events_are_refused, CONNECTION_FREE,
                        CONNECTION_RUNNING_DIRTY + 1);
    tcase_add_test(tests, dirt_makes_one_park_fail);
    tcase_add_test(tests, hangup_stays);
    suite_add_tcase(suite, tests);

    tests = tcase_create("threads");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, parked_is_queued_by_exactly_one);
    tcase_add_loop_test(tests, no_event_is_lost, 0, 2);
    tcase_add_test(tests, stop_misses_nobody);
    suite_add_tcase(suite, tests);
    return suite;
}
