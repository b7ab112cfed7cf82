/* SPDX-License-Identifier: MIT */
/*
 * A whole connection, from the socket through the commands and back. However the stream is cut
 * into reads, and whenever the client says that it will send no more, it gets the same bytes; they
 * are replies; and there is one for each request until the server closes.
 */
#include "common/resp_reply.h"
#include "common/resp_request.h"
#include "server/input.h"
#include "tests/fuzz/guest.h"

#include <stdlib.h>

enum { PASSWORD_MODE = 3, SMALL_READS_MODE = 4, EARLY_MODE = 8, SMALL_READ = 64 };

static const size_t limits[] = {1024, 20, 4096, 1024 * 1024};

/* How many requests are whole, up to the first error, which counts as one. */
static size_t count_requests(crew_slice stream, size_t max_bulk_bytes)
{
    struct resp_parser parser;
    size_t count = 0;
    char *bytes = fuzz_copy(stream);
    resp_parser_init(&parser, (struct resp_limits){max_bulk_bytes, 1024 * 1024});
    enum resp_result result = RESP_EMPTY;
    for (size_t start = 0; result == RESP_REQUEST || result == RESP_EMPTY; start += parser.size) {
        result = resp_parse(&parser, bytes + start, stream.size - start);
        count += result == RESP_REQUEST || result == RESP_ERROR;
    }
    resp_parser_reset(&parser);
    free(bytes);
    return count;
}

/* All of the bytes are whole replies. */
static size_t count_replies(const struct byte_buffer *replies)
{
    size_t count = 0;
    for (size_t start = 0; start < replies->size; count++) {
        struct resp_scanner scanner = {0};
        enum resp_reply_result result =
            resp_scan_reply(&scanner, replies->bytes + start, replies->size - start);
        FUZZ_REQUIRE(result == RESP_REPLY_WHOLE);
        start += scanner.position;
    }
    return count;
}

/* One for each request. A stranger's requests are counted otherwise, so nothing is said of them. */
static void check_count(const struct guest *guest, const struct serving *serving, crew_slice stream)
{
    size_t replies = count_replies(&guest->replies);
    if (serving->with_password)
        return;
    size_t requests = count_requests(stream, serving->max_request_bytes);
    FUZZ_REQUIRE(guest->ended ? replies <= requests : replies == requests);
}

void fuzz_connection(crew_slice input)
{
    struct fuzz_stream cut = fuzz_stream_of(input);
    struct fuzz_stream whole = {.bytes = cut.bytes};
    struct guest from_whole;
    struct guest from_cut;
    unsigned limit = cut.mode % (sizeof(limits) / sizeof(limits[0]));
    struct serving serving = {.max_request_bytes = limits[limit],
                              .read_bytes = INPUT_SIZE,
                              .with_password = limit == PASSWORD_MODE};
    guest_stay(&serving, ENDPOINT_TCP, &whole, false, &from_whole);
    check_count(&from_whole, &serving, cut.bytes);
    serving.read_bytes = (cut.mode & SMALL_READS_MODE) != 0 ? SMALL_READ : INPUT_SIZE;
    guest_stay(&serving, ENDPOINT_TCP, &cut, (cut.mode & EARLY_MODE) != 0, &from_cut);
    FUZZ_REQUIRE(from_whole.unsteady ||
                 fuzz_same(guest_replies(&from_whole), guest_replies(&from_cut)));
    guest_free(&from_whole);
    guest_free(&from_cut);
}
