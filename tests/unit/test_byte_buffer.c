/* SPDX-License-Identifier: MIT */
#include "common/byte_buffer.h"
#include "tests/unit/suites.h"

#include <stdint.h>
#include <string.h>

START_TEST(appends_in_order)
{
    struct byte_buffer buffer = {0};
    byte_buffer_append(&buffer, "a\0b", 3);
    byte_buffer_append(&buffer, NULL, 0);
    byte_buffer_append_text(&buffer, "text");
    byte_buffer_printf(&buffer, "-%d-%s", 42, "x");
    char *space = byte_buffer_extend(&buffer, 2);
    ck_assert_ptr_nonnull(space);
    memcpy(space, "yz", 2);
    ck_assert_uint_eq(buffer.size, 14);
    ck_assert_mem_eq(buffer.bytes, "a\0btext-42-xyz", 14);
    ck_assert(!buffer.failed);
    byte_buffer_free(&buffer);
    ck_assert_ptr_null(buffer.bytes);
    ck_assert_uint_eq(buffer.size, 0);
    ck_assert_uint_eq(buffer.capacity, 0);
}
END_TEST

START_TEST(keeps_all_bytes_while_it_grows)
{
    enum { COUNT = 100000 };
    struct byte_buffer buffer = {0};
    for (size_t i = 0; i < COUNT; i++) {
        unsigned char byte = (unsigned char)(i * 7);
        byte_buffer_append(&buffer, &byte, 1);
    }
    ck_assert_uint_eq(buffer.size, COUNT);
    ck_assert_uint_ge(buffer.capacity, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_uint_eq((unsigned char)buffer.bytes[i], (unsigned char)(i * 7));
    byte_buffer_free(&buffer);
}
END_TEST

/* Text that fills the capacity exactly leaves no room for printf's terminator. */
START_TEST(prints_at_the_end_of_the_capacity)
{
    struct byte_buffer buffer = {0};
    byte_buffer_append(&buffer, "x", 1);
    size_t rest = buffer.capacity - 1;
    byte_buffer_printf(&buffer, "%*d", (int)rest, 7);
    ck_assert_uint_eq(buffer.size, rest + 1);
    ck_assert_int_eq(buffer.bytes[rest], '7');
    ck_assert_uint_gt(buffer.capacity, buffer.size);
    byte_buffer_free(&buffer);
}
END_TEST

START_TEST(no_room_wanted_is_no_failure)
{
    struct byte_buffer buffer = {0};
    ck_assert_ptr_nonnull(byte_buffer_extend(&buffer, 0));
    ck_assert(!buffer.failed);
    ck_assert_uint_eq(buffer.size, 0);
    byte_buffer_free(&buffer);
}
END_TEST

START_TEST(fails_until_truncated)
{
    struct byte_buffer buffer = {0};
    byte_buffer_append_text(&buffer, "kept");
    ck_assert_ptr_null(byte_buffer_extend(&buffer, SIZE_MAX - 1));
    ck_assert(buffer.failed);
    byte_buffer_append_text(&buffer, "lost");
    byte_buffer_printf(&buffer, "%s", "lost");
    ck_assert_ptr_null(byte_buffer_extend(&buffer, 1));
    ck_assert_uint_eq(buffer.size, 4);
    byte_buffer_truncate(&buffer, 3);
    ck_assert(!buffer.failed);
    byte_buffer_append_text(&buffer, "t!");
    ck_assert_uint_eq(buffer.size, 5);
    ck_assert_mem_eq(buffer.bytes, "kept!", 5);
    byte_buffer_truncate(&buffer, 100);
    ck_assert_uint_eq(buffer.size, 5);
    byte_buffer_free(&buffer);
}
END_TEST

Suite *byte_buffer_suite(void)
{
    Suite *suite = suite_create("byte_buffer");
    TCase *tests = tcase_create("buffer");
    tcase_add_test(tests, appends_in_order);
    tcase_add_test(tests, keeps_all_bytes_while_it_grows);
    tcase_add_test(tests, prints_at_the_end_of_the_capacity);
    tcase_add_test(tests, no_room_wanted_is_no_failure);
    tcase_add_test(tests, fails_until_truncated);
    suite_add_tcase(suite, tests);
    return suite;
}
