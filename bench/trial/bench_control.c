/* SPDX-License-Identifier: MIT */
#include "bench/trial/bench_control.h"

#include "common/clock.h"
#include "common/dial.h"
#include "common/resp_encode.h"
#include "common/resp_reply.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORD_LIMIT = 8, READ_SIZE = 16 * 1024 };

bool bench_control_open(struct bench_control *control, const struct endpoint *target,
                        int timeout_ms, char error[BENCH_ERROR_SIZE])
{
    *control = (struct bench_control){.timeout_ms = timeout_ms};
    control->fd = dial(target, timeout_ms, error);
    return control->fd >= 0;
}

void bench_control_close(struct bench_control *control)
{
    if (control->fd >= 0)
        close(control->fd);
    control->fd = -1;
    byte_buffer_free(&control->request);
    byte_buffer_free(&control->reply);
}

static void encode(struct byte_buffer *out, const char *command)
{
    crew_slice words[WORD_LIMIT];
    size_t count = 0;
    for (const char *at = command; count < WORD_LIMIT && *at != '\0'; count++) {
        words[count] = (crew_slice){at, strcspn(at, " ")};
        at += words[count].size;
        at += *at == ' ' ? 1 : 0;
    }
    byte_buffer_truncate(out, 0);
    resp_encode_request(out, words, count);
}

/* Returns 0 or an errno value. */
static int send_request(const struct bench_control *control, uint64_t deadline_ns)
{
    const char *at = control->request.bytes;
    size_t left = control->request.size;
    while (left > 0) {
        ssize_t sent = send(control->fd, at, left, MSG_NOSIGNAL);
        if (sent > 0) {
            at += sent;
            left -= (size_t)sent;
        } else if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            return errno;
        } else if (!wait_for_socket(control->fd, POLLOUT, milliseconds_left(deadline_ns))) {
            return ETIMEDOUT;
        }
    }
    return 0;
}

/* Adds what has come to `reply`; returns 0 or an errno value. */
static int receive_more(struct bench_control *control, uint64_t deadline_ns)
{
    if (!wait_for_socket(control->fd, POLLIN, milliseconds_left(deadline_ns)))
        return ETIMEDOUT;
    size_t before = control->reply.size;
    char *space = byte_buffer_extend(&control->reply, READ_SIZE);
    if (space == NULL)
        return ENOMEM;
    ssize_t received = recv(control->fd, space, READ_SIZE, 0);
    int reason = received < 0 ? errno : received == 0 ? ECONNRESET : 0;
    byte_buffer_truncate(&control->reply, before + (received > 0 ? (size_t)received : 0));
    return reason == EAGAIN || reason == EWOULDBLOCK || reason == EINTR ? 0 : reason;
}

static bool fail(const char *command, const char *reason, char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "%s: %.1000s", command, reason);
    return false;
}

bool bench_control_ask(struct bench_control *control, const char *command, const char **text,
                       char error[BENCH_ERROR_SIZE])
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)control->timeout_ms * NS_PER_MS;
    encode(&control->request, command);
    byte_buffer_truncate(&control->reply, 0);
    int reason = control->request.failed ? ENOMEM : send_request(control, deadline_ns);
    struct resp_scanner scanner = {0};
    enum resp_reply_result result = RESP_REPLY_INCOMPLETE;
    while (reason == 0 && result == RESP_REPLY_INCOMPLETE) {
        reason = receive_more(control, deadline_ns);
        if (reason == 0)
            result = resp_scan_reply(&scanner, control->reply.bytes, control->reply.size);
    }
    if (reason != 0)
        return fail(command, strerror(reason), error);
    struct resp_token token;
    if (result != RESP_REPLY_WHOLE ||
        resp_read_token(control->reply.bytes, control->reply.size, &token) != RESP_REPLY_WHOLE)
        return fail(command, "the reply is not RESP", error);
    /* A scalar is followed by its CRLF, which gives way to the terminator. */
    char *value = control->reply.bytes + (token.text - control->reply.bytes);
    value[token.text_size] = '\0';
    *text = value;
    return token.type != RESP_FAILURE || fail(command, value, error);
}
