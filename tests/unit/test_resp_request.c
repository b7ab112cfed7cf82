/* SPDX-License-Identifier: MIT */
#include "common/resp_request.h"
#include "tests/unit/guard_page.h"
#include "tests/unit/resp_request_corpus.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

START_TEST(corpus_as_a_whole)
{
    const struct request_sample *sample = &request_corpus[_i];
    check_transcript(transcribe_requests, sample->stream, sample->transcript);
}
END_TEST

START_TEST(corpus_in_prefixes)
{
    for (size_t i = 0; i < request_corpus_size; i++)
        check_prefixes(transcribe_requests, request_corpus[i].stream);
}
END_TEST

START_TEST(corpus_in_splits)
{
    for (size_t i = 0; i < request_corpus_size; i++)
        check_splits(transcribe_requests, request_corpus[i].stream);
}
END_TEST

START_TEST(corpus_while_the_parser_moves)
{
    for (size_t i = 0; i < request_corpus_size; i++) {
        const struct request_sample *sample = &request_corpus[i];
        check_transcript(transcribe_moving_requests, sample->stream, sample->transcript);
        check_splits(transcribe_moving_requests, sample->stream);
    }
}
END_TEST

START_TEST(moving_leaves_a_fresh_parser)
{
    struct resp_parser from;
    struct resp_parser to;
    resp_parser_init(&from, (struct resp_limits){16, 1 << 20});
    char many[] = "*12\r\n$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n$1\r\n5\r\n"
                  "$1\r\n6\r\n$1\r\n7\r\n$1\r\n8\r\n$1\r\n9\r\n$1\r\nA\r\n$1\r\nB\r\n";
    char ping[] = "PING\r\n";
    /* Without its last byte, so that the array of arguments has grown when it moves. */
    ck_assert_int_eq(resp_parse(&from, many, sizeof(many) - 2), RESP_INCOMPLETE);
    resp_parser_move(&to, &from);
    ck_assert_int_eq(resp_parse(&from, ping, sizeof(ping) - 1), RESP_REQUEST);
    ck_assert_uint_eq(from.argument_count, 1);
    ck_assert_int_eq(resp_parse(&to, many, sizeof(many) - 1), RESP_REQUEST);
    ck_assert_uint_eq(to.argument_count, 12);
    ck_assert_int_eq(many[to.arguments[11].offset], 'B');
    resp_parser_reset(&to);
    resp_parser_reset(&from);
}
END_TEST

START_TEST(reset_forgets_an_unfinished_request)
{
    struct resp_parser parser;
    resp_parser_init(&parser, (struct resp_limits){16, 1 << 20});
    char unfinished[] = "*2\r\n$4\r\nECHO\r\n$5\r\nhe";
    char ping[] = "PING\r\n";
    ck_assert_int_eq(resp_parse(&parser, unfinished, sizeof(unfinished) - 1), RESP_INCOMPLETE);
    resp_parser_reset(&parser);
    ck_assert_int_eq(resp_parse(&parser, ping, sizeof(ping) - 1), RESP_REQUEST);
    ck_assert_uint_eq(parser.argument_count, 1);
    ck_assert_uint_eq(parser.size, sizeof(ping) - 1);
    resp_parser_reset(&parser);
}
END_TEST

/* A stream of `head`, `size` times `filler`, and `tail`. */
static const struct {
    const char *head;
    char filler;
    size_t size;
    const char *tail;
    const char *result; /* NULL for one request whose last argument is the filler */
} large_samples[] = {
    {"*2\r\n$4\r\nECHO\r\n$131072\r\n", 'x', LARGE_MAX_BULK, "\r\n", NULL},
    {"*2\r\n$4\r\nECHO\r\n$131073\r\n", 'x', LARGE_MAX_BULK + 1, "\r\n",
     "ERR Protocol error: invalid bulk length\n"},
    {"*3\r\n$65536\r\n", '\n', RESP_LINE_LIMIT, "\r\n$1\r\n1\r\n$131072\r\n",
     "ERR Protocol error: request exceeds max-request-bytes\n"},
    {"ECHO ", 'x', RESP_LINE_LIMIT - 6, "\r\n", NULL},
    {"ECHO ", 'x', RESP_LINE_LIMIT - 5, "\n", NULL},
    {"ECHO ", 'x', RESP_LINE_LIMIT - 4, "\n", "ERR Protocol error: too big inline request\n"},
    {"", 'x', RESP_LINE_LIMIT, "", TRANSCRIPT_INCOMPLETE},
    {"", 'x', RESP_LINE_LIMIT + 1, "", "ERR Protocol error: too big inline request\n"},
    {"*", '1', RESP_LINE_LIMIT - 2, "\r\n", "ERR Protocol error: invalid multibulk length\n"},
    {"*", '1', RESP_LINE_LIMIT, "", "ERR Protocol error: too big mbulk count string\n"},
    {"*1\r\n$", '1', RESP_LINE_LIMIT - 2, "\r\n", "ERR Protocol error: invalid bulk length\n"},
    {"*1\r\n$", '1', RESP_LINE_LIMIT, "\r\n", "ERR Protocol error: too big bulk count string\n"},
};

START_TEST(large_streams)
{
    struct byte_buffer stream = {0};
    byte_buffer_append_text(&stream, large_samples[_i].head);
    size_t size = large_samples[_i].size;
    char *filler = byte_buffer_extend(&stream, size);
    ck_assert_ptr_nonnull(filler);
    memset(filler, large_samples[_i].filler, size);
    struct byte_buffer expected = {0};
    if (large_samples[_i].result == NULL) {
        byte_buffer_append_text(&expected, "[ECHO]");
        transcript_add_text(&expected, (crew_slice){filler, size});
        byte_buffer_append(&expected, "\n", 2);
    } else {
        byte_buffer_append(&expected, large_samples[_i].result,
                           strlen(large_samples[_i].result) + 1);
    }
    byte_buffer_append_text(&stream, large_samples[_i].tail);
    crew_slice bytes = {stream.bytes, stream.size};
    check_transcript(transcribe_large_requests, bytes, expected.bytes);
    struct prng prng = {.state = (uint64_t)_i};
    check_random_splits(transcribe_large_requests, bytes, &prng, 20);
    byte_buffer_free(&expected);
    byte_buffer_free(&stream);
}
END_TEST

/* Each whole argument that came is stored once, whatever else is still missing. */
START_TEST(thousand_arguments_byte_by_byte)
{
    enum { COUNT = 1000 };
    struct byte_buffer stream = {0};
    byte_buffer_printf(&stream, "*%d\r\n", (int)COUNT);
    for (int i = 0; i < COUNT; i++)
        byte_buffer_printf(&stream, "$3\r\n%03d\r\n", i);
    struct resp_parser parser;
    resp_parser_init(&parser, (struct resp_limits){CORPUS_MAX_BULK, 1 << 20});
    for (size_t size = 0; size < stream.size; size++)
        ck_assert_int_eq(resp_parse(&parser, stream.bytes, size), RESP_INCOMPLETE);
    ck_assert_int_eq(resp_parse(&parser, stream.bytes, stream.size), RESP_REQUEST);
    ck_assert_uint_eq(parser.argument_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(parser.arguments[i].size, 3);
        char expected[16];
        snprintf(expected, sizeof(expected), "%03zu", i);
        ck_assert_mem_eq(stream.bytes + parser.arguments[i].offset, expected, 3);
    }
    resp_parser_reset(&parser);
    byte_buffer_free(&stream);
}
END_TEST

/* Bytes that mean something to the parser, glued together at random. */
static void append_random_piece(struct byte_buffer *stream, struct prng *prng)
{
    static const char *const pieces[] = {
        "*",    "$",  "\r\n", "\n",   "\r", "0",      "1",     "2",          "-",      "10",
        "PING", "\"", "'",    "\\",   " ",  "\\x4",   "\\n",   "*1\r\n",     "$0\r\n", "$1\r\n",
        "a",    "\t", "#",    "\xff", ":",  "*2\r\n", "e \"a", "$4\r\nPING", "21",     "*0\r\n",
    };
    enum { PIECES = sizeof(pieces) / sizeof(pieces[0]) };
    size_t choice = (size_t)prng_below(prng, PIECES + 2);
    if (choice < PIECES) {
        byte_buffer_append_text(stream, pieces[choice]);
    } else if (choice == PIECES) {
        char byte = (char)prng_below(prng, 256);
        byte_buffer_append(stream, &byte, 1);
    } else {
        crew_slice whole = request_corpus[prng_below(prng, request_corpus_size)].stream;
        byte_buffer_append(stream, whole.data, whole.size);
    }
}

START_TEST(random_streams)
{
    struct prng prng = {.state = 0xc0ffee + (uint64_t)_i};
    for (int round = 0; round < 1000; round++) {
        struct byte_buffer stream = {0};
        for (uint64_t left = 1 + prng_below(&prng, 12); left > 0; left--)
            append_random_piece(&stream, &prng);
        crew_slice bytes = {stream.bytes, stream.size};
        check_random_splits(transcribe_requests, bytes, &prng, 5);
        check_random_splits(transcribe_moving_requests, bytes, &prng, 2);
        byte_buffer_free(&stream);
    }
}
END_TEST

static const struct {
    crew_slice digits;
    bool valid;
    int64_t value;
} integers[] = {
    {{"0", 1}, true, 0},
    {{"1", 1}, true, 1},
    {{"-1", 2}, true, -1},
    {{"2147483647", 10}, true, 2147483647},
    {{"2147483648", 10}, true, INT64_C(2147483648)},
    {{"4294967296", 10}, true, INT64_C(4294967296)},
    {{"9223372036854775807", 19}, true, INT64_MAX},
    {{"-9223372036854775808", 20}, true, INT64_MIN},
    {{"9223372036854775808", 19}, false, 0},
    {{"-9223372036854775809", 20}, false, 0},
    {{"10000000000000000000", 20}, false, 0},
    {{"18446744073709551616", 20}, false, 0},
    {{"100000000000000000000", 21}, false, 0},
    {{"", 0}, false, 0},
    {{"-", 1}, false, 0},
    {{"+1", 2}, false, 0},
    {{"01", 2}, false, 0},
    {{"-01", 3}, false, 0},
    {{"-0", 2}, false, 0},
    {{"--1", 3}, false, 0},
    {{" 1", 2}, false, 0},
    {{"1 ", 2}, false, 0},
    {{"1\0", 2}, false, 0},
    {{"0x1", 3}, false, 0},
    {{"1e3", 3}, false, 0},
    {{"/", 1}, false, 0},
    {{":", 1}, false, 0},
};

START_TEST(integer)
{
    crew_slice digits = integers[_i].digits;
    int64_t value = 4711;
    bool valid =
        resp_parse_integer(guard_page_place(digits.data, digits.size), digits.size, &value);
    ck_assert_int_eq(valid, integers[_i].valid);
    ck_assert_int_eq(value, valid ? integers[_i].value : 4711);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* The limits of one who has logged in, and of one who has not. */
static const struct {
    const char *bytes;
    size_t line; /* 0, or how long an inline request to send instead */
    bool is_stranger;
    const char *error; /* NULL: it goes on */
} limited[] = {
    {"*12\r\n", 0, false, NULL},
    {"*13\r\n", 0, false, "ERR Protocol error: invalid multibulk length"},
    {"a b c d e f g h i j k l\r\n", 0, false, NULL},
    {"a b c d e f g h i j k l m\r\n", 0, false, "ERR Protocol error: invalid multibulk length"},
    {"*11\r\n", 0, true, "ERR Protocol error: unauthenticated multibulk length"},
    {"", RESP_STRANGER_BYTES, true, NULL},
    {"", RESP_STRANGER_BYTES + 1, true, "ERR Protocol error: too big inline request"},
    {"", RESP_STRANGER_BYTES + 1, false, NULL},
};

START_TEST(limits)
{
    static char line[RESP_LINE_LIMIT];
    struct resp_parser parser;
    resp_parser_init(&parser, (struct resp_limits){LARGE_MAX_BULK, 12});
    parser.is_stranger = limited[_i].is_stranger;
    size_t size = strlen(limited[_i].bytes);
    memset(line, 'x', sizeof(line));
    memcpy(line, limited[_i].bytes, size);
    enum resp_result result = resp_parse(&parser, line, size > 0 ? size : limited[_i].line);
    ck_assert_int_eq(result == RESP_ERROR, limited[_i].error != NULL);
    if (limited[_i].error != NULL)
        ck_assert_str_eq(parser.error, limited[_i].error);
    resp_parser_reset(&parser);
}
END_TEST

Suite *resp_request_suite(void)
{
    Suite *suite = suite_create("resp_request");
    TCase *tests = tcase_create("corpus");
    tcase_add_loop_test(tests, corpus_as_a_whole, 0, (int)request_corpus_size);
    tcase_add_test(tests, corpus_in_prefixes);
    tcase_add_test(tests, corpus_in_splits);
    tcase_add_test(tests, corpus_while_the_parser_moves);
    suite_add_tcase(suite, tests);

    tests = tcase_create("parser");
    tcase_add_test(tests, moving_leaves_a_fresh_parser);
    tcase_add_test(tests, reset_forgets_an_unfinished_request);
    tcase_add_loop_test(tests, limits, 0, COUNT(limited));
    tcase_add_loop_test(tests, large_streams, 0, COUNT(large_samples));
    tcase_add_test(tests, thousand_arguments_byte_by_byte);
    tcase_add_loop_test(tests, random_streams, 0, 8);
    tcase_add_loop_test(tests, integer, 0, COUNT(integers));
    suite_add_tcase(suite, tests);
    return suite;
}
