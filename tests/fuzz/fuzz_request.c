/* SPDX-License-Identifier: MIT */
/*
 * The request parser. However a stream is cut into reads, and wherever the parser is moved between
 * them, it must give the same requests and the same error; what it gives must keep to the limits
 * that the mode chooses; and a request that is written anew must be read as it was.
 */
#include "common/byte_buffer.h"
#include "common/resp_encode.h"
#include "common/resp_request.h"
#include "tests/fuzz/fuzz_target.h"

#include <stdlib.h>

enum { ROUND_TRIP_ARGUMENTS = 64, STRANGER_MODE = 4, MOVING_MODE = 8 };

static const struct resp_limits limits[] = {
    {20, 1024 * 1024}, {1, 16}, {512, 2}, {1024 * 1024, 1024 * 1024}};

static struct resp_limits limits_of(const struct fuzz_stream *stream)
{
    return limits[stream->mode % (sizeof(limits) / sizeof(limits[0]))];
}

/* What was read, so that two readings can be compared. */
static void note_request(const struct resp_parser *parser, const char *bytes,
                         struct byte_buffer *out)
{
    FUZZ_REQUIRE(parser->argument_count > 0);
    FUZZ_REQUIRE(parser->argument_count <=
                 (parser->is_stranger ? RESP_STRANGER_ARGUMENTS : parser->limits.arguments));
    for (size_t i = 0; i < parser->argument_count; i++) {
        struct resp_span span = parser->arguments[i];
        FUZZ_REQUIRE(span.size <= parser->limits.bulk_bytes);
        FUZZ_REQUIRE(span.offset <= parser->size && span.size <= parser->size - span.offset);
        resp_encode_bulk(out, bytes + span.offset, span.size);
    }
    byte_buffer_append_text(out, "request\n");
}

/* The whole request, written as an array of bulks, has the same arguments. */
static void check_round_trip(const struct resp_parser *parser, const char *bytes)
{
    crew_slice words[ROUND_TRIP_ARGUMENTS] = {{0}};
    struct byte_buffer written = {0};
    struct resp_parser again;
    if (parser->argument_count > ROUND_TRIP_ARGUMENTS)
        return;
    for (size_t i = 0; i < parser->argument_count; i++)
        words[i] = (crew_slice){bytes + parser->arguments[i].offset, parser->arguments[i].size};
    resp_encode_request(&written, words, parser->argument_count);
    resp_parser_init(&again, parser->limits);
    again.is_stranger = parser->is_stranger;
    FUZZ_REQUIRE(resp_parse(&again, written.bytes, written.size) == RESP_REQUEST);
    FUZZ_REQUIRE(again.size == written.size);
    FUZZ_REQUIRE(again.argument_count == parser->argument_count);
    for (size_t i = 0; i < again.argument_count; i++) {
        struct resp_span span = again.arguments[i];
        FUZZ_REQUIRE(fuzz_same((crew_slice){written.bytes + span.offset, span.size}, words[i]));
    }
    resp_parser_reset(&again);
    byte_buffer_free(&written);
}

/* Parses what has been received of a request. */
static enum resp_result parse_one(struct resp_parser *parser, crew_slice received,
                                  struct byte_buffer *out)
{
    char *bytes = fuzz_copy(received);
    enum resp_result result = resp_parse(parser, bytes, received.size);
    switch (result) {
    case RESP_REQUEST:
        note_request(parser, bytes, out);
        check_round_trip(parser, bytes);
        break;
    case RESP_EMPTY:
        byte_buffer_append_text(out, "empty\n");
        break;
    case RESP_INCOMPLETE: /* the same bytes come again, so they must be as they were */
        FUZZ_REQUIRE(fuzz_same((crew_slice){bytes, received.size}, received));
        break;
    case RESP_ERROR:
        byte_buffer_printf(out, "%s\n", parser->error);
        break;
    }
    free(bytes);
    return result;
}

/* Parses every request that is whole by `end`; false after an error. */
static bool parse_until(struct resp_parser *parser, crew_slice stream, size_t *start, size_t end,
                        struct byte_buffer *out)
{
    while (*start < end) {
        size_t received = end - *start;
        enum resp_result result =
            parse_one(parser, (crew_slice){stream.data + *start, received}, out);
        if (result == RESP_INCOMPLETE || result == RESP_ERROR)
            return result == RESP_INCOMPLETE;
        FUZZ_REQUIRE(parser->size > 0 && parser->size <= received);
        *start += parser->size;
    }
    return true;
}

static void read_stream(const struct fuzz_stream *stream, struct byte_buffer *out)
{
    struct resp_parser parsers[2];
    size_t current = 0;
    size_t start = 0;
    size_t end = 0;
    bool going = true;
    resp_parser_init(&parsers[0], limits_of(stream));
    resp_parser_init(&parsers[1], limits_of(stream));
    parsers[0].is_stranger = (stream->mode & STRANGER_MODE) != 0;
    for (size_t number = 0; going && end < stream->bytes.size; number++) {
        end = fuzz_stream_cut(stream, number, end);
        going = parse_until(&parsers[current], stream->bytes, &start, end, out);
        if (going && stream->mode >= MOVING_MODE) {
            resp_parser_move(&parsers[1 - current], &parsers[current]);
            current = 1 - current;
        }
    }
    resp_parser_reset(&parsers[0]);
    resp_parser_reset(&parsers[1]);
}

void fuzz_request(crew_slice input)
{
    struct fuzz_stream cut = fuzz_stream_of(input);
    struct fuzz_stream whole = {.mode = cut.mode % MOVING_MODE, .bytes = cut.bytes};
    fuzz_require_same_reading(read_stream, &whole, &cut);
}
