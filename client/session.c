/* SPDX-License-Identifier: MIT */
#include "client/session.h"

#include "client/interrupt.h"
#include "client/reply.h"
#include "common/clock.h"
#include "common/dial.h"
#include "common/quantity.h"
#include "common/tls_client.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { READ_SIZE = 64 * 1024 };

#define NO_DEADLINE UINT64_MAX

enum progress { PROGRESS, ENDED, TIMED_OUT, INTERRUPTED, NO_MEMORY, BROKEN };

void client_session_init(struct client_session *session, const struct endpoint *server,
                         struct tls_context *tls, int connect_timeout_ms, int timeout_ms)
{
    *session = (struct client_session){
        .server = *server,
        .tls = tls,
        .connect_timeout_ms = connect_timeout_ms,
        .timeout_ms = timeout_ms,
        .interrupt_fd = -1,
        .channel.fd = -1,
    };
    bool is_ipv6 = strchr(server->host, ':') != NULL;
    if (server->scheme == ENDPOINT_UNIX)
        snprintf(session->name, sizeof(session->name), "%s", server->path);
    else
        snprintf(session->name, sizeof(session->name), "%s%s%s:%s", is_ipv6 ? "[" : "",
                 server->host, is_ipv6 ? "]" : "", server->port);
}

void client_session_close(struct client_session *session)
{
    channel_close(&session->channel);
    byte_buffer_free(&session->input);
    session->reply_size = 0;
    session->scanner = (struct resp_scanner){0};
}

bool client_session_is_open(const struct client_session *session)
{
    return session->channel.fd >= 0;
}

bool client_session_open(struct client_session *session)
{
    client_session_close(session);
    return channel_open(&session->channel, &session->server, session->tls,
                        session->connect_timeout_ms, session->error);
}

__attribute__((format(printf, 2, 3))) static bool fail(struct client_session *session,
                                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(session->error, sizeof(session->error), format, arguments);
    va_end(arguments);
    client_session_close(session);
    return false;
}

static const char *hint(const struct client_session *session)
{
    return session->answered
               ? ""
               : tls_client_plain_hint(&session->server, session->input.bytes, session->input.size);
}

/* `error` is errno as the failing call left it; used for BROKEN alone. */
static bool fail_after(struct client_session *session, enum progress progress, int error)
{
    char limit[QUANTITY_TEXT_SIZE];
    switch (progress) {
    case ENDED:
        return fail(session, "%s closed the connection%s", session->name, hint(session));
    case TIMED_OUT:
        quantity_exact_duration(limit, (uint64_t)session->timeout_ms * NS_PER_MS);
        return fail(session, "no reply from %s within %s", session->name, limit);
    case INTERRUPTED:
        return fail(session, "interrupted; closed the connection to %s", session->name);
    case NO_MEMORY:
        return fail(session, "out of memory");
    default:
        return fail(session, "lost the connection to %s: %s", session->name,
                    channel_reason(&session->channel, error));
    }
}

static uint64_t deadline_from_now(const struct client_session *session)
{
    return session->timeout_ms < 0 ? NO_DEADLINE
                                   : monotonic_ns() + (uint64_t)session->timeout_ms * NS_PER_MS;
}

static int left_ms(uint64_t deadline_ns)
{
    return deadline_ns == NO_DEADLINE ? -1 : milliseconds_left(deadline_ns);
}

static enum progress wait_until(struct client_session *session, short events, uint64_t deadline_ns)
{
    for (;;) {
        struct pollfd watched[] = {
            {.fd = session->channel.fd, .events = channel_events(&session->channel, events)},
            {.fd = session->interrupt_fd, .events = POLLIN}, /* poll ignores -1 */
        };
        int ready = poll(watched, 2, left_ms(deadline_ns));
        if (ready == 0)
            return TIMED_OUT;
        if (ready < 0 && errno != EINTR)
            return BROKEN;
        if (ready < 0)
            continue;
        if (client_interrupt_take(session->interrupt_fd))
            return INTERRUPTED;
        if (watched[0].revents != 0)
            return PROGRESS;
    }
}

bool client_session_send(struct client_session *session, const struct byte_buffer *bytes)
{
    if (bytes->failed)
        return fail_after(session, NO_MEMORY, 0);
    /* A ctrl-C from before this request was not meant for it. */
    client_interrupt_take(session->interrupt_fd);
    size_t sent = 0;
    while (sent < bytes->size) {
        ssize_t count = channel_send(&session->channel, bytes->bytes + sent, bytes->size - sent);
        if (count >= 0) {
            sent += (size_t)count;
            continue;
        }
        if (errno == EPIPE || errno == ECONNRESET)
            return true;
        enum progress progress = BROKEN;
        if (errno == EAGAIN)
            progress = wait_until(session, POLLOUT, deadline_from_now(session));
        if (progress != PROGRESS)
            return fail_after(session, progress, errno);
    }
    return true;
}

/* Appends to the input what has arrived; waits for it if nothing has. */
static enum progress receive_more(struct client_session *session, uint64_t deadline_ns)
{
    size_t before = session->input.size;
    char *space = byte_buffer_extend(&session->input, READ_SIZE);
    if (space == NULL)
        return NO_MEMORY;
    enum progress progress = PROGRESS;
    ssize_t count = -1;
    while (progress == PROGRESS && count < 0) {
        count = channel_receive(&session->channel, space, READ_SIZE);
        if (count < 0 && errno == EAGAIN)
            progress = wait_until(session, POLLIN, deadline_ns);
        else if (count < 0)
            progress = BROKEN;
    }
    byte_buffer_truncate(&session->input, before + (count > 0 ? (size_t)count : 0));
    return count == 0 ? ENDED : progress;
}

bool client_session_is_alive(struct client_session *session)
{
    if (!client_session_is_open(session))
        return false;
    /* What comes unasked is kept for the next receive. The deadline is past: nothing is waited for.
     */
    enum progress progress = receive_more(session, 0);
    return (progress != ENDED && progress != BROKEN) || fail_after(session, progress, errno);
}

static void drop_last_reply(struct client_session *session)
{
    struct byte_buffer *input = &session->input;
    size_t rest = input->size - session->reply_size;
    if (session->reply_size > 0 && rest > 0)
        memmove(input->bytes, input->bytes + session->reply_size, rest);
    byte_buffer_truncate(input, rest);
    session->reply_size = 0;
}

bool client_session_receive(struct client_session *session, crew_slice *reply)
{
    drop_last_reply(session);
    const struct byte_buffer *input = &session->input;
    enum resp_reply_result result = RESP_REPLY_INCOMPLETE;
    if (input->size > 0)
        result = resp_scan_reply(&session->scanner, input->bytes, input->size);
    while (result == RESP_REPLY_INCOMPLETE) {
        enum progress progress = receive_more(session, deadline_from_now(session));
        if (progress != PROGRESS)
            return fail_after(session, progress, errno);
        result = resp_scan_reply(&session->scanner, input->bytes, input->size);
    }
    *reply = (crew_slice){input->bytes, session->scanner.position};
    if (result == RESP_REPLY_MALFORMED)
        return fail(session, "%s sent something that is not a RESP reply%s", session->name,
                    hint(session));
    if (!client_reply_depth_is_allowed(*reply))
        return fail(session, "%s sent a reply nested over %d deep", session->name,
                    CLIENT_REPLY_DEPTH_LIMIT);
    session->answered = true;
    session->reply_size = reply->size;
    session->scanner = (struct resp_scanner){0};
    return true;
}

bool client_session_receive_to_end(struct client_session *session, size_t limit, crew_slice *bytes)
{
    drop_last_reply(session);
    uint64_t deadline_ns = deadline_from_now(session);
    enum progress progress = PROGRESS;
    while (progress == PROGRESS && session->input.size < limit)
        progress = receive_more(session, deadline_ns);
    if (session->input.size == 0 || progress == INTERRUPTED || progress == NO_MEMORY)
        return fail_after(session, progress, errno);
    *bytes = (crew_slice){session->input.bytes,
                          session->input.size < limit ? session->input.size : limit};
    channel_close(&session->channel);
    return true;
}
