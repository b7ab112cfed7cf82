/* SPDX-License-Identifier: MIT */
#include "server/input.h"

#include "common/block_cache.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 512 };

struct input *input_create(size_t capacity, struct resp_limits limits)
{
    struct input *input = calloc(1, sizeof(*input));
    if (input == NULL)
        return NULL;
    input->bytes = malloc(capacity);
    if (input->bytes == NULL) {
        free(input);
        return NULL;
    }
    input->capacity = capacity;
    resp_parser_init(&input->parser, limits);
    return input;
}

/* See the wiping note. */
static void wipe(struct input *input, size_t from, size_t to)
{
    if (input->parser.is_stranger)
        explicit_bzero(input->bytes + from, to - from);
}

void input_free(struct input *input)
{
    if (input == NULL)
        return;
    wipe(input, 0, input->end);
    resp_parser_reset(&input->parser);
    block_free(input->bytes, input->capacity);
    free(input);
}

size_t input_memory(const struct input *input)
{
    const struct resp_parser *parser = &input->parser;
    size_t arguments =
        parser->arguments != parser->few ? parser->capacity * sizeof(*parser->arguments) : 0;
    return sizeof(*input) + input->capacity + arguments;
}

char *input_room(struct input *input, size_t *room)
{
    if (input->start == input->end) {
        input->start = 0;
        input->end = 0;
    } else if (input->start > 0 && input->capacity - input->end < input->capacity / 2) {
        memmove(input->bytes, input->bytes + input->start, input_left(input));
        wipe(input, input_left(input), input->end);
        input->end -= input->start;
        input->start = 0;
    }
    *room = input->capacity - input->end;
    return input->bytes + input->end;
}

/* Leaves nothing behind, as a reallocation would. */
static bool grow_and_wipe(struct input *input)
{
    size_t capacity = 0;
    char *bytes = block_grow(NULL, &capacity, 0, input->capacity * 2);
    if (bytes == NULL)
        return false;
    memcpy(bytes, input->bytes, input->end);
    wipe(input, 0, input->end);
    block_free(input->bytes, input->capacity);
    input->bytes = bytes;
    input->capacity = capacity;
    return true;
}

bool input_grow(struct input *input)
{
    if (input->parser.is_stranger)
        return grow_and_wipe(input);
    char *bytes = block_grow(input->bytes, &input->capacity, input->end, input->capacity * 2);
    if (bytes == NULL)
        return false;
    input->bytes = bytes;
    return true;
}

void input_clear(struct input *input)
{
    wipe(input, input->start, input->end);
    input->start = 0;
    input->end = 0;
    resp_parser_reset(&input->parser);
}

struct input *input_detach(struct input *from)
{
    size_t left = input_left(from);
    size_t capacity = SMALLEST_CAPACITY;
    while (capacity < left)
        capacity *= 2;
    struct input *input = input_create(capacity, from->parser.limits);
    if (input == NULL)
        return NULL;
    memcpy(input->bytes, from->bytes + from->start, left);
    input->end = left;
    wipe(from, from->start, from->end);
    resp_parser_move(&input->parser, &from->parser);
    input_clear(from);
    return input;
}
