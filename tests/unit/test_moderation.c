/* SPDX-License-Identifier: MIT */
/* Rounds of made-up events in made-up time: see the rule in server/moderation.h. */
#include "server/moderation.h"
#include "tests/unit/suites.h"

enum { LONGEST_NAP_NS = 150 * 1000, CONNECTIONS = 1000 };

static struct moderation moderation;
static uint32_t rounds[CONNECTIONS]; /* what each connection remembers */
static uint64_t now_ns;

static void set_up(void)
{
    now_ns = 1000;
    moderation_init(&moderation, LONGEST_NAP_NS, now_ns);
    for (size_t i = 0; i < CONNECTIONS; i++)
        rounds[i] = 0;
}

/* One round: `connections` take turns at a request every between_ns, each poll finds `batch`. */
static void run_round(uint32_t connections, uint64_t between_ns, uint32_t batch)
{
    for (uint32_t event = 1; event <= MODERATION_ROUND; event++) {
        moderation_count(&moderation, &rounds[event % connections]);
        now_ns += between_ns;
        if (event % batch == 0)
            moderation_end_poll(&moderation, now_ns);
    }
}

START_TEST(naps_at_most_as_long_as_it_may)
{
    run_round(50, 10000, 4); /* a request of each connection every 500 us */
    ck_assert_uint_eq(moderation.nap_ns, LONGEST_NAP_NS);
}
END_TEST

START_TEST(naps_a_third_of_the_time_between_requests)
{
    run_round(30, 10000, 4); /* every 300 us */
    ck_assert_uint_eq(moderation.nap_ns, 100000);
    run_round(12, 10000, 4);
    ck_assert_uint_eq(moderation.nap_ns, 40000);
}
END_TEST

START_TEST(few_connections_are_not_kept_waiting)
{
    run_round(50, 10000, 4);
    run_round(11, 10000, 4);
    ck_assert_uint_eq(moderation.nap_ns, 0);
    run_round(1, 10000, 1);
    ck_assert_uint_eq(moderation.nap_ns, 0);
}
END_TEST

START_TEST(few_requests_are_not_kept_waiting)
{
    run_round(CONNECTIONS, 37500, 1); /* just four in the longest nap */
    ck_assert_uint_eq(moderation.nap_ns, LONGEST_NAP_NS);
    run_round(CONNECTIONS, 37501, 1);
    ck_assert_uint_eq(moderation.nap_ns, 0);
}
END_TEST

START_TEST(a_lull_ends_the_naps_at_the_next_poll)
{
    run_round(50, 10000, 4);
    now_ns += 10 * 1000 * 1000; /* longer than a round that deserves naps */
    moderation_count(&moderation, &rounds[0]);
    moderation_end_poll(&moderation, now_ns);
    ck_assert_uint_eq(moderation.nap_ns, 0);
    run_round(50, 10000, 4);
    ck_assert_uint_eq(moderation.nap_ns, LONGEST_NAP_NS);
}
END_TEST

START_TEST(zero_means_never)
{
    moderation_init(&moderation, 0, now_ns);
    run_round(CONNECTIONS, 1, MODERATION_ROUND);
    ck_assert_uint_eq(moderation.nap_ns, 0);
    run_round(CONNECTIONS, 0, MODERATION_ROUND);
    ck_assert_uint_eq(moderation.nap_ns, 0);
}
END_TEST

Suite *moderation_suite(void)
{
    Suite *suite = suite_create("moderation");
    TCase *rules = tcase_create("rules");
    tcase_add_checked_fixture(rules, set_up, NULL);
    tcase_add_test(rules, naps_at_most_as_long_as_it_may);
    tcase_add_test(rules, naps_a_third_of_the_time_between_requests);
    tcase_add_test(rules, few_connections_are_not_kept_waiting);
    tcase_add_test(rules, few_requests_are_not_kept_waiting);
    tcase_add_test(rules, a_lull_ends_the_naps_at_the_next_poll);
    tcase_add_test(rules, zero_means_never);
    suite_add_tcase(suite, rules);
    return suite;
}
