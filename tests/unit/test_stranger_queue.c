/* SPDX-License-Identifier: MIT */
#include "server/stranger_queue.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

enum { CAPACITY = 5 };

static struct stranger_queue queue;

static void set_up(void)
{
    ck_assert_int_eq(stranger_queue_init(&queue, CAPACITY), 0);
}

static void tear_down(void)
{
    stranger_queue_destroy(&queue);
}

static uint32_t take(void)
{
    uint32_t slot = UINT32_MAX;
    ck_assert(stranger_queue_take(&queue, &slot));
    return slot;
}

START_TEST(first_come_first_served)
{
    enum { ROUNDS = 20 };
    uint32_t next = 0;
    uint32_t due = 0;
    for (int round = 0; round < ROUNDS; round++) { /* more than once around the ring */
        while (stranger_queue_length(&queue) < CAPACITY)
            stranger_queue_push(&queue, next++);
        for (int i = 0; i <= round % CAPACITY; i++)
            ck_assert_uint_eq(take(), due++);
        ck_assert_uint_eq(stranger_queue_length(&queue), next - due);
    }
}
END_TEST

START_TEST(what_waits_at_the_close_is_still_served)
{
    uint32_t slot = 0;
    stranger_queue_push(&queue, 7);
    stranger_queue_push(&queue, 8);
    stranger_queue_close(&queue);
    ck_assert_uint_eq(take(), 7);
    ck_assert_uint_eq(take(), 8);
    ck_assert(!stranger_queue_take(&queue, &slot));
    ck_assert(!stranger_queue_take(&queue, &slot));
}
END_TEST

/* ---- several threads ---- */

enum { TAKERS = 2, PUSHERS = 2, PUSHED = 20000 };

struct taker {
    uint64_t taken;
    uint64_t sum;
};

static void *take_until_closed(void *argument)
{
    struct taker *taker = argument;
    uint32_t slot;
    while (stranger_queue_take(&queue, &slot)) {
        taker->taken++;
        taker->sum += slot;
    }
    return NULL;
}

/* Each has one of the CAPACITY places at a time, as a connection has. */
static void *push_in_turn(void *argument)
{
    uint32_t first = *(const uint32_t *)argument;
    for (uint32_t i = 0; i < PUSHED; i++) {
        ck_assert_eventually(stranger_queue_length(&queue) <= CAPACITY - PUSHERS);
        stranger_queue_push(&queue, first + i);
    }
    return NULL;
}

START_TEST(each_is_served_once)
{
    struct taker takers[TAKERS] = {{0}};
    pthread_t taking[TAKERS];
    pthread_t pushing[PUSHERS];
    uint32_t firsts[PUSHERS] = {0, PUSHED};
    for (int i = 0; i < TAKERS; i++)
        taking[i] = thread_start(take_until_closed, &takers[i]);
    for (int i = 0; i < PUSHERS; i++)
        pushing[i] = thread_start(push_in_turn, &firsts[i]);
    for (int i = 0; i < PUSHERS; i++)
        thread_join(pushing[i]);
    ck_assert_eventually(stranger_queue_length(&queue) == 0); /* who waits is woken for each */
    stranger_queue_close(&queue);
    uint64_t taken = 0;
    uint64_t sum = 0;
    for (int i = 0; i < TAKERS; i++) {
        thread_join(taking[i]);
        taken += takers[i].taken;
        sum += takers[i].sum;
    }
    uint64_t total = (uint64_t)PUSHERS * PUSHED;
    ck_assert_uint_eq(taken, total);
    ck_assert_uint_eq(sum, total * (total - 1) / 2);
}
END_TEST

Suite *stranger_queue_suite(void)
{
    Suite *suite = suite_create("stranger_queue");
    TCase *tests = tcase_create("stranger_queue");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, first_come_first_served);
    tcase_add_test(tests, what_waits_at_the_close_is_still_served);
    tcase_add_test(tests, each_is_served_once);
    suite_add_tcase(suite, tests);
    return suite;
}
