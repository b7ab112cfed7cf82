/* SPDX-License-Identifier: MIT */
#include "server/connection.h"
#include "tests/unit/suites.h"

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

/* What its owner knew when it gave the connection up last is what all others see. */
START_TEST(strangers_are_told_by_whom_they_were_given_up)
{
    connection.phase = PHASE_SERVING;
    reach(CONNECTION_RUNNING);
    ck_assert(!connection_is_stranger(&connection));
    connection.must_log_in = true;
    ck_assert(!connection_is_stranger(&connection));
    ck_assert(connection_park(&connection, true));
    ck_assert(connection_is_stranger(&connection));
    ck_assert(connection_note_event(&connection, key, true));
    ck_assert(connection_is_stranger(&connection));
    connection_begin_visit(&connection);
    connection.must_log_in = false;
    ck_assert(connection_is_stranger(&connection));
    connection_requeue(&connection);
    ck_assert(!connection_is_stranger(&connection));
    ck_assert(connection_seize(&connection, key, &was_parked));
    connection.phase = PHASE_HANDSHAKING;
    connection_requeue(&connection);
    ck_assert(connection_is_stranger(&connection));
    connection_begin_visit(&connection);
    connection.phase = PHASE_SERVING;
    ck_assert(connection_park(&connection, false));
    ck_assert(!connection_is_stranger(&connection));
    ck_assert(connection_hung_up(&connection)); /* which is apart */
    ck_assert(connection_claim(&connection));
    connection_begin_visit(&connection);
    connection.must_log_in = true;
    connection_requeue(&connection);
    connection_begin_visit(&connection);
    connection_retire(&connection);
    connection_admit(&connection);
    ck_assert(!connection_is_stranger(&connection));
}
END_TEST

/* Until a stranger is let in for the first time; the next tenant is another. */
START_TEST(whether_to_let_in_is_decided_once)
{
    reach(CONNECTION_RUNNING);
    connection.phase = PHASE_HANDSHAKING;
    connection_requeue(&connection);
    ck_assert(connection_is_undecided(&connection));
    connection_begin_visit(&connection);
    connection.phase = PHASE_SERVING;
    ck_assert(connection_park(&connection, true));
    ck_assert(!connection_is_undecided(&connection));
    ck_assert(connection_claim(&connection));
    connection_begin_visit(&connection);
    connection.must_log_in = true;
    ck_assert(connection_park(&connection, true));
    ck_assert(connection_is_stranger(&connection));
    ck_assert(!connection_is_undecided(&connection));
    ck_assert(connection_claim(&connection));
    connection_begin_visit(&connection);
    connection_retire(&connection);
    reach(CONNECTION_RUNNING);
    ck_assert(connection_park(&connection, true));
    ck_assert(connection_is_undecided(&connection));
}
END_TEST

/* Whatever ends it: who was let in leaves as such, who was not does not get in thereby. */
START_TEST(who_leaves_is_told_by_how_it_was_before)
{
    static const uint8_t leaving[] = {PHASE_FINISHING, PHASE_LINGERING};
    for (int stranger = 0; stranger <= 1; stranger++) {
        for (int i = 0; i < COUNT(leaving); i++) {
            reach(CONNECTION_RUNNING);
            connection.phase = stranger ? PHASE_HANDSHAKING : PHASE_SERVING;
            connection_requeue(&connection);
            connection_begin_visit(&connection);
            connection.phase = leaving[i] & 3U;
            ck_assert(connection_park(&connection, true));
            ck_assert_int_eq(connection_is_stranger(&connection), stranger);
            ck_assert(!connection_is_undecided(&connection));
            ck_assert(connection_claim(&connection));
            connection_begin_visit(&connection);
            connection_requeue(&connection);
            ck_assert_int_eq(connection_is_stranger(&connection), stranger);
            connection_retire(&connection);
        }
    }
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
    tcase_add_test(tests, strangers_are_told_by_whom_they_were_given_up);
    tcase_add_test(tests, whether_to_let_in_is_decided_once);
    tcase_add_test(tests, who_leaves_is_told_by_how_it_was_before);
    suite_add_tcase(suite, tests);
    return suite;
}
