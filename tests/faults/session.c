/* SPDX-License-Identifier: MIT */
#include "tests/faults/session.h"

#include "common/byte_buffer.h"
#include "common/dial.h"
#include "common/resp_reply.h"
#include "tests/system/fixture.h"
#include "tests/system/wire.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BIG_ECHO = 300 * 1024,
    BIG_REPLY = 3 * 1024 * 1024,
    PIPELINED = 50,
    UNREAD = 30, /* ECHOs of UNREAD_SIZE, each before a slow command, more than a socket holds */
    UNREAD_SIZE = 20 * 1000,
    STALLED_MS = 5, /* then the server waits for its replies to be read */
    LONG_WORD = 200,
};

struct session {
    const struct session_urls *urls;
    int fd; /* -1: the server has closed */
    struct byte_buffer in;
    size_t taken; /* of `in`: replies that were judged */
    bool faults_allowed;
    struct session_result *result;
};

static void closed(struct session *session)
{
    ck_assert_msg(session->faults_allowed, "the server closed the connection");
    session->result->closed++;
    close(session->fd);
    session->fd = -1;
}

static void begin(struct session *session, const char *url)
{
    session->fd = wire_connect(url);
    session->taken = 0;
    byte_buffer_truncate(&session->in, 0);
}

static void end(struct session *session)
{
    if (session->fd >= 0)
        close(session->fd);
    session->fd = -1;
}

/* Reads what is there, after waiting for it; false at the end of the connection. */
static bool read_more(struct session *session)
{
    enum { PART = 256 * 1024 };
    char *room = byte_buffer_extend(&session->in, PART);
    ck_assert_ptr_nonnull(room);
    byte_buffer_truncate(&session->in, session->in.size - PART);
    ssize_t got = -1;
    do {
        ck_assert_msg(wait_for_socket(session->fd, POLLIN, PATIENCE_MS), "a reply does not come");
        got = recv(session->fd, room, PART, 0);
    } while (got < 0 && (errno == EAGAIN || errno == EINTR));
    if (got > 0)
        (void)byte_buffer_extend(&session->in, (size_t)got);
    return got > 0;
}

/* Sends all, unless the server closes meanwhile; reads too, so that neither waits for the other. */
static void say(struct session *session, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (session->fd >= 0 && size > 0) {
        ssize_t sent = send(session->fd, at, size, MSG_NOSIGNAL);
        if (sent > 0) {
            at += sent;
            size -= (size_t)sent;
        } else if (errno != EAGAIN ||
                   (!wait_for_socket(session->fd, POLLOUT, STALLED_MS) && !read_more(session))) {
            break; /* closed: what it had sent before can be read */
        }
    }
}

static void say_text(struct session *session, const char *text)
{
    say(session, text, strlen(text));
}

/* The next whole reply and its size; NULL when the server has closed before. */
static const char *next_reply(struct session *session, size_t *size)
{
    struct resp_scanner scanner = {0};
    enum resp_reply_result found = RESP_REPLY_INCOMPLETE;
    while (session->fd >= 0) {
        if (session->in.size > session->taken)
            found = resp_scan_reply(&scanner, session->in.bytes + session->taken,
                                    session->in.size - session->taken);
        if (found != RESP_REPLY_INCOMPLETE) {
            ck_assert_msg(found == RESP_REPLY_WHOLE, "this is no reply: %.200s",
                          session->in.bytes + session->taken);
            const char *reply = session->in.bytes + session->taken;
            *size = scanner.position;
            session->taken += scanner.position;
            return reply;
        }
        if (!read_more(session))
            closed(session);
    }
    return NULL;
}

/* A reply must begin with `wanted`, and be no longer if `whole`. */
static void hear(struct session *session, const char *wanted, size_t wanted_size, bool whole)
{
    size_t size = 0;
    const char *reply = next_reply(session, &size);
    if (reply == NULL)
        return;
    bool right = size >= wanted_size && memcmp(reply, wanted, wanted_size) == 0 &&
                 (!whole || size == wanted_size);
    if (right) {
        session->result->right++;
        return;
    }
    ck_assert_msg(session->faults_allowed && reply[0] == '-', "the reply is '%.*s', not '%.*s'",
                  (int)(size < 200 ? size : 200), reply,
                  (int)(wanted_size < 200 ? wanted_size : 200), wanted);
    session->result->errors++;
}

static void hear_text(struct session *session, const char *wanted)
{
    hear(session, wanted, strlen(wanted), true);
}

static void hear_begin(struct session *session, const char *wanted)
{
    hear(session, wanted, strlen(wanted), false);
}

static void ask(struct session *session, const char *request, const char *reply)
{
    say_text(session, request);
    hear_text(session, reply);
}

/* ---- the script ---- */

/* Appends an ECHO and says where its bulk, which is also the reply, begins. */
static size_t add_echo(struct byte_buffer *request, size_t size, unsigned mark)
{
    byte_buffer_append_text(request, "*2\r\n$4\r\nECHO\r\n");
    size_t start = request->size;
    byte_buffer_printf(request, "$%zu\r\n%0*u\r\n", size, (int)size, mark);
    ck_assert(!request->failed);
    return start;
}

static void pipeline(struct session *session)
{
    struct byte_buffer requests = {0};
    begin(session, session->urls->tcp);
    ask(session, "PING\r\n", "+PONG\r\n");
    for (unsigned i = 0; i < PIPELINED; i++)
        (void)add_echo(&requests, 10, i);
    say(session, requests.bytes, requests.size);
    for (unsigned i = 0; i < PIPELINED; i++) {
        char reply[32];
        snprintf(reply, sizeof(reply), "$10\r\n%010u\r\n", i);
        hear_text(session, reply);
    }
    end(session);
    byte_buffer_free(&requests);
}

static void serve_somebody_else(const struct session *session)
{
    struct session other = {.urls = session->urls,
                            .faults_allowed = session->faults_allowed,
                            .result = session->result};
    begin(&other, session->urls->tcp);
    ask(&other, "ECHO between\r\n", "$7\r\nbetween\r\n");
    end(&other);
    byte_buffer_free(&other.in);
}

/* A request that grows the buffers, in two parts between which others are served. */
static void big_echo_in_parts(struct session *session)
{
    struct byte_buffer request = {0};
    size_t start = add_echo(&request, BIG_ECHO, 7);
    begin(session, session->urls->tcp);
    say(session, request.bytes, request.size / 2);
    serve_somebody_else(session);
    say(session, request.bytes + request.size / 2, request.size - request.size / 2);
    hear(session, request.bytes + start, request.size - start, true);
    ask(session, "ECHO after\r\n", "$5\r\nafter\r\n");
    say_text(session, "*3\r\n$4\r\nECHO\r\n$1000\r\nnever finished");
    end(session);
    byte_buffer_free(&request);
}

/* Rests of many replies, which are copied. */
static void many_unread_replies(struct session *session)
{
    struct byte_buffer request = {0};
    size_t start = add_echo(&request, UNREAD_SIZE, 9);
    size_t end_of_echo = request.size;
    byte_buffer_append_text(&request, "WORK SLEEP 0\r\n");
    begin(session, session->urls->local);
    for (int i = 0; i < UNREAD; i++)
        say(session, request.bytes, request.size);
    serve_somebody_else(session);
    for (int i = 0; i < UNREAD; i++) {
        hear(session, request.bytes + start, end_of_echo - start, true);
        hear_text(session, "+OK\r\n");
    }
    ask(session, "QUIT\r\n", "+OK\r\n");
    end(session);
    byte_buffer_free(&request);
}

/* Rests of large replies, which are handed over. */
static void large_unread_replies(struct session *session)
{
    char wanted[64];
    begin(session, session->urls->local);
    snprintf(wanted, sizeof(wanted), "WORK REPLY %d\r\nWORK REPLY %d\r\n", BIG_REPLY, BIG_REPLY);
    say_text(session, wanted);
    serve_somebody_else(session);
    snprintf(wanted, sizeof(wanted), "$%d\r\nxxxxxxxx", BIG_REPLY);
    hear_begin(session, wanted);
    hear_begin(session, wanted);
    ask(session, "ECHO after\r\n", "$5\r\nafter\r\n");
    end(session);
}

static void administration(struct session *session)
{
    char words[4 * LONG_WORD + 16];
    begin(session, session->urls->tcp);
    ask(session, "CLIENT SETNAME somebody\r\n", "+OK\r\n");
    ask(session, "CLIENT SETINFO LIB-NAME library\r\n", "+OK\r\n");
    say_text(session, "CLIENT GETNAME\r\nINFO\r\nCLIENT LIST\r\nCOMMAND DOCS\r\nCONFIG GET *\r\n");
    size_t size = 0;
    const char *name = next_reply(session, &size);
    /* The name may be missing, when setting it had failed, but must not be another. */
    if (name != NULL)
        ck_assert_msg(memcmp(name, "$8\r\nsomebody\r\n", size) == 0 ||
                          (session->faults_allowed && strncmp(name, "$-1\r\n", size) == 0) ||
                          (session->faults_allowed && name[0] == '-'),
                      "the name is '%.*s'", (int)size, name);
    hear_begin(session, "$");
    hear_begin(session, "$");
    hear_begin(session, "*");
    hear_begin(session, "*");
    say_text(session, "HELLO 3 SETNAME another\r\nINFO\r\n");
    hear_begin(session, "%");
    say_text(session, "ECHO between\r\n");
    size = 0;
    const char *info = next_reply(session, &size);
    if (info != NULL)
        ck_assert_msg(info[0] == '=' || (session->faults_allowed && strchr("-$", info[0]) != NULL),
                      "INFO answers '%.40s'", info);
    hear_text(session, "$7\r\nbetween\r\n");
    snprintf(words, sizeof(words), "%0*d %0*d %0*d %0*d\r\n", LONG_WORD, 1, LONG_WORD, 2, LONG_WORD,
             3, LONG_WORD, 4);
    say_text(session, words);
    hear_begin(session, "-ERR ");
    end(session);
}

static void bad_bytes(struct session *session)
{
    begin(session, session->urls->tcp);
    ask(session, "PING\r\n", "+PONG\r\n");
    say_text(session, "*x\r\n");
    hear_begin(session, "-ERR Protocol error");
    end(session);
}

/* Any bytes in, the bytes back and the end; all of it or nothing. */
static void raw_exchange(struct session *session)
{
    static const char text[] = "any bytes";
    begin(session, session->urls->raw);
    say_text(session, text);
    while (read_more(session)) {
    }
    size_t size = session->in.size;
    bool right = size == sizeof(text) - 1 && memcmp(session->in.bytes, text, size) == 0;
    ck_assert_msg(right || (session->faults_allowed &&
                            (size == 0 || strncmp(session->in.bytes, "ERR", 3) == 0)),
                  "the raw reply is '%.*s'", (int)size, session->in.bytes);
    session->result->right += right;
    session->result->errors += !right;
    end(session);
}

void session_run(const struct session_urls *urls, bool faults_allowed,
                 struct session_result *result)
{
    *result = (struct session_result){0};
    struct session session = {.urls = urls, .faults_allowed = faults_allowed, .result = result};
    pipeline(&session);
    big_echo_in_parts(&session);
    many_unread_replies(&session);
    large_unread_replies(&session);
    administration(&session);
    bad_bytes(&session);
    raw_exchange(&session);
    byte_buffer_free(&session.in);
}
