/* SPDX-License-Identifier: MIT */
#include "common/resp_encode.h"
#include "common/resp_request.h"
#include "tests/unit/split_feed.h"
#include "tests/unit/suites.h"

#include <string.h>

static void check_bytes(struct byte_buffer *buffer, crew_slice expected)
{
    ck_assert(!buffer->failed);
    ck_assert_uint_eq(buffer->size, expected.size);
    ck_assert_mem_eq(buffer->bytes, expected.data, expected.size);
    byte_buffer_free(buffer);
}

static const struct {
    char type;
    int64_t number;
    const char *text;
} numbers[] = {
    {':', 0, ":0\r\n"},
    {':', 7, ":7\r\n"},
    {':', -1, ":-1\r\n"},
    {'*', 10, "*10\r\n"},
    {'$', 1234567890, "$1234567890\r\n"},
    {':', INT64_MAX, ":9223372036854775807\r\n"},
    {':', INT64_MIN, ":-9223372036854775808\r\n"},
};

START_TEST(number)
{
    struct byte_buffer buffer = {0};
    resp_encode_number(&buffer, numbers[_i].type, numbers[_i].number);
    check_bytes(&buffer, (crew_slice){numbers[_i].text, strlen(numbers[_i].text)});
}
END_TEST

START_TEST(line)
{
    struct byte_buffer buffer = {0};
    resp_encode_line(&buffer, '+', "", 0);
    resp_encode_line(&buffer, '-', "ERR a\r\nb\tc\0d\x7f\xc3\xa9", 15);
    check_bytes(&buffer, BYTES("+\r\n-ERR a  b c d \xc3\xa9\r\n"));
}
END_TEST

START_TEST(bulk)
{
    struct byte_buffer buffer = {0};
    resp_encode_bulk(&buffer, NULL, 0);
    resp_encode_bulk(&buffer, "a\r\n\0\xff", 5);
    check_bytes(&buffer, BYTES("$0\r\n\r\n$5\r\na\r\n\0\xff\r\n"));
}
END_TEST

/* What is encoded here is what the parser of requests reads. */
START_TEST(request)
{
    const crew_slice words[] = {BYTES("SET"), BYTES(""), BYTES("a\r\n\0b")};
    struct byte_buffer buffer = {0};
    resp_encode_request(&buffer, words, 3);
    struct resp_parser parser;
    resp_parser_init(&parser, (struct resp_limits){16, 1 << 20});
    ck_assert_int_eq(resp_parse(&parser, buffer.bytes, buffer.size), RESP_REQUEST);
    ck_assert_uint_eq(parser.argument_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(parser.arguments[i].size, words[i].size);
        ck_assert_int_eq(
            memcmp(buffer.bytes + parser.arguments[i].offset, words[i].data, words[i].size), 0);
    }
    resp_parser_reset(&parser);
    check_bytes(&buffer, BYTES("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$5\r\na\r\n\0b\r\n"));
}
END_TEST

START_TEST(failed_buffer_stays_as_it_was)
{
    struct byte_buffer buffer = {0};
    byte_buffer_append_text(&buffer, "x");
    ck_assert_ptr_null(byte_buffer_extend(&buffer, SIZE_MAX - 1));
    resp_encode_number(&buffer, ':', 1);
    resp_encode_line(&buffer, '+', "OK", 2);
    resp_encode_bulk(&buffer, "OK", 2);
    ck_assert(buffer.failed);
    ck_assert_uint_eq(buffer.size, 1);
    byte_buffer_free(&buffer);
}
END_TEST

Suite *resp_encode_suite(void)
{
    Suite *suite = suite_create("resp_encode");
    TCase *tests = tcase_create("encode");
    tcase_add_loop_test(tests, number, 0, (int)(sizeof(numbers) / sizeof(numbers[0])));
    tcase_add_test(tests, line);
    tcase_add_test(tests, bulk);
    tcase_add_test(tests, request);
    tcase_add_test(tests, failed_buffer_stays_as_it_was);
    suite_add_tcase(suite, tests);
    return suite;
}
