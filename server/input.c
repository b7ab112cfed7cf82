/* SPDX-License-Identifier: MIT */
#include "server/input.h"

#include "common/block_cache.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 512 };

struct input *input_create(size_t capacity, size_t max_bulk_bytes)
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
    resp_parser_init(&input->parser, max_bulk_bytes);
    return input;
}

void input_free(struct input *input)
{
    if (input == NULL)
        return;
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
        input->end -= input->start;
        input->start = 0;
    }
    *room = input->capacity - input->end;
    return input->bytes + input->end;
}

bool input_grow(struct input *input)
{
    char *bytes = block_grow(input->bytes, &input->capacity, input->end, input->capacity * 2);
    if (bytes == NULL)
        return false;
    input->bytes = bytes;
    return true;
}

void input_clear(struct input *input)
{
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
    struct input *input = input_create(capacity, from->parser.max_bulk_bytes);
    if (input == NULL)
        return NULL;
    memcpy(input->bytes, from->bytes + from->start, left);
    input->end = left;
    resp_parser_move(&input->parser, &from->parser);
    input_clear(from);
    return input;
}
