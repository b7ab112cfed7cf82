/* SPDX-License-Identifier: MIT */
#include "server/limits/peer_count.h"
#include "tests/unit/prng.h"
#include "tests/unit/suites.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { CAPACITY = 64, LIMIT = 3 };

static struct peer_count peers;

static void set_up(void)
{
    ck_assert_int_eq(peer_count_init(&peers, CAPACITY, LIMIT), 0);
}

static void tear_down(void)
{
    peer_count_destroy(&peers);
}

static union peer_address address(const char *text)
{
    union peer_address peer = {0};
    if (inet_pton(AF_INET, text, &peer.in.sin_addr) == 1) {
        peer.in.sin_family = AF_INET;
    } else {
        ck_assert_int_eq(inet_pton(AF_INET6, text, &peer.in6.sin6_addr), 1);
        peer.in6.sin6_family = AF_INET6;
    }
    return peer;
}

static void add(const char *text, int times)
{
    union peer_address peer = address(text);
    for (int i = 0; i < times; i++)
        peer_count_add(&peers, &peer);
}

static bool is_full(const char *text)
{
    union peer_address peer = address(text);
    return peer_count_is_full(&peers, &peer);
}

START_TEST(a_peer_is_full_at_the_limit)
{
    union peer_address peer = address("10.0.0.1");
    add("10.0.0.1", LIMIT - 1);
    ck_assert(!is_full("10.0.0.1"));
    add("10.0.0.1", 1);
    ck_assert(is_full("10.0.0.1"));
    ck_assert(!is_full("10.0.0.2"));
    peer_count_remove(&peers, &peer);
    ck_assert(!is_full("10.0.0.1"));
}
END_TEST

static const struct {
    const char *one;
    const char *other;
    bool same;
} pairs[] = {
    {"10.0.0.1", "10.0.0.1", true},
    {"10.0.0.1", "10.0.0.2", false},
    {"10.0.0.1", "11.0.0.1", false},
    {"10.0.0.1", "::ffff:10.0.0.1", true},
    {"::ffff:10.0.0.1", "::ffff:10.0.0.2", false},
    {"2001:db8:1:2::1", "2001:db8:1:2:ffff::2", true},
    {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
    {"::1", "::2", true},
    {"::1", "0.0.0.1", false},
    {"0.0.0.0", "::", false},
    {"2001:db8:0:ff::1", "32.1.13.184", false},
};

START_TEST(what_is_one_peer)
{
    add(pairs[_i].one, LIMIT);
    ck_assert_int_eq(is_full(pairs[_i].other), pairs[_i].same);
}
END_TEST

START_TEST(the_port_makes_no_difference)
{
    union peer_address peer = address("10.0.0.1");
    add("10.0.0.1", LIMIT);
    peer.in.sin_port = 4711;
    ck_assert(peer_count_is_full(&peers, &peer));
}
END_TEST

START_TEST(unix_sockets_are_not_counted)
{
    union peer_address peer = {.any.sa_family = AF_UNIX};
    for (int i = 0; i < 2 * CAPACITY; i++)
        peer_count_add(&peers, &peer);
    ck_assert(!peer_count_is_full(&peers, &peer));
    peer_count_remove(&peers, &peer);
}
END_TEST

START_TEST(without_a_limit_nothing_is_counted)
{
    struct peer_count none;
    union peer_address peer = address("10.0.0.1");
    ck_assert_int_eq(peer_count_init(&none, CAPACITY, 0), 0);
    for (int i = 0; i < 10; i++)
        peer_count_add(&none, &peer);
    ck_assert(!peer_count_is_full(&none, &peer));
    peer_count_remove(&none, &peer);
    peer_count_destroy(&none);
}
END_TEST

/* One of 256 peers, of both kinds; static storage. */
static const char *numbered(uint32_t number)
{
    static char text[64];
    if (number % 2 == 0)
        snprintf(text, sizeof(text), "10.1.0.%u", number);
    else
        snprintf(text, sizeof(text), "2001:db8:0:%x::1", number);
    return text;
}

/* Full to its capacity, with peers that come and go in any order: every count stays right. */
START_TEST(counts_like_a_plain_array)
{
    enum { PEERS = 200, STEPS = 100000 };
    uint32_t expected[PEERS] = {0};
    uint32_t connections = 0;
    struct prng random = {4711};
    for (int step = 0; step < STEPS; step++) {
        uint32_t number = (uint32_t)(prng_below(&random, PEERS));
        union peer_address peer = address(numbered(number));
        if (expected[number] < LIMIT && connections < CAPACITY && prng_below(&random, 2) == 0) {
            peer_count_add(&peers, &peer);
            expected[number]++;
            connections++;
        } else if (expected[number] > 0) {
            peer_count_remove(&peers, &peer);
            expected[number]--;
            connections--;
        }
        number = (uint32_t)(prng_below(&random, PEERS));
        ck_assert_int_eq(is_full(numbered(number)), expected[number] == LIMIT);
    }
    size_t used = 0;
    for (size_t place = 0; place <= peers.mask; place++)
        used += peers.entries[place].connections;
    ck_assert_uint_eq(used, connections);
}
END_TEST

Suite *peer_count_suite(void)
{
    Suite *suite = suite_create("peer_count");
    TCase *tests = tcase_create("peer_count");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_peer_is_full_at_the_limit);
    tcase_add_loop_test(tests, what_is_one_peer, 0, sizeof(pairs) / sizeof(pairs[0]));
    tcase_add_test(tests, the_port_makes_no_difference);
    tcase_add_test(tests, unix_sockets_are_not_counted);
    tcase_add_test(tests, without_a_limit_nothing_is_counted);
    tcase_add_test(tests, counts_like_a_plain_array);
    suite_add_tcase(suite, tests);
    return suite;
}
