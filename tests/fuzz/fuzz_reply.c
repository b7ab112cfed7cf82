/* SPDX-License-Identifier: MIT */
/*
 * The client's reply reader, and all that writes replies out. However a stream is cut into reads,
 * it holds the same replies; what is written of them stays in proportion to them, and JSON is JSON.
 */
#include "client/format.h"
#include "client/reply.h"
#include "common/byte_buffer.h"
#include "common/resp_reply.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/json_grammar.h"

#include <stdlib.h>

/* The most that one byte of a reply may become: an escape of six bytes whose backslash and quotes
 * are escaped once more, and the indentation of the deepest line. */
enum { GROWTH = 16, DEEPEST_LINE = 16 * CLIENT_REPLY_DEPTH_LIMIT };

static void check_format(enum client_format format, crew_slice reply)
{
    struct byte_buffer text = {0};
    client_format_reply(format, reply, &text);
    FUZZ_REQUIRE(!text.failed && text.size > 0 && text.bytes[text.size - 1] == '\n');
    FUZZ_REQUIRE(format != CLIENT_FORMAT_JSON ||
                 json_is_well_formed((crew_slice){text.bytes, text.size - 1}));
    FUZZ_REQUIRE(text.size <= (reply.size + 1) * (GROWTH + DEEPEST_LINE));
    byte_buffer_free(&text);
}

static void check_reply(crew_slice received)
{
    char *bytes = fuzz_copy(received);
    crew_slice reply = {bytes, received.size};
    if (client_reply_depth_is_allowed(reply)) {
        check_format(CLIENT_FORMAT_TERMINAL, reply);
        check_format(CLIENT_FORMAT_RAW, reply);
        check_format(CLIENT_FORMAT_JSON, reply);
    }
    (void)client_reply_type(reply);
    free(bytes);
}

/* Notes where each reply ends, up to `end`; false when the stream cannot be followed further. */
static bool scan_until(struct resp_scanner *scanner, crew_slice stream, size_t *start, size_t end,
                       struct byte_buffer *out)
{
    while (*start < end) {
        crew_slice received = {stream.data + *start, end - *start};
        char *bytes = fuzz_copy(received);
        enum resp_reply_result result = resp_scan_reply(scanner, bytes, received.size);
        free(bytes);
        if (result == RESP_REPLY_INCOMPLETE)
            return true;
        byte_buffer_printf(out, "%d %zu\n", (int)result, *start + scanner->position);
        if (result == RESP_REPLY_MALFORMED)
            return false;
        FUZZ_REQUIRE(scanner->position > 0 && scanner->position <= received.size);
        check_reply((crew_slice){received.data, scanner->position});
        *start += scanner->position;
        *scanner = (struct resp_scanner){0};
    }
    return true;
}

static void read_stream(const struct fuzz_stream *stream, struct byte_buffer *out)
{
    struct resp_scanner scanner = {0};
    size_t start = 0;
    size_t end = 0;
    bool going = true;
    for (size_t number = 0; going && end < stream->bytes.size; number++) {
        end = fuzz_stream_cut(stream, number, end);
        going = scan_until(&scanner, stream->bytes, &start, end, out);
    }
}

void fuzz_reply(crew_slice input)
{
    struct fuzz_stream cut = fuzz_stream_of(input);
    struct fuzz_stream whole = {.bytes = cut.bytes};
    fuzz_require_same_reading(read_stream, &whole, &cut);
}
