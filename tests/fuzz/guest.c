/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/guest.h"

#include "tests/fuzz/tls_peer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void guest_enter(struct guest *guest, enum endpoint_scheme scheme)
{
    *guest = (struct guest){0};
    guest->fd = served_connect(scheme, &guest->number);
}

/* Takes what was sent; false when there was nothing. */
static bool take_replies(struct guest *guest)
{
    static char bytes[64 * 1024];
    if (guest->ended)
        return false;
    ssize_t got = recv(guest->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    bool reset = got < 0 && errno == ECONNRESET;
    FUZZ_REQUIRE(got >= 0 || errno == EAGAIN || (reset && guest->may_be_reset));
    guest->ended = got == 0 || reset;
    if (got > 0)
        byte_buffer_append(&guest->replies, bytes, (size_t)got);
    return got > 0;
}

void guest_settle(struct guest *guest)
{
    do
        served_run();
    while (take_replies(guest));
}

void guest_send(struct guest *guest, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(guest->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
            FUZZ_REQUIRE(guest->may_be_reset); /* else the server lingers when it has ended */
            return;
        }
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
        if (size > 0)
            guest_settle(guest);
    }
}

void guest_vanish(struct guest *guest)
{
    guest->unsteady = served_was_unsteady(guest->number);
    close(guest->fd);
    guest->fd = -1;
    served_run();
}

void guest_leave(struct guest *guest)
{
    bool ended = guest->ended;
    FUZZ_REQUIRE(shutdown(guest->fd, SHUT_WR) == 0);
    guest_settle(guest);
    FUZZ_REQUIRE(guest->ended);
    close(guest->fd);
    guest->ended = ended;
    guest->unsteady = served_was_unsteady(guest->number);
}

void guest_free(struct guest *guest)
{
    byte_buffer_free(&guest->replies);
}

crew_slice guest_replies(const struct guest *guest)
{
    return (crew_slice){guest->replies.bytes, guest->replies.size};
}

crew_slice guest_replies_from(const struct guest *guest, size_t start)
{
    if (start == guest->replies.size)
        return (crew_slice){0};
    return (crew_slice){guest->replies.bytes + start, guest->replies.size - start};
}

/* Over TLS, who hangs up before a handshake, or announces its end amid one, is not listened to any
 * more. Announcing takes an alert. */
static bool can_announce_its_end(crew_slice bytes)
{
    return bytes.size > 0 && memchr(bytes.data, TLS_CONTENT_ALERT, bytes.size) != NULL;
}

void guest_stay(const struct serving *serving, enum endpoint_scheme scheme,
                const struct fuzz_stream *stream, bool early_end, struct guest *guest)
{
    size_t end = 0;
    served_begin(serving);
    guest_enter(guest, scheme);
    guest->may_be_reset =
        scheme == ENDPOINT_TLS && (early_end || can_announce_its_end(stream->bytes));
    if (!early_end)
        guest_settle(guest); /* there is nothing to be done yet */
    for (size_t number = 0; end < stream->bytes.size; number++) {
        size_t start = end;
        end = fuzz_stream_cut(stream, number, start);
        guest_send(guest, stream->bytes.data + start, end - start);
        if (!early_end || end < stream->bytes.size)
            guest_settle(guest);
    }
    size_t answered = guest->replies.size;
    FUZZ_REQUIRE(!guest->ended || !served_holds_memory());
    guest_leave(guest);
    FUZZ_REQUIRE(early_end || guest->replies.size == answered); /* no reply waited for the end */
    served_end();
}
