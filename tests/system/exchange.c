/* SPDX-License-Identifier: MIT */
#include "tests/system/exchange.h"

#include "common/byte_buffer.h"
#include "common/resp_encode.h"
#include "common/words.h"
#include "tests/system/wire.h"

#include <string.h>
#include <unistd.h>

enum {
    ROW_TIMEOUT_S = 120,
    WORDS_LIMIT = 32,
    TRAILING_BYTES = 256 * 1024, /* behind a last request; more than one read takes */
};

enum delivery { WHOLE, BYTE_BY_BYTE, BETWEEN_PINGS, DELIVERIES };

static const char ping[] = "PING\r\n";
static const char pong[] = "+PONG\r\n";

void exchange_send_bytewise(int fd, crew_slice request)
{
    for (size_t i = 0; i < request.size; i++)
        wire_send(fd, request.data + i, 1);
}

void exchange_begin_resp3(int fd)
{
    struct byte_buffer reply = {0};
    wire_send_text(fd, "HELLO 3\r\n");
    wire_read_reply(fd, &reply);
    ck_assert_msg(reply.bytes[0] == '%', "HELLO 3 answers %s", reply.bytes);
    byte_buffer_free(&reply);
}

/* Valid requests that must not run: the server has announced the end before it reads them. */
static void send_trailing(int fd)
{
    struct byte_buffer more = {0};
    while (more.size < TRAILING_BYTES)
        byte_buffer_append_text(&more, ping);
    wire_send(fd, more.bytes, more.size);
    byte_buffer_free(&more);
}

static void check_one(const struct fixture *server, crew_slice request, const struct exchange *row,
                      int version, enum delivery delivery)
{
    crew_slice reply = version == 3 && row->resp3.data != NULL ? row->resp3 : row->resp2;
    int fd = wire_connect(server->url);
    if (version == 3)
        exchange_begin_resp3(fd);
    if (delivery == BYTE_BY_BYTE) {
        exchange_send_bytewise(fd, request);
    } else if (delivery == WHOLE) {
        wire_send(fd, request.data, request.size);
    } else {
        struct byte_buffer all = {0};
        byte_buffer_append_text(&all, ping);
        byte_buffer_append(&all, request.data, request.size);
        byte_buffer_append_text(&all, ping);
        wire_send(fd, all.bytes, all.size);
        byte_buffer_free(&all);
        if (row->ends)
            send_trailing(fd);
        wire_expect(fd, pong);
    }
    wire_expect_bytes(fd, reply.data, reply.size);
    if (row->ends) {
        wire_expect_end(fd);
    } else if (delivery == BETWEEN_PINGS) {
        wire_expect(fd, pong);
    } else {
        wire_exchange(fd, ping, pong); /* nothing is left over, and the connection lives */
    }
    close(fd);
}

static void check_ways(const struct fixture *server, crew_slice request, const struct exchange *row)
{
    for (int version = 2; version <= 3; version++) {
        for (int delivery = WHOLE; delivery < DELIVERIES; delivery++)
            check_one(server, request, row, version, (enum delivery)delivery);
    }
}

/* Appends one line's words as an array of bulks. */
static void encode_line(char *line, size_t size, struct byte_buffer *out)
{
    crew_slice words[WORDS_LIMIT];
    size_t count = 0;
    size_t position = 0;
    while (words_next(line, size, &position, &words[count]) == WORDS_FOUND)
        ck_assert(++count < WORDS_LIMIT);
    resp_encode_request(out, words, count);
}

static void encode_lines(crew_slice lines, struct byte_buffer *out)
{
    struct byte_buffer copy = {0}; /* words are unescaped in place */
    byte_buffer_append(&copy, lines.data, lines.size);
    char *at = copy.bytes;
    char *end = copy.bytes + copy.size;
    while (at < end) {
        char *feed = memchr(at, '\n', (size_t)(end - at));
        ck_assert_ptr_nonnull(feed);
        encode_line(at, (size_t)(feed - at), out);
        at = feed + 1;
    }
    byte_buffer_free(&copy);
}

void exchange_check(const struct fixture *server, const struct exchange *row,
                    enum exchange_form form)
{
    check_ways(server, row->request, row);
    if (form == FORM_BYTES)
        return;
    struct byte_buffer arrays = {0};
    encode_lines(row->request, &arrays);
    ck_assert(!arrays.failed);
    check_ways(server, (crew_slice){arrays.bytes, arrays.size}, row);
    byte_buffer_free(&arrays);
}

void exchange_add_rows(Suite *suite, const struct exchange *rows, size_t count, const TTest *test)
{
    for (size_t i = 0; i < count; i++) {
        TCase *row = tcase_create(rows[i].name);
        tcase_set_timeout(row, ROW_TIMEOUT_S);
        tcase_add_loop_test(row, test, (int)i, (int)i + 1);
        suite_add_tcase(suite, row);
    }
}
