/* SPDX-License-Identifier: MIT */
#include "tests/system/wire.h"

#include "common/clock.h"
#include "common/dial.h"
#include "common/resp_reply.h"
#include "tests/system/fixture.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int wire_connect(const char *url)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_SIZE];
    ck_assert_msg(endpoint_parse(url, &endpoint, error), "%s", error);
    int fd = dial(&endpoint, PATIENCE_MS, error);
    ck_assert_msg(fd >= 0, "%s", error);
    return fd;
}

void wire_send(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent >= 0) {
            at += sent;
            size -= (size_t)sent;
            continue;
        }
        ck_assert_msg(errno == EAGAIN || errno == EINTR, "send: %s", strerror(errno));
        ck_assert_msg(wait_for_socket(fd, POLLOUT, PATIENCE_MS), "the server takes no bytes");
    }
}

void wire_send_text(int fd, const char *text)
{
    wire_send(fd, text, strlen(text));
}

/* Reads at least one byte and at most `size`; 0 at the end of the stream. */
static size_t read_some(int fd, char *bytes, size_t size)
{
    for (;;) {
        ssize_t got = recv(fd, bytes, size, 0);
        if (got >= 0)
            return (size_t)got;
        ck_assert_msg(errno == EAGAIN || errno == EINTR, "recv: %s", strerror(errno));
        ck_assert_msg(wait_for_socket(fd, POLLIN, PATIENCE_MS), "the server sends no bytes");
    }
}

void wire_read(int fd, char *bytes, size_t size)
{
    while (size > 0) {
        size_t got = read_some(fd, bytes, size);
        ck_assert_msg(got > 0, "the server closed with %zu bytes still to come", size);
        bytes += got;
        size -= got;
    }
}

void wire_expect(int fd, const char *text)
{
    size_t size = strlen(text);
    char *bytes = malloc(size + 1);
    ck_assert_ptr_nonnull(bytes);
    wire_read(fd, bytes, size);
    bytes[size] = '\0';
    ck_assert_str_eq(bytes, text);
    free(bytes);
}

static void explain_difference(const char *got, const char *wanted, size_t size, size_t offset)
{
    size_t at = 0;
    while (got[at] == wanted[at])
        at++;
    int shown = (int)(size < 400 ? size : 400);
    ck_abort_msg("byte %zu of the reply is wrong: got '%.*s' instead of '%.*s'", offset + at, shown,
                 got, shown, wanted);
}

void wire_expect_bytes(int fd, const void *bytes, size_t size)
{
    const char *wanted = bytes;
    char got[16 * 1024];
    size_t part = 0;
    for (size_t done = 0; done < size; done += part) {
        part = size - done < sizeof(got) ? size - done : sizeof(got);
        wire_read(fd, got, part);
        if (memcmp(got, wanted + done, part) != 0)
            explain_difference(got, wanted + done, part, done);
    }
}

void wire_exchange(int fd, const char *request, const char *reply)
{
    wire_send_text(fd, request);
    wire_expect(fd, reply);
}

void wire_expect_end(int fd)
{
    char byte;
    ck_assert_msg(read_some(fd, &byte, 1) == 0, "the server sent '%c' instead of closing", byte);
}

void wire_read_to_end(int fd, struct byte_buffer *bytes)
{
    char part[4096];
    for (size_t got = read_some(fd, part, sizeof(part)); got > 0;
         got = read_some(fd, part, sizeof(part)))
        byte_buffer_append(bytes, part, got);
    ck_assert(!bytes->failed);
}

size_t wire_read_bulk(int fd, char **text)
{
    char header[24];
    size_t used = 0;
    do {
        ck_assert_msg(used < sizeof(header) - 1, "the reply is no bulk");
        wire_read(fd, header + used, 1);
    } while (header[used++] != '\n');
    header[used] = '\0';
    ck_assert_msg(header[0] == '$' || header[0] == '=', "the reply is no bulk but %s", header);
    size_t size = strtoul(header + 1, NULL, 10);
    *text = malloc(size + 2);
    ck_assert_ptr_nonnull(*text);
    wire_read(fd, *text, size + 2);
    (*text)[size] = '\0';
    return size;
}

void wire_read_reply(int fd, struct byte_buffer *reply)
{
    struct resp_scanner scanner = {0};
    enum resp_reply_result result = RESP_REPLY_INCOMPLETE;
    byte_buffer_truncate(reply, 0);
    /* A byte at a time, so that nothing of the next reply is taken. */
    while (result == RESP_REPLY_INCOMPLETE) {
        char *byte = byte_buffer_extend(reply, 1);
        ck_assert_ptr_nonnull(byte);
        wire_read(fd, byte, 1);
        result = resp_scan_reply(&scanner, reply->bytes, reply->size);
    }
    byte_buffer_append(reply, "", 1);
    ck_assert(!reply->failed);
    byte_buffer_truncate(reply, reply->size - 1);
    ck_assert_msg(result == RESP_REPLY_WHOLE, "this is no reply: '%s'", reply->bytes);
}

double wire_info(int fd, const char *field)
{
    char *text = NULL;
    wire_send_text(fd, "INFO\r\n");
    size_t size = wire_read_bulk(fd, &text);
    char key[80];
    snprintf(key, sizeof(key), "\n%s:", field);
    const char *found = strstr(text, key);
    ck_assert_msg(found != NULL, "INFO has no field %s in %zu bytes", field, size);
    double value = strtod(found + strlen(key), NULL);
    free(text);
    return value;
}

void wire_wait_info(int fd, const char *field, double least)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    double value = 0;
    while ((value = wire_info(fd, field)) < least)
        ck_assert_msg(monotonic_ns() < deadline_ns, "%s stayed at %g, below %g", field, value,
                      least);
}

double wire_wait_us(int fd)
{
    uint64_t started_ns = monotonic_ns();
    ck_assert_msg(wait_for_socket(fd, POLLIN, PATIENCE_MS), "the server sends no bytes");
    return (double)(monotonic_ns() - started_ns) / NS_PER_US;
}
