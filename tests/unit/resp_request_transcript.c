/* SPDX-License-Identifier: MIT */
#include "common/resp_request.h"
#include "tests/unit/guard_page.h"
#include "tests/unit/resp_request_corpus.h"

#include <check.h>
#include <string.h>

/* Two parsers, of which one is in use: the state can move from one to the other. */
struct feed {
    struct resp_parser parsers[2];
    size_t current;
    size_t start; /* of the unfinished request in the stream */
    struct byte_buffer *out;
};

static void add_request(struct byte_buffer *out, const struct resp_parser *parser,
                        const char *bytes)
{
    for (size_t i = 0; i < parser->argument_count; i++) {
        struct resp_span span = parser->arguments[i];
        ck_assert_uint_le(span.offset + span.size, parser->size);
        transcript_add_text(out, (crew_slice){bytes + span.offset, span.size});
    }
    byte_buffer_append_text(out, "\n");
}

/* Parses what is there of the stream's first `end` bytes; false after an error. */
static bool feed_until(struct feed *feed, crew_slice stream, size_t end)
{
    struct resp_parser *parser = &feed->parsers[feed->current];
    while (feed->start < end) {
        const char *original = stream.data + feed->start;
        size_t size = end - feed->start;
        char *bytes = guard_page_place(original, size);
        switch (resp_parse(parser, bytes, size)) {
        case RESP_REQUEST:
            ck_assert_uint_gt(parser->argument_count, 0);
            add_request(feed->out, parser, bytes);
            break;
        case RESP_EMPTY:
            byte_buffer_append_text(feed->out, "empty\n");
            break;
        case RESP_INCOMPLETE: /* the same bytes come again, so they must be as they were */
            ck_assert_mem_eq(bytes, original, size);
            return true;
        case RESP_ERROR:
            byte_buffer_printf(feed->out, "%s\n", parser->error);
            return false;
        }
        ck_assert_uint_gt(parser->size, 0);
        ck_assert_uint_le(parser->size, size);
        feed->start += parser->size;
    }
    return true;
}

static void transcribe_with(size_t max_bulk, bool moving, crew_slice stream, const size_t *cuts,
                            size_t cut_count, struct byte_buffer *out)
{
    struct feed feed = {.out = out};
    resp_parser_init(&feed.parsers[0], (struct resp_limits){max_bulk, 1 << 20});
    resp_parser_init(&feed.parsers[1], (struct resp_limits){max_bulk, 1 << 20});
    bool going = true;
    for (size_t i = 0; i <= cut_count && going; i++) {
        going = feed_until(&feed, stream, i < cut_count ? cuts[i] : stream.size);
        if (moving && going) {
            resp_parser_move(&feed.parsers[1 - feed.current], &feed.parsers[feed.current]);
            feed.current = 1 - feed.current;
        }
    }
    if (going && feed.start < stream.size)
        byte_buffer_append_text(out, TRANSCRIPT_INCOMPLETE);
    resp_parser_reset(&feed.parsers[0]);
    resp_parser_reset(&feed.parsers[1]);
}

void transcribe_requests(crew_slice stream, const size_t *cuts, size_t cut_count,
                         struct byte_buffer *out)
{
    transcribe_with(CORPUS_MAX_BULK, false, stream, cuts, cut_count, out);
}

void transcribe_large_requests(crew_slice stream, const size_t *cuts, size_t cut_count,
                               struct byte_buffer *out)
{
    transcribe_with(LARGE_MAX_BULK, false, stream, cuts, cut_count, out);
}

void transcribe_moving_requests(crew_slice stream, const size_t *cuts, size_t cut_count,
                                struct byte_buffer *out)
{
    transcribe_with(CORPUS_MAX_BULK, true, stream, cuts, cut_count, out);
}
