/* SPDX-License-Identifier: MIT */
/*
 * The rules in server/ready_queue.h one by one. Most need no threads: taking only blocks while the
 * queue is empty and somebody polls. Idle workers are takers: threads that take once.
 */
#include "server/ready_queue.h"
#include "tests/unit/ready_queue_hammer.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <stdatomic.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { CAPACITY = 2 * READY_WAKE_LENGTH, WORKERS = 6 };

static struct ready_queue queue;

static void set_up(void)
{
    ck_assert_int_eq(ready_queue_init(&queue, CAPACITY, WORKERS), 0);
}

static void tear_down(void)
{
    ready_queue_destroy(&queue);
}

static enum ready_kick push_one(uint32_t slot)
{
    struct ready_entry entry = {slot, monotonic_ns()};
    return ready_queue_push(&queue, &entry, 1);
}

/* Adds entries `first` to `first + count - 1` without waking anybody. */
static void put(uint32_t first, size_t count, uint64_t queued_ns)
{
    for (uint32_t i = 0; i < count; i++) {
        struct ready_entry entry = {first + i, queued_ns};
        ready_queue_return(&queue, &entry);
    }
}

static enum ready_result take(void)
{
    struct ready_taken entry;
    return ready_queue_take(&queue, &entry);
}

static void check_next(uint32_t slot)
{
    struct ready_taken entry;
    ck_assert_int_eq(ready_queue_take(&queue, &entry), READY_ENTRY);
    ck_assert_uint_eq(entry.slot, slot);
}

static unsigned idle(void)
{
    return ready_queue_read(&queue).idle;
}

/* ---- order ---- */

/* In and out by different steps, never empty, so that every place of the ring is a border once. */
START_TEST(order_survives_wrapping)
{
    enum { ROUNDS = 500, STEP = 7 };
    uint32_t in = STEP - 1;
    uint32_t out = 0;
    ready_queue_destroy(&queue);
    ck_assert_int_eq(ready_queue_init(&queue, STEP * 2 - 1, 1), 0);
    put(0, STEP - 1, 0);
    for (int round = 0; round < ROUNDS; round++) {
        put(in, STEP, 0);
        in += STEP;
        for (int i = 0; i < STEP; i++) {
            struct ready_taken entry;
            enum ready_result result = ready_queue_take(&queue, &entry);
            if (result == READY_GLANCE) {
                ready_queue_end_poll(&queue, NULL, 0);
                result = ready_queue_take(&queue, &entry);
            }
            ck_assert_int_eq(result, READY_ENTRY);
            ck_assert_uint_eq(entry.slot, out++);
        }
    }
    ck_assert_uint_eq(ready_queue_read(&queue).length, STEP - 1);
}
END_TEST

START_TEST(full_to_the_last_place)
{
    struct ready_entry entries[READY_GLANCE_AFTER];
    for (uint32_t i = 0; i < READY_GLANCE_AFTER; i++)
        entries[i] = (struct ready_entry){i, 100 + i};
    ready_queue_destroy(&queue);
    ck_assert_int_eq(ready_queue_init(&queue, READY_GLANCE_AFTER, 1), 0);
    ck_assert_int_eq(ready_queue_push(&queue, entries, READY_GLANCE_AFTER), READY_KICK_NONE);
    for (uint32_t i = 0; i < READY_GLANCE_AFTER; i++) {
        struct ready_taken entry;
        ck_assert_int_eq(ready_queue_take(&queue, &entry), READY_ENTRY);
        ck_assert_uint_eq(entry.slot, i);
        ck_assert_uint_eq(entry.queued_ns, 100 + i);
    }
    ck_assert_int_eq(take(), READY_POLL);
}
END_TEST

START_TEST(figures)
{
    put(0, 5, 0);
    check_next(0);
    check_next(1);
    (void)ready_queue_begin_slow(&queue);
    (void)ready_queue_begin_slow(&queue);
    ready_queue_end_slow(&queue);
    struct ready_queue_figures read = ready_queue_read(&queue);
    ck_assert_uint_eq(read.length, 3);
    ck_assert_uint_eq(read.peak, 5);
    ck_assert_uint_eq(read.idle, 0);
    ck_assert_uint_eq(read.slow, 1);
    ready_queue_reset_figures(&queue);
    ck_assert_uint_eq(ready_queue_read(&queue).peak, 3);
    put(5, 1, 0);
    ck_assert_uint_eq(ready_queue_read(&queue).peak, 4);
}
END_TEST

/* ---- the poller's role ---- */

START_TEST(poll_brings_entries)
{
    const struct ready_entry found[] = {{1, 0}, {2, 0}};
    ck_assert_int_eq(take(), READY_POLL);
    ready_queue_end_poll(&queue, found, 2);
    check_next(1);
    check_next(2);
    ck_assert_int_eq(take(), READY_POLL);
    ready_queue_end_poll(&queue, NULL, 0);
    ck_assert_int_eq(take(), READY_POLL);
}
END_TEST

START_TEST(poller_is_kicked_once_a_poll)
{
    ck_assert_int_eq(push_one(0), READY_KICK_NONE);
    check_next(0);
    for (uint32_t round = 0; round < 3; round++) {
        ck_assert_int_eq(take(), READY_POLL);
        ck_assert_int_eq(push_one(1), READY_KICK_POLLER);
        ck_assert_int_eq(push_one(2), READY_KICK_NONE);
        ready_queue_end_poll(&queue, NULL, 0);
        ck_assert_int_eq(push_one(3), READY_KICK_NONE);
        check_next(1);
        check_next(2);
        check_next(3);
    }
}
END_TEST

START_TEST(glance_after_many_entries)
{
    const struct ready_entry found = {READY_GLANCE_AFTER + 1, 0};
    put(0, READY_GLANCE_AFTER + 1, 0);
    for (uint32_t i = 0; i < READY_GLANCE_AFTER; i++)
        check_next(i);
    ck_assert_int_eq(take(), READY_GLANCE);
    /* The role is taken, so the next taker gets an entry. */
    check_next(READY_GLANCE_AFTER);
    ready_queue_end_poll(&queue, &found, 1);
    put(READY_GLANCE_AFTER + 2, READY_GLANCE_AFTER, 0);
    for (uint32_t i = 0; i < READY_GLANCE_AFTER; i++)
        check_next(READY_GLANCE_AFTER + 1 + i);
    ck_assert_int_eq(take(), READY_GLANCE);
}
END_TEST

START_TEST(no_glance_while_somebody_polls)
{
    ck_assert_int_eq(take(), READY_POLL);
    put(0, READY_GLANCE_AFTER + 2, 0);
    for (uint32_t i = 0; i < READY_GLANCE_AFTER + 1; i++)
        check_next(i);
    ready_queue_end_poll(&queue, NULL, 0);
    check_next(READY_GLANCE_AFTER + 1);
}
END_TEST

/* ---- slow work ---- */

static void all_become_slow(void)
{
    for (int i = 0; i < WORKERS - 1; i++)
        ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_NONE);
    ck_assert(!ready_queue_acceptor_polls(&queue));
    ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_ACCEPTOR);
    ck_assert(ready_queue_acceptor_polls(&queue));
}

START_TEST(last_slow_worker_asks_the_acceptor)
{
    all_become_slow();
    ready_queue_end_slow(&queue);
    /* Asked once: the acceptor stands in until a worker comes back to an empty queue. */
    ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_NONE);
    ck_assert_int_eq(push_one(0), READY_KICK_NONE);
    ready_queue_end_slow(&queue);
    check_next(0);
    ck_assert(ready_queue_acceptor_polls(&queue));
    ck_assert_int_eq(take(), READY_POLL);
    ck_assert(!ready_queue_acceptor_polls(&queue));
    /* That worker polls now, so slow work of the others leaves nothing unwatched. */
    ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_NONE);
    ck_assert(!ready_queue_acceptor_polls(&queue));
}
END_TEST

START_TEST(no_glance_while_the_acceptor_polls)
{
    put(0, READY_GLANCE_AFTER + 1, 0);
    all_become_slow();
    ready_queue_end_slow(&queue);
    for (uint32_t i = 0; i < READY_GLANCE_AFTER + 1; i++)
        check_next(i);
    ck_assert(ready_queue_acceptor_polls(&queue));
    ck_assert_int_eq(take(), READY_POLL);
}
END_TEST

/* Nobody is idle, and what is queued must not wait behind slow work while a worker polls. */
START_TEST(slow_work_over_a_backlog_kicks_the_poller)
{
    ck_assert_int_eq(take(), READY_POLL);
    ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_NONE);
    put(0, 1, 0);
    ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_POLLER);
    ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_NONE);
}
END_TEST

/* ---- idle workers ---- */

static struct taker {
    pthread_t thread;
    enum ready_result result;
} takers[WORKERS];

static _Atomic unsigned returned;

static void *take_once(void *argument)
{
    struct taker *taker = argument;
    taker->result = take();
    atomic_fetch_add(&returned, 1);
    return NULL;
}

/* The test's own thread polls, and `count` others find nothing to do. */
static void start_takers(unsigned count)
{
    ck_assert_int_eq(take(), READY_POLL);
    for (unsigned i = 0; i < count; i++)
        takers[i].thread = thread_start(take_once, &takers[i]);
    ck_assert_eventually(idle() == count);
}

static unsigned join_takers(unsigned count, enum ready_result counted)
{
    unsigned found = 0;
    for (unsigned i = 0; i < count; i++) {
        thread_join(takers[i].thread);
        found += takers[i].result == counted;
    }
    return found;
}

enum { TAKERS = 3 };

static const struct {
    const char *name;
    bool watched;   /* the test's thread goes on polling */
    size_t queued;  /* entries that nobody was woken for */
    unsigned slow;  /* workers that begin slow work; 0: an entry is pushed instead */
    unsigned woken; /* takers that must come */
    enum ready_result result;
} wakings[] = {
    {"push wakes one, not the poller", true, 0, 0, 1, READY_ENTRY},
    {"push wakes one when nobody polls", false, 0, 0, 1, READY_ENTRY},
    {"slow work is watched already", true, 0, 2, 0, READY_CLOSED},
    {"slow work makes one poll, once", false, 0, 2, 1, READY_POLL},
    {"slow work over an entry, watched", true, 1, 1, 1, READY_ENTRY},
    {"slow work over an entry, unwatched", false, 1, 1, 1, READY_ENTRY},
    {"slow work twice over one entry", true, 1, 2, 1, READY_ENTRY},
    {"slow work twice over two entries", true, 2, 2, 2, READY_ENTRY},
};

START_TEST(waking)
{
    start_takers(TAKERS);
    if (!wakings[_i].watched)
        ready_queue_end_poll(&queue, NULL, 0);
    put(1, wakings[_i].queued, 0);
    if (wakings[_i].slow == 0)
        ck_assert_int_eq(push_one(0), READY_KICK_NONE);
    for (unsigned i = 0; i < wakings[_i].slow; i++)
        ck_assert_int_eq(ready_queue_begin_slow(&queue), READY_KICK_NONE);

    const char *name = wakings[_i].name;
    unsigned woken = wakings[_i].woken;
    ck_assert_msg(idle() == TAKERS - woken, "%s: %u are idle", name, idle());
    ck_assert_eventually(atomic_load(&returned) == woken);
    ck_assert_msg(idle() == TAKERS - woken, "%s: then %u are idle", name, idle());
    (void)ready_queue_close(&queue);
    unsigned found = join_takers(TAKERS, wakings[_i].result);
    ck_assert_msg(found == (woken > 0 ? woken : TAKERS), "%s: %u came back so", name, found);
}
END_TEST

/* Rule 2. What a taker leaves behind wakes another if it is long, or if the taken entry is old. */
static const struct {
    size_t queued;
    bool old;
    bool wakes;
} backlogs[] = {
    {2, true, true},
    {1, true, false},
    {READY_WAKE_LENGTH + 1, false, true},
    {READY_WAKE_LENGTH, false, false},
};

START_TEST(sharing_a_backlog)
{
    start_takers(TAKERS);
    uint64_t queued_ns = backlogs[_i].old ? 0 : monotonic_ns();
    put(0, backlogs[_i].queued, queued_ns);
    check_next(0);
    unsigned left = idle();
    if (backlogs[_i].wakes)
        ck_assert_uint_lt(left, TAKERS);
    else /* what was fresh is not any more when this thread was kept from running */
        ck_assert(left == TAKERS ||
                  (!backlogs[_i].old && monotonic_ns() - queued_ns >= READY_WAKE_WAIT_NS));
    (void)ready_queue_close(&queue);
    (void)join_takers(TAKERS, READY_CLOSED);
}
END_TEST

/* ---- the end ---- */

START_TEST(close_wakes_everybody)
{
    start_takers(TAKERS);
    ck_assert_int_eq(ready_queue_close(&queue), READY_KICK_POLLER);
    ck_assert_uint_eq(join_takers(TAKERS, READY_CLOSED), TAKERS);
    ck_assert_uint_eq(idle(), 0);
    ready_queue_end_poll(&queue, NULL, 0);
    ck_assert_int_eq(take(), READY_CLOSED);
}
END_TEST

START_TEST(close_lets_the_queue_drain)
{
    const struct ready_entry found = {3, 0};
    ck_assert_int_eq(take(), READY_POLL);
    ck_assert_int_eq(push_one(1), READY_KICK_POLLER);
    ck_assert_int_eq(push_one(2), READY_KICK_NONE);
    ck_assert_int_eq(ready_queue_close(&queue), READY_KICK_NONE);
    check_next(1);
    ready_queue_end_poll(&queue, &found, 1);
    check_next(2);
    check_next(3);
    ck_assert_int_eq(take(), READY_CLOSED);
}
END_TEST

Suite *ready_queue_suite(void)
{
    Suite *suite = suite_create("ready_queue");
    TCase *tests = tcase_create("rules");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, order_survives_wrapping);
    tcase_add_test(tests, full_to_the_last_place);
    tcase_add_test(tests, figures);
    tcase_add_test(tests, poll_brings_entries);
    tcase_add_test(tests, poller_is_kicked_once_a_poll);
    tcase_add_test(tests, glance_after_many_entries);
    tcase_add_test(tests, no_glance_while_somebody_polls);
    tcase_add_test(tests, last_slow_worker_asks_the_acceptor);
    tcase_add_test(tests, no_glance_while_the_acceptor_polls);
    tcase_add_test(tests, slow_work_over_a_backlog_kicks_the_poller);
    tcase_add_loop_test(tests, waking, 0, COUNT(wakings));
    tcase_add_loop_test(tests, sharing_a_backlog, 0, COUNT(backlogs));
    tcase_add_test(tests, close_wakes_everybody);
    tcase_add_test(tests, close_lets_the_queue_drain);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, ready_queue_hammer_tests());
    return suite;
}
