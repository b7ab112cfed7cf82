/* SPDX-License-Identifier: MIT */
/*
 * Any bytes instead of a TLS handshake. They are answered with whole records, or not at all; and
 * with none after an alert. The client's end ends the connection, however far it got.
 */
#include "common/tls.h"
#include "server/input.h"
#include "tests/fuzz/guest.h"
#include "tests/fuzz/tls_peer.h"

enum { EARLY_MODE = 8, HEADER_SIZE = 5, MOST_BYTES = 16384 + 256, CONTENT_TYPES = 20 };

static void check_records(crew_slice bytes)
{
    bool alerted = false;
    while (bytes.size > 0) {
        const unsigned char *header = (const unsigned char *)bytes.data;
        FUZZ_REQUIRE(!alerted && bytes.size >= HEADER_SIZE);
        size_t size = (size_t)header[3] << 8 | header[4];
        FUZZ_REQUIRE(header[0] >= CONTENT_TYPES && header[0] <= TLS_CONTENT_DATA);
        FUZZ_REQUIRE(size > 0 && size <= MOST_BYTES && size <= bytes.size - HEADER_SIZE);
        alerted = header[0] == TLS_CONTENT_ALERT;
        bytes = (crew_slice){bytes.data + HEADER_SIZE + size, bytes.size - HEADER_SIZE - size};
    }
}

void fuzz_tls_hello(crew_slice input)
{
    struct fuzz_stream stream = fuzz_stream_of(input);
    struct serving serving = {.max_request_bytes = 1024, .read_bytes = INPUT_SIZE};
    struct guest guest;
    if (!tls_is_available())
        return;
    guest_stay(&serving, ENDPOINT_TLS, &stream, (stream.mode & EARLY_MODE) != 0, &guest);
    check_records(guest_replies(&guest));
    guest_free(&guest);
}
