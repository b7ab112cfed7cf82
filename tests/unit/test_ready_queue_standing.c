/* SPDX-License-Identifier: MIT */
/* What the queue makes of the times of its entries: since when it stands, which tells a burst from
 * overload (server/limits/overload.h), and when parked connections are due for a glance. */
#include "server/ready_queue.h"
#include "tests/unit/suites.h"

static struct ready_queue queue;

static void set_up(void)
{
    ck_assert_int_eq(ready_queue_init(&queue, 8, 1), 0);
}

static void tear_down(void)
{
    ready_queue_destroy(&queue);
}

static void put(uint32_t first, size_t count, uint64_t queued_ns)
{
    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(ready_queue_push(&queue, &(struct ready_entry){first + i, queued_ns}, 1),
                         READY_KICK_NONE);
}

static uint64_t standing_since(void)
{
    struct ready_taken taken;
    ck_assert_int_eq(ready_queue_take(&queue, &taken), READY_ENTRY);
    return taken.standing_since_ns;
}

START_TEST(it_stands_since_the_first_came_that_found_it_empty)
{
    put(1, 3, 100);
    put(4, 1, 200);
    ck_assert_uint_eq(standing_since(), 100);
    ck_assert_uint_eq(standing_since(), 100);
    put(5, 1, 300);
    ck_assert_uint_eq(standing_since(), 100);
    ck_assert_uint_eq(standing_since(), 100);
    ck_assert_uint_eq(standing_since(), UINT64_MAX); /* the last leaves it empty */
    put(6, 2, 400);
    ck_assert_uint_eq(standing_since(), 400);
    ck_assert_uint_eq(standing_since(), UINT64_MAX);
}
END_TEST

START_TEST(a_poll_that_finds_nothing_does_not_touch_it)
{
    struct ready_taken taken;
    ck_assert_int_eq(ready_queue_take(&queue, &taken), READY_POLL);
    ready_queue_end_poll(&queue, NULL, 0);
    ck_assert_int_eq(ready_queue_take(&queue, &taken), READY_POLL);
    const struct ready_entry found[] = {{1, 500}, {2, 600}};
    ready_queue_end_poll(&queue, found, 2);
    ck_assert_uint_eq(standing_since(), 500);
}
END_TEST

/* Returns an entry and takes it again: whether the taker had to glance first. */
static bool glances(uint64_t returned_ns)
{
    struct ready_taken taken;
    ready_queue_return(&queue, &(struct ready_entry){1, returned_ns});
    bool glance = ready_queue_take(&queue, &taken) == READY_GLANCE;
    if (glance) {
        ready_queue_end_poll(&queue, NULL, 0);
        ck_assert_int_eq(ready_queue_take(&queue, &taken), READY_ENTRY);
    }
    return glance;
}

/* Few turns can take long. */
START_TEST(long_turns_bring_a_glance_now_and_then)
{
    uint64_t now_ns = READY_GLANCE_NS;
    ck_assert(glances(now_ns));
    ck_assert(!glances(now_ns + READY_GLANCE_NS));
    ck_assert(glances(now_ns + READY_GLANCE_NS + 1));
    ck_assert(!glances(now_ns + READY_GLANCE_NS + 2));
}
END_TEST

Suite *ready_queue_standing_suite(void)
{
    Suite *suite = suite_create("ready_queue_standing");
    TCase *tests = tcase_create("standing");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, it_stands_since_the_first_came_that_found_it_empty);
    tcase_add_test(tests, a_poll_that_finds_nothing_does_not_touch_it);
    tcase_add_test(tests, long_turns_bring_a_glance_now_and_then);
    suite_add_tcase(suite, tests);
    return suite;
}
