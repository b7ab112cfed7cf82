/* SPDX-License-Identifier: MIT */
#include "server/input.h"
#include "tests/unit/suites.h"

#include <string.h>

enum { MAX_BULK = 64 * 1024 };

static const struct resp_limits limits = {MAX_BULK, 1024};

/* Ten words, so that the parser's array of arguments has grown; one holds a line end. */
static const char request[] =
    "*10\r\n$4\r\nECHO\r\n$2\r\n\r\n\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n$1\r\n5\r\n$1\r\n6\r\n"
    "$1\r\n7\r\n$1\r\n8\r\n$9\r\nlast word\r\n";

enum { REQUEST_SIZE = sizeof(request) - 1 };

static void receive(struct input *input, const char *bytes, size_t size)
{
    size_t room = 0;
    char *space = input_room(input, &room);
    ck_assert_uint_ge(room, size);
    memcpy(space, bytes, size);
    input->end += size;
}

static enum resp_result parse(struct input *input)
{
    return resp_parse(&input->parser, input->bytes + input->start, input_left(input));
}

static void check_request(struct input *input)
{
    ck_assert_int_eq(parse(input), RESP_REQUEST);
    ck_assert_uint_eq(input->parser.argument_count, 10);
    ck_assert_uint_eq(input->parser.size, REQUEST_SIZE);
    struct resp_span last = input->parser.arguments[9];
    ck_assert_uint_eq(last.size, 9);
    ck_assert_mem_eq(input->bytes + input->start + last.offset, "last word", 9);
}

START_TEST(room_is_all_of_an_empty_input)
{
    size_t room = 0;
    struct input *input = input_create(100, limits);
    ck_assert_ptr_eq(input_room(input, &room), input->bytes);
    ck_assert_uint_eq(room, 100);
    receive(input, "PING\r\n", 6);
    ck_assert_uint_eq(input_left(input), 6);
    ck_assert_int_eq(parse(input), RESP_REQUEST);
    input->start += input->parser.size;
    ck_assert_uint_eq(input_left(input), 0);
    ck_assert_ptr_eq(input_room(input, &room), input->bytes);
    ck_assert_uint_eq(room, 100);
    input_free(input);
    input_free(NULL);
}
END_TEST

/* What is left, where it stands before and after, and how much room there is then. */
static const struct {
    size_t capacity;
    size_t start;
    size_t end;
    size_t new_start;
    size_t room;
} rooms[] = {
    {100, 0, 40, 0, 60},
    {100, 0, 100, 0, 0},   /* nothing to gain: the caller must let it grow */
    {100, 40, 100, 0, 40}, /* to the front */
    {100, 99, 100, 0, 99},
    {100, 10, 40, 10, 60}, /* enough behind it: moving would be for nothing */
    {100, 50, 50, 0, 100},
};

START_TEST(room_moves_what_is_left)
{
    char bytes[100];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    struct input *input = input_create(rooms[_i].capacity, limits);
    receive(input, bytes, rooms[_i].end);
    input->start = rooms[_i].start;
    size_t left = input_left(input);
    size_t room = 0;
    char *space = input_room(input, &room);
    ck_assert_uint_eq(input_left(input), left);
    ck_assert_uint_eq(input->start, rooms[_i].new_start);
    ck_assert_uint_eq(room, rooms[_i].room);
    ck_assert_ptr_eq(space, input->bytes + input->end);
    ck_assert_mem_eq(input->bytes + input->start, bytes + rooms[_i].start, left);
    input_free(input);
}
END_TEST

/* The input moves, grows or is handed over at every byte of a request; the parser goes on. */
START_TEST(moving_in_the_middle_of_a_request)
{
    static const char before[] = "PING\r\n";
    enum { BEFORE = sizeof(before) - 1 };
    for (size_t cut = 0; cut < REQUEST_SIZE; cut++) {
        struct input *input = input_create(BEFORE + cut + 1, limits);
        receive(input, before, BEFORE);
        memcpy(input->bytes + input->end, request, cut);
        input->end += cut;
        ck_assert_int_eq(parse(input), RESP_REQUEST);
        input->start += input->parser.size;
        ck_assert_int_eq(parse(input), RESP_INCOMPLETE);

        size_t room = 0;
        (void)input_room(input, &room);
        ck_assert_int_eq(parse(input), RESP_INCOMPLETE);
        size_t capacity = input->capacity;
        ck_assert(input_grow(input));
        ck_assert_uint_eq(input->capacity, 2 * capacity);
        ck_assert_int_eq(parse(input), RESP_INCOMPLETE);
        while (input->capacity < REQUEST_SIZE + BEFORE)
            ck_assert(input_grow(input));
        receive(input, request + cut, REQUEST_SIZE - cut);
        check_request(input);
        input_free(input);
    }
}
END_TEST

START_TEST(detaching_in_the_middle_of_a_request)
{
    for (size_t cut = 1; cut < REQUEST_SIZE; cut++) {
        struct input *worker = input_create(1024, limits);
        receive(worker, "PING\r\n", 6);
        receive(worker, request, cut);
        ck_assert_int_eq(parse(worker), RESP_REQUEST);
        worker->start += worker->parser.size;
        ck_assert_int_eq(parse(worker), RESP_INCOMPLETE);
        size_t parsed = worker->parser.position;

        struct input *detached = input_detach(worker);
        ck_assert_ptr_nonnull(detached);
        /* Right results alone would not show that all is parsed a second time. */
        ck_assert_uint_eq(detached->parser.position, parsed);
        ck_assert_uint_eq(worker->parser.position, 0);
        ck_assert_uint_eq(input_left(detached), cut);
        ck_assert_uint_eq(detached->parser.limits.bulk_bytes, MAX_BULK);
        /* The worker serves somebody else before the rest comes. */
        ck_assert_uint_eq(input_left(worker), 0);
        receive(worker, request, REQUEST_SIZE);
        check_request(worker);
        input_free(worker);

        receive(detached, request + cut, REQUEST_SIZE - cut);
        check_request(detached);
        input_free(detached);
    }
}
END_TEST

START_TEST(detached_inputs_have_room_for_all)
{
    static char bytes[5000];
    const size_t sizes[] = {1, 511, 512, 513, 1024, 1025, sizeof(bytes)};
    memset(bytes, 'x', sizeof(bytes));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct input *worker = input_create(sizeof(bytes), limits);
        receive(worker, bytes, sizes[i]);
        struct input *detached = input_detach(worker);
        ck_assert_uint_eq(input_left(detached), sizes[i]);
        ck_assert_uint_ge(detached->capacity, sizes[i]);
        ck_assert_mem_eq(detached->bytes, bytes, sizes[i]);
        input_free(detached);
        input_free(worker);
    }
}
END_TEST

START_TEST(clear_forgets_an_unfinished_request)
{
    struct input *input = input_create(256, limits);
    receive(input, request, REQUEST_SIZE - 1);
    ck_assert_int_eq(parse(input), RESP_INCOMPLETE);
    input_clear(input);
    ck_assert_uint_eq(input_left(input), 0);
    ck_assert_uint_eq(input->capacity, 256);
    receive(input, request, REQUEST_SIZE);
    check_request(input);
    input_free(input);
}
END_TEST

Suite *input_suite(void)
{
    Suite *suite = suite_create("input");
    TCase *tests = tcase_create("input");
    tcase_add_test(tests, room_is_all_of_an_empty_input);
    tcase_add_loop_test(tests, room_moves_what_is_left, 0, (int)(sizeof(rooms) / sizeof(rooms[0])));
    tcase_add_test(tests, moving_in_the_middle_of_a_request);
    tcase_add_test(tests, detaching_in_the_middle_of_a_request);
    tcase_add_test(tests, detached_inputs_have_room_for_all);
    tcase_add_test(tests, clear_forgets_an_unfinished_request);
    suite_add_tcase(suite, tests);
    return suite;
}
