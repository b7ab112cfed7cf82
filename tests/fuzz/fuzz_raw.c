/* SPDX-License-Identifier: MIT */
/*
 * A client without a protocol, beside one that is amid a request. However its bytes are cut, the
 * first read of them gets one bare reply, and what follows gets none; who sends nothing gets
 * nothing; and the other client's request is served as if nobody had been there.
 */
#include "server/input.h"
#include "tests/fuzz/guest.h"

#include <string.h>

enum {
    COMMANDS = 4,
    ECHO_COMMAND = 0,
    SMALL_READS_MODE = 4,
    EARLY_MODE = 8,
    SMALL_READ = 64,
    MOST_AT_ONCE = 4096, /* what a socket takes in any case */
};

static const char *const commands[COMMANDS] = {"ECHO", "WORK REPLY", "CLIENT SETNAME",
                                               "CONFIG 'GET'"};

static void send_text(struct guest *guest, const char *text)
{
    guest_send(guest, text, strlen(text));
    guest_settle(guest);
}

static bool got_text(const struct guest *guest, const char *text)
{
    return fuzz_same(guest_replies(guest), (crew_slice){text, strlen(text)});
}

/* The raw client's stay, while a bystander's ECHO is half there. */
static void stay(const struct serving *serving, const struct fuzz_stream *stream, bool early_end,
                 struct guest *guest)
{
    struct guest bystander;
    size_t end = 0;
    served_begin(serving);
    guest_enter(&bystander, ENDPOINT_TCP);
    send_text(&bystander, "*2\r\n$4\r\nECHO\r\n$6\r\nbes");
    guest_enter(guest, ENDPOINT_RAW);
    if (!early_end)
        guest_settle(guest); /* there is nothing to be done yet */
    for (size_t number = 0; end < stream->bytes.size; number++) {
        size_t start = end;
        end = fuzz_stream_cut(stream, number, start);
        guest_send(guest, stream->bytes.data + start, end - start);
        if (!early_end)
            guest_settle(guest);
        FUZZ_REQUIRE(early_end || guest->ended); /* after its one reply */
    }
    FUZZ_REQUIRE(guest->ended == (stream->bytes.size > 0 && !early_end));
    guest_leave(guest);
    FUZZ_REQUIRE(got_text(&bystander, ""));
    send_text(&bystander, "ide\r\n");
    FUZZ_REQUIRE(got_text(&bystander, "$6\r\nbeside\r\n"));
    guest_leave(&bystander);
    guest_free(&bystander);
    served_end();
}

void fuzz_raw(crew_slice input)
{
    struct fuzz_stream stream = fuzz_stream_of(input);
    bool early_end = (stream.mode & EARLY_MODE) != 0 && stream.bytes.size <= MOST_AT_ONCE;
    struct serving serving = {.max_request_bytes = 1024,
                              .read_bytes =
                                  (stream.mode & SMALL_READS_MODE) != 0 ? SMALL_READ : INPUT_SIZE,
                              .raw_command = commands[stream.mode % COMMANDS]};
    if (early_end) /* all is there, its end as well, before the server reads */
        stream.cuts.size = 0;
    size_t first = fuzz_stream_cut(&stream, 0, 0);
    if (first > serving.read_bytes)
        first = serving.read_bytes;
    struct fuzz_stream alone = {.bytes = {stream.bytes.data, first}};
    struct guest from_all;
    struct guest from_first;
    stay(&serving, &stream, early_end, &from_all);
    stay(&serving, &alone, false, &from_first);
    FUZZ_REQUIRE(fuzz_same(guest_replies(&from_all), guest_replies(&from_first)));
    FUZZ_REQUIRE(first > 0 || from_all.replies.size == 0);
    FUZZ_REQUIRE(stream.mode % COMMANDS != ECHO_COMMAND ||
                 fuzz_same(guest_replies(&from_all), alone.bytes)); /* an echo */
    guest_free(&from_all);
    guest_free(&from_first);
}
