/* SPDX-License-Identifier: MIT */
#include "bench/engine/bench_dial.h"

#include "common/byte_buffer.h"
#include "common/clock.h"
#include "common/dial.h"
#include "common/resp_encode.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_SIZE = 256 };

/* Reads the line that answers; what a server says first is one line. */
static bool read_line(int fd, char line[LINE_SIZE], uint64_t deadline_ns)
{
    size_t size = 0;
    while (size < LINE_SIZE - 1 && memchr(line, '\n', size) == NULL) {
        uint64_t now_ns = monotonic_ns();
        int left_ms = now_ns < deadline_ns ? (int)((deadline_ns - now_ns) / NS_PER_MS) : 0;
        if (!wait_for_socket(fd, POLLIN, left_ms))
            return false;
        ssize_t got = recv(fd, line + size, LINE_SIZE - 1 - size, 0);
        if (got > 0)
            size += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static bool send_password(int fd, const char *password)
{
    struct byte_buffer request = {0};
    const crew_slice words[] = {{"AUTH", 4}, {password, strlen(password)}};
    resp_encode_request(&request, words, 2);
    /* A socket that is fresh takes a short request whole. */
    bool sent = !request.failed &&
                send(fd, request.bytes, request.size, MSG_NOSIGNAL) == (ssize_t)request.size;
    if (request.bytes != NULL)
        explicit_bzero(request.bytes, request.size);
    byte_buffer_free(&request);
    return sent;
}

static bool log_in(int fd, const char *password, int timeout_ms, char *error)
{
    char line[LINE_SIZE] = "";
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    if (!send_password(fd, password) || !read_line(fd, line, deadline_ns)) {
        snprintf(error, BENCH_ERROR_SIZE, "there was no answer to the password");
        return false;
    }
    /* Servers without a password say so in an error that begins like this. */
    if (strcmp(line, "+OK") == 0 || strncmp(line, "-ERR AUTH <password> called without", 35) == 0)
        return true;
    snprintf(error, BENCH_ERROR_SIZE, "the password of " BENCH_PASSWORD_VARIABLE ": %.200s", line);
    return false;
}

int bench_dial(const struct endpoint *target, int timeout_ms, char error[BENCH_ERROR_SIZE])
{
    const char *password = getenv(BENCH_PASSWORD_VARIABLE);
    int fd = dial(target, timeout_ms, error);
    bool asked = password != NULL && password[0] != '\0' && target->scheme != ENDPOINT_RAW;
    if (fd < 0 || !asked || log_in(fd, password, timeout_ms, error))
        return fd;
    close(fd);
    return -1;
}
