/* SPDX-License-Identifier: MIT */
#include "common/block_cache.h"
#include "common/clock.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <pthread.h>
#include <string.h>

enum { SMALLEST = BLOCK_CACHE_SMALLEST, LARGEST = BLOCK_CACHE_LARGEST };

/* Long after anything that was freed so far. */
static uint64_t later_ns(void)
{
    return monotonic_ns() + BLOCK_CACHE_KEEP_NS;
}

static void empty_cache(void)
{
    block_cache_expire(later_ns());
}

static char *new_block(size_t wanted, size_t *capacity)
{
    *capacity = 0;
    char *block = block_grow(NULL, capacity, 0, wanted);
    ck_assert_ptr_nonnull(block);
    return block;
}

START_TEST(growing_keeps_what_is_used)
{
    size_t capacity;
    char *block = new_block(10, &capacity);
    ck_assert_uint_eq(capacity, 10);
    memcpy(block, "0123456789", 10);
    static const size_t sizes[] = {20, SMALLEST - 1, SMALLEST, LARGEST, LARGEST + 1};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        block = block_grow(block, &capacity, 10, sizes[i]);
        ck_assert_uint_ge(capacity, sizes[i]);
        ck_assert_mem_eq(block, "0123456789", 10);
        memset(block + 10, 'x', capacity - 10);
    }
    block_free(block, capacity);
    block_free(NULL, 0);
}
END_TEST

START_TEST(a_large_block_comes_again)
{
    size_t capacity;
    char *first = new_block(2 * SMALLEST, &capacity);
    first[0] = 'x';
    block_free(first, capacity);
    char *second = new_block(SMALLEST, &capacity);
    ck_assert_ptr_eq(second, first);
    ck_assert_uint_eq(capacity, 2 * SMALLEST);
    /* Now it is somebody's. */
    size_t other_capacity;
    char *third = new_block(SMALLEST, &other_capacity);
    ck_assert_ptr_ne(third, second);
    block_free(third, other_capacity);
    block_free(second, capacity);
}
END_TEST

START_TEST(what_grows_takes_the_largest)
{
    static const size_t sizes[] = {SMALLEST, 4 * SMALLEST, 2 * SMALLEST};
    size_t capacity[3];
    char *blocks[3];
    for (size_t i = 0; i < 3; i++)
        blocks[i] = new_block(sizes[i], &capacity[i]);
    for (size_t i = 0; i < 3; i++)
        block_free(blocks[i], capacity[i]);
    size_t own_capacity;
    char *own = new_block(100, &own_capacity);
    memset(own, 'a', 100);
    own = block_grow(own, &own_capacity, 100, SMALLEST);
    ck_assert_ptr_eq(own, blocks[1]);
    ck_assert_uint_eq(own_capacity, 4 * SMALLEST);
    ck_assert_int_eq(own[99], 'a');
    block_free(own, own_capacity);
}
END_TEST

START_TEST(a_spare_that_is_too_small_stays)
{
    size_t capacity;
    char *small = new_block(SMALLEST, &capacity);
    block_free(small, capacity);
    size_t large_capacity;
    char *large = new_block(2 * SMALLEST, &large_capacity);
    ck_assert_uint_eq(large_capacity, 2 * SMALLEST);
    char *again = new_block(SMALLEST, &capacity);
    ck_assert_ptr_eq(again, small);
    block_free(again, capacity);
    block_free(large, large_capacity);
}
END_TEST

START_TEST(larger_blocks_push_smaller_ones_out)
{
    size_t capacity[2 * BLOCK_CACHE_COUNT];
    char *blocks[2 * BLOCK_CACHE_COUNT];
    for (size_t i = 0; i < 2 * BLOCK_CACHE_COUNT; i++)
        blocks[i] = new_block(i < BLOCK_CACHE_COUNT ? SMALLEST : 2 * SMALLEST, &capacity[i]);
    for (size_t i = 0; i < 2 * BLOCK_CACHE_COUNT; i++)
        block_free(blocks[i], capacity[i]);
    for (size_t i = 0; i < BLOCK_CACHE_COUNT; i++) {
        blocks[i] = new_block(SMALLEST, &capacity[i]);
        ck_assert_uint_eq(capacity[i], 2 * SMALLEST);
    }
    for (size_t i = 0; i < BLOCK_CACHE_COUNT; i++)
        block_free(blocks[i], capacity[i]);
}
END_TEST

START_TEST(what_is_not_used_goes)
{
    size_t capacity;
    char *block = new_block(2 * SMALLEST, &capacity);
    uint64_t before_ns = monotonic_ns();
    block_free(block, capacity);
    block_cache_expire(before_ns + BLOCK_CACHE_KEEP_NS - 1);
    ck_assert_ptr_eq(new_block(SMALLEST, &capacity), block);
    block_free(block, capacity);
    block_cache_expire(later_ns());
    block = new_block(SMALLEST, &capacity);
    ck_assert_uint_eq(capacity, SMALLEST);
    block_free(block, capacity);
}
END_TEST

enum { THREADS = 4, TURNS = 2000 / THREADS_HASTE };

/* Each writes its own mark all over a block and must find it so. */
static void *use_blocks(void *mark)
{
    for (int i = 0; i < TURNS; i++) {
        size_t capacity;
        char *block = new_block(SMALLEST, &capacity);
        char own = *(const char *)mark;
        for (size_t at = 0; at < capacity; at += 4096)
            block[at] = own;
        for (size_t at = 0; at < capacity; at += 4096)
            ck_assert_int_eq(block[at], own);
        block_free(block, capacity);
        if (i % 16 == 0)
            block_cache_expire(later_ns());
    }
    return NULL;
}

START_TEST(nobody_shares_a_block)
{
    static char marks[THREADS] = {'a', 'b', 'c', 'd'};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_blocks, &marks[i]), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

Suite *block_cache_suite(void)
{
    Suite *suite = suite_create("block_cache");
    TCase *tests = tcase_create("tests");
    tcase_add_checked_fixture(tests, empty_cache, empty_cache);
    tcase_add_test(tests, growing_keeps_what_is_used);
    tcase_add_test(tests, a_large_block_comes_again);
    tcase_add_test(tests, what_grows_takes_the_largest);
    tcase_add_test(tests, a_spare_that_is_too_small_stays);
    tcase_add_test(tests, larger_blocks_push_smaller_ones_out);
    tcase_add_test(tests, what_is_not_used_goes);
    tcase_add_test(tests, nobody_shares_a_block);
    suite_add_tcase(suite, tests);
    return suite;
}
