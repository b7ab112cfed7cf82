/* SPDX-License-Identifier: MIT */
/*
 * Two clients at once. In whatever order their parts come, each gets the bytes that it would get
 * alone, even when the other vanishes; with a password, though only the second one has logged in.
 *
 * After the line of options comes one that says whose part is next: an even character is the
 * first's, an odd one the second's, and then again from the first character; while it is empty they
 * take turns. At a '!' the first closes its socket, whatever it was sent. What is left, up to a
 * NUL, is what the first sends, and behind that is what the second sends; without a NUL both send
 * the same.
 */
#include "server/input.h"
#include "tests/fuzz/guest.h"

#include <string.h>

enum { PASSWORD_MODE = 1, LARGE_MODE = 2, SMALL_READS_MODE = 4, EARLY_MODE = 8, SMALL_READ = 64 };

static const char login[] = "*2\r\n$4\r\nAUTH\r\n$6\r\n" SERVED_PASSWORD "\r\n";

struct sender {
    struct fuzz_stream stream;
    size_t sent;
    size_t parts;
    struct guest guest;
};

/* What each sends, and whose part is next. */
static crew_slice deal(crew_slice input, struct sender senders[2])
{
    struct fuzz_stream stream = fuzz_stream_of(input);
    crew_slice order = fuzz_take_line(&stream.bytes);
    senders[0] = (struct sender){.stream = stream};
    senders[1] = (struct sender){.stream = stream};
    const char *end =
        stream.bytes.size > 0 ? memchr(stream.bytes.data, '\0', stream.bytes.size) : NULL;
    if (end != NULL) {
        size_t size = (size_t)(end - stream.bytes.data);
        senders[0].stream.bytes.size = size;
        senders[1].stream.bytes = (crew_slice){end + 1, stream.bytes.size - size - 1};
    }
    return order;
}

static bool has_more(const struct sender *sender)
{
    return sender->guest.fd >= 0 && sender->sent < sender->stream.bytes.size;
}

static void send_next(struct sender *sender)
{
    size_t start = sender->sent;
    sender->sent = fuzz_stream_cut(&sender->stream, sender->parts++, start);
    guest_send(&sender->guest, sender->stream.bytes.data + start, sender->sent - start);
}

static unsigned whose_turn(crew_slice order, size_t turn)
{
    return order.size > 0 ? (unsigned char)order.data[turn % order.size] % 2U : turn % 2;
}

/* A turn after a turn of the other's. Whoever says early that no more comes does so unserved. */
static void take_turns(crew_slice order, bool settles, struct sender senders[2])
{
    for (size_t turn = 0; has_more(&senders[0]) || has_more(&senders[1]); turn++) {
        if (order.size > 0 && order.data[turn % order.size] == '!' && senders[0].guest.fd >= 0)
            guest_vanish(&senders[0].guest);
        struct sender *sender = &senders[whose_turn(order, turn)];
        if (!has_more(sender)) /* then the order has no more to say */
            sender = has_more(&senders[0]) ? &senders[0] : &senders[1];
        if (!has_more(sender))
            return;
        send_next(sender);
        if (settles || turn % 2 == 1)
            guest_settle(&sender->guest);
    }
}

static void enter(struct sender *sender, bool logs_in)
{
    guest_enter(&sender->guest, ENDPOINT_TCP);
    if (!logs_in)
        return;
    guest_send(&sender->guest, login, sizeof(login) - 1);
    guest_settle(&sender->guest);
}

/* The same client with nobody beside it. */
static void check_alone(const struct sender *sender, struct serving serving, unsigned number,
                        bool logs_in)
{
    struct sender alone = {.stream = {.bytes = sender->stream.bytes}};
    serving.clients_before = number;
    serving.read_bytes = INPUT_SIZE;
    served_begin(&serving);
    enter(&alone, logs_in);
    if (has_more(&alone))
        send_next(&alone);
    guest_settle(&alone.guest);
    guest_leave(&alone.guest);
    served_end();
    crew_slice expected = guest_replies(&alone.guest);
    crew_slice came = guest_replies(&sender->guest);
    bool vanished = sender->guest.fd < 0;
    FUZZ_REQUIRE(alone.guest.unsteady ||
                 (vanished ? fuzz_begins_with(expected, came) : fuzz_same(expected, came)));
    guest_free(&alone.guest);
}

void fuzz_pair(crew_slice input)
{
    struct sender senders[2];
    crew_slice order = deal(input, senders);
    unsigned mode = senders[0].stream.mode;
    struct serving serving = {.max_request_bytes = (mode & LARGE_MODE) != 0 ? 1024 * 1024 : 1024,
                              .read_bytes =
                                  (mode & SMALL_READS_MODE) != 0 ? SMALL_READ : INPUT_SIZE,
                              .with_password = (mode & PASSWORD_MODE) != 0};
    served_begin(&serving);
    for (unsigned i = 0; i < 2; i++)
        enter(&senders[i], i == 1 && serving.with_password);
    take_turns(order, (mode & EARLY_MODE) == 0, senders);
    for (unsigned i = 0; i < 2; i++) {
        if (senders[i].guest.fd >= 0)
            guest_leave(&senders[i].guest);
    }
    served_end();
    for (unsigned i = 0; i < 2; i++) {
        check_alone(&senders[i], serving, i, i == 1 && serving.with_password);
        guest_free(&senders[i].guest);
    }
}
