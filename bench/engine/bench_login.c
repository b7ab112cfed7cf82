/* SPDX-License-Identifier: MIT */
#include "bench/engine/bench_login.h"

#include "common/byte_buffer.h"
#include "common/clock.h"
#include "common/dial.h"
#include "common/password_variable.h"
#include "common/resp_encode.h"
#include "common/tls_client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 256 };

/* What a server says first is one line. */
struct answer {
    char line[LINE_SIZE];
    size_t size;
    bool ended; /* amid the line, or before it */
};

/* Reads the line that answers. */
static bool read_line(struct channel *channel, struct answer *answer, uint64_t deadline_ns)
{
    char *line = answer->line;
    while (answer->size < LINE_SIZE - 1 && memchr(line, '\n', answer->size) == NULL) {
        ssize_t got = channel_receive(channel, line + answer->size, LINE_SIZE - 1 - answer->size);
        answer->ended = got == 0;
        if (got > 0)
            answer->size += (size_t)got;
        else if (got == 0 || errno != EAGAIN ||
                 !wait_for_socket(channel->fd, channel_events(channel, POLLIN),
                                  milliseconds_left(deadline_ns)))
            return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static bool send_password(struct channel *channel, const char *password)
{
    struct byte_buffer request = {0};
    const crew_slice words[] = {{"AUTH", 4}, {password, strlen(password)}};
    resp_encode_request(&request, words, 2);
    /* A socket that is fresh takes a short request whole. */
    bool sent = !request.failed &&
                channel_send(channel, request.bytes, request.size) == (ssize_t)request.size;
    if (request.bytes != NULL)
        explicit_bzero(request.bytes, request.size);
    byte_buffer_free(&request);
    return sent;
}

bool bench_log_in(struct channel *channel, const struct endpoint *server, int timeout_ms,
                  char error[BENCH_ERROR_SIZE])
{
    const char *password = getenv(PASSWORD_VARIABLE);
    if (password == NULL || password[0] == '\0')
        return true;
    struct answer answer = {0};
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    if (!send_password(channel, password) || !read_line(channel, &answer, deadline_ns)) {
        snprintf(error, BENCH_ERROR_SIZE, "there was no answer to the password%s",
                 answer.ended ? tls_client_plain_hint(server, answer.line, answer.size) : "");
        return false;
    }
    /* Servers without a password say so in an error that begins like this. */
    if (strcmp(answer.line, "+OK") == 0 ||
        strncmp(answer.line, "-ERR AUTH <password> called without", 35) == 0)
        return true;
    snprintf(error, BENCH_ERROR_SIZE, "the password of " PASSWORD_VARIABLE ": %.200s", answer.line);
    return false;
}

bool bench_login_is_due(const char *reply, size_t size)
{
    static const char code[] = "-NOAUTH ";
    return size >= sizeof(code) - 1 && memcmp(reply, code, sizeof(code) - 1) == 0;
}
