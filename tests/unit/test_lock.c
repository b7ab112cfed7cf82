/* SPDX-License-Identifier: MIT */
#include "common/lock.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <signal.h>
#include <stdatomic.h>

static struct lock table;
static struct lock queue;
static struct lock other_queue;
static struct lock workload;
static struct condition condition;
static struct condition fell_asleep;

static void set_up(void)
{
    lock_init(&table, LOCK_RANK_CONNECTION_TABLE);
    lock_init(&queue, LOCK_RANK_READY_QUEUE);
    lock_init(&other_queue, LOCK_RANK_READY_QUEUE);
    lock_init(&workload, LOCK_RANK_WORKLOAD);
    condition_init(&condition);
    condition_init(&fell_asleep);
}

START_TEST(rising_order_and_again)
{
    for (int i = 0; i < 3; i++) {
        lock_acquire(&table);
        lock_assert_held(&table);
        lock_acquire(&queue);
        lock_assert_held(&queue);
        lock_acquire(&workload);
        lock_release(&workload);
        lock_assert_held(&queue);
        lock_release(&queue);
        lock_assert_held(&table);
        lock_release(&table);
        lock_acquire(&workload);
        lock_release(&workload);
    }
    condition_destroy(&condition);
    lock_destroy(&table);
}
END_TEST

static void acquire_in_falling_order(void)
{
    lock_acquire(&workload);
    lock_acquire(&table);
}

static void acquire_two_of_a_rank(void)
{
    lock_acquire(&queue);
    lock_acquire(&other_queue);
}

static void acquire_twice(void)
{
    lock_acquire(&queue);
    lock_acquire(&queue);
}

static void release_what_is_free(void)
{
    lock_release(&queue);
}

static void release_twice(void)
{
    lock_acquire(&queue);
    lock_release(&queue);
    lock_release(&queue);
}

static void release_another_of_the_rank(void)
{
    lock_acquire(&queue);
    lock_release(&other_queue);
}

static void release_the_outer_first(void)
{
    lock_acquire(&table);
    lock_acquire(&queue);
    lock_release(&table);
}

static void assert_what_is_free(void)
{
    lock_assert_held(&queue);
}

static void assert_the_outer(void)
{
    lock_acquire(&table);
    lock_acquire(&queue);
    lock_assert_held(&table);
}

static void wait_without_the_lock(void)
{
    condition_wait(&condition, &queue);
}

static void wait_with_the_outer(void)
{
    lock_acquire(&table);
    lock_acquire(&queue);
    condition_wait(&condition, &table);
}

static void *release_what_another_holds(void *unused)
{
    (void)unused;
    lock_release(&queue);
    return NULL;
}

static void release_in_another_thread(void)
{
    pthread_t thread;
    lock_acquire(&queue);
    ck_assert_int_eq(pthread_create(&thread, NULL, release_what_another_holds, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void (*const violations[])(void) = {
    acquire_in_falling_order, acquire_two_of_a_rank, acquire_twice,
    release_what_is_free,     release_twice,         release_another_of_the_rank,
    release_the_outer_first,  assert_what_is_free,   assert_the_outer,
    wait_without_the_lock,    wait_with_the_outer,   release_in_another_thread,
};

START_TEST(violation_aborts)
{
    capture_output(stderr);
    violations[_i]();
}
END_TEST

/* Two threads take turns; each is woken by the other through the condition. */
enum { TURNS = 2000, TURNS_OF_BOTH = 2 * TURNS };

static unsigned turn;

static void take_turns(unsigned parity)
{
    for (int i = 0; i < TURNS; i++) {
        lock_acquire(&table);
        lock_acquire(&queue);
        lock_release(&queue);
        lock_release(&table);
        lock_acquire(&queue);
        while (turn % 2 != parity)
            condition_wait(&condition, &queue);
        turn++;
        condition_signal(&condition);
        lock_release(&queue);
    }
}

static void *take_odd_turns(void *unused)
{
    (void)unused;
    take_turns(1);
    return NULL;
}

START_TEST(waiting_takes_turns)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, take_odd_turns, NULL), 0);
    take_turns(0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(turn, TURNS_OF_BOTH);
}
END_TEST

/* ---- what waiting is counted as ---- */

static _Atomic bool asking;

static void *ask_for_the_queue(void *unused)
{
    atomic_store(&asking, true);
    lock_acquire(&queue);
    lock_release(&queue);
    return unused;
}

/* Holds the lock until another thread asks for it, and some milliseconds more; returns how long it
 * was held after that. */
static uint64_t make_another_wait(void)
{
    enum { HELD_MS = 5 };
    pthread_t thread;
    atomic_store(&asking, false);
    lock_acquire(&queue);
    thread = thread_start(ask_for_the_queue, NULL);
    ck_assert_eventually(atomic_load(&asking));
    uint64_t began_ns = monotonic_ns();
    ck_assert_eventually(monotonic_ns() - began_ns >= HELD_MS * NS_PER_MS);
    uint64_t held_ns = monotonic_ns() - began_ns;
    lock_release(&queue);
    thread_join(thread);
    return held_ns;
}

static void reset_waits(void)
{
    lock_acquire(&queue);
    lock_reset_waits(&queue);
    lock_release(&queue);
    ck_assert_uint_eq(queue.waits, 0);
    ck_assert_uint_eq(queue.waited_ns, 0);
}

/* Repeated until the other came in time to wait for most of it. */
START_TEST(a_wait_is_counted)
{
    uint64_t give_up_ns = monotonic_ns() + (uint64_t)THREADS_DEADLINE_S * NS_PER_S;
    uint64_t held_ns;
    do {
        ck_assert_uint_lt(monotonic_ns(), give_up_ns);
        reset_waits();
        held_ns = make_another_wait();
        ck_assert_uint_le(queue.waits, 1);
    } while (queue.waits == 0 || queue.waited_ns < held_ns / 2);
    reset_waits();
}
END_TEST

START_TEST(a_free_lock_counts_nothing)
{
    for (int i = 0; i < 3; i++) {
        lock_acquire(&queue);
        lock_release(&queue);
    }
    ck_assert_uint_eq(queue.waits, 0);
    ck_assert_uint_eq(queue.waited_ns, 0);
}
END_TEST

enum { SLEEPERS = 4 };

static int asleep;
static bool awake;

/* Sleeps until woken, holding the lock `outer` as well unless it is NULL. */
static void *sleep_until_woken(void *outer)
{
    if (outer != NULL)
        lock_acquire(outer);
    lock_acquire(&queue);
    asleep++;
    condition_signal(&fell_asleep);
    while (!awake)
        condition_wait(&condition, &queue);
    asleep--;
    lock_release(&queue);
    if (outer != NULL) {
        lock_assert_held(outer);
        lock_release(outer);
    }
    return NULL;
}

static void wake_when_asleep(int count)
{
    lock_acquire(&queue);
    while (asleep < count)
        condition_wait(&fell_asleep, &queue);
    awake = true;
    condition_broadcast(&condition);
    lock_release(&queue);
}

START_TEST(broadcast_wakes_all)
{
    pthread_t threads[SLEEPERS];
    for (int i = 0; i < SLEEPERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, sleep_until_woken, NULL), 0);
    wake_when_asleep(SLEEPERS);
    for (int i = 0; i < SLEEPERS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(asleep, 0);
}
END_TEST

/* After waiting, the locks are held in the same order as before. */
START_TEST(waiting_keeps_the_outer_lock)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, sleep_until_woken, &table), 0);
    wake_when_asleep(1);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

Suite *lock_suite(void)
{
    Suite *suite = suite_create("lock");
    TCase *tests = tcase_create("lock");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, rising_order_and_again);
    tcase_add_loop_test_raise_signal(tests, violation_aborts, SIGABRT, 0,
                                     (int)(sizeof(violations) / sizeof(violations[0])));
    tcase_add_test(tests, a_wait_is_counted);
    tcase_add_test(tests, a_free_lock_counts_nothing);
    tcase_add_test(tests, waiting_takes_turns);
    tcase_add_test(tests, broadcast_wakes_all);
    tcase_add_test(tests, waiting_keeps_the_outer_lock);
    suite_add_tcase(suite, tests);
    return suite;
}
