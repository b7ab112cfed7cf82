/* SPDX-License-Identifier: MIT */
#include "tests/soak/history.h"

#include "tests/soak/token.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 48 }; /* bytes of a wrong reply in a message */

static const char too_many[] = "-ERR max number of clients reached\r\n";
static const char overloaded[] = "-OVERLOADED";

static struct history_request *request_at(struct history *history, uint64_t number)
{
    return &history->requests[number % HISTORY_DEEPEST];
}

__attribute__((format(printf, 2, 3))) static void note(struct history_totals *totals,
                                                       const char *format, ...)
{
    if (totals->breaches++ > 0)
        return;
    va_list values;
    va_start(values, format);
    vsnprintf(totals->first_breach, sizeof(totals->first_breach), format, values);
    va_end(values);
}

void history_breach(struct history *history, const char *what)
{
    if (history->broken)
        return;
    history->broken = true;
    note(history->totals,
         "connection %" PRIu64 ", request %" PRIu64 " of %" PRIu64 " sent whole: %s",
         history->connection, history->answered, history->whole, what);
}

void history_begin(struct history *history, struct history_totals *totals, uint64_t connection)
{
    *history = (struct history){.totals = totals, .connection = connection};
}

bool history_has_room(const struct history *history)
{
    return history->begun - history->answered < HISTORY_DEEPEST;
}

uint64_t history_next(const struct history *history)
{
    return history->begun;
}

void history_request(struct history *history, const struct history_request *request)
{
    assert(history_has_room(history) && request->bytes > 0);
    *request_at(history, history->begun++) = *request;
}

void history_sent(struct history *history, size_t bytes)
{
    history->part_sent += bytes;
    while (history->whole < history->begun) {
        size_t wanted = request_at(history, history->whole)->bytes;
        if (history->part_sent < wanted)
            return;
        history->part_sent -= wanted;
        history->whole++;
        history->totals->sent++;
    }
}

void history_half_close(struct history *history)
{
    history->half_closed = true;
}

void history_stop(struct history *history, size_t on_their_way)
{
    history->stopping = true;
    history->due_at_stop = history->whole;
    size_t behind = history->part_sent; /* bytes behind the last one that is due */
    while (behind < on_their_way && history->due_at_stop > history->answered)
        behind += request_at(history, --history->due_at_stop)->bytes;
}

bool history_settled(const struct history *history)
{
    return history->answered == history->begun || history->broken || history->ended;
}

bool history_inside_reply(const struct history *history)
{
    return history->reply.size > 0;
}

/* Whether a whole reply stands at the front of what came, and how long it is. */
static bool begins_with(const char *bytes, size_t size, const char *text)
{
    size_t length = strlen(text);
    return size >= length && memcmp(bytes, text, length) == 0;
}

/* An error's text alone is what a raw listener sends. */
static bool is_overloaded(const struct history_request *request, const char *bytes, size_t size)
{
    return begins_with(bytes, size, request->reply == HISTORY_BYTES ? overloaded + 1 : overloaded);
}

static enum resp_reply_result front_reply(struct history *history, size_t *size)
{
    const struct history_request *request = request_at(history, history->answered);
    if (history->answered < history->begun && request->reply == HISTORY_BYTES &&
        history->reply.bytes[0] != RESP_FAILURE) {
        const struct byte_buffer *reply = &history->reply;
        bool refused = is_overloaded(request, reply->bytes, reply->size);
        *size = refused ? reply->size : strlen(request->text); /* it is sent in one piece */
        return history->reply.size < *size ? RESP_REPLY_INCOMPLETE : RESP_REPLY_WHOLE;
    }
    enum resp_reply_result result =
        resp_scan_reply(&history->scanner, history->reply.bytes, history->reply.size);
    *size = history->scanner.position;
    if (result == RESP_REPLY_WHOLE)
        history->scanner = (struct resp_scanner){0};
    return result;
}

static bool is_token(const struct history *history, size_t payload, const char *bytes, size_t size)
{
    char head[32];
    size_t length = (size_t)snprintf(head, sizeof(head), "$%zu\r\n", payload);
    return size == length + payload + 2 && memcmp(bytes, head, length) == 0 &&
           memcmp(bytes + size - 2, "\r\n", 2) == 0 &&
           token_matches(history->connection, history->answered, bytes + length, payload);
}

static bool is_right(const struct history *history, const struct history_request *request,
                     const char *bytes, size_t size)
{
    switch (request->reply) {
    case HISTORY_TOKEN:
        return is_token(history, request->size, bytes, size);
    case HISTORY_TEXT:
    case HISTORY_BYTES:
        return size == strlen(request->text) && memcmp(bytes, request->text, size) == 0;
    case HISTORY_FAILURE:
        return begins_with(bytes, size, request->text);
    case HISTORY_ANY:
        return bytes[0] != RESP_FAILURE && bytes[0] != RESP_BULK_FAILURE;
    }
    return false;
}

static void describe_wrong(struct history *history, const struct history_request *request,
                           const char *bytes, size_t size)
{
    char text[HISTORY_TEXT_SIZE];
    int shown = size < SHOWN ? (int)size : SHOWN;
    if (request->reply == HISTORY_TOKEN)
        snprintf(text, sizeof(text), "'%.*s' (%zu bytes) instead of its token of %zu bytes", shown,
                 bytes, size, request->size);
    else
        snprintf(text, sizeof(text), "'%.*s' (%zu bytes) instead of '%.60s'", shown, bytes, size,
                 request->reply == HISTORY_ANY ? "any reply but an error" : request->text);
    history_breach(history, text);
}

/* What it may be told that has not logged in: an error, or that it has not now either. */
static bool shows_a_user(const char *bytes, size_t size)
{
    return bytes[0] != RESP_FAILURE && !begins_with(bytes, size, "+RESET\r\n");
}

static void accept_reply(struct history *history, const struct history_request *request,
                         bool refused)
{
    history->ended = request->ends && (!refused || request->reply == HISTORY_BYTES);
    history->totals->answered += !refused;
    history->totals->refused += refused;
    if (request->counted && !refused) {
        history->totals->executed_least++;
        history->totals->executed_most++;
    }
    history->answered++;
}

/* Judges one whole reply. */
static void check_reply(struct history *history, const char *bytes, size_t size)
{
    if (history->lenient && bytes[0] == RESP_FAILURE)
        return;
    if (!history->is_user && begins_with(bytes, size, too_many)) {
        history->turned_away = true;
        history->ended = true;
        return;
    }
    if (history->answered == history->begun) {
        history_breach(history, "a reply that no request asked for");
        return;
    }
    history->is_user |= shows_a_user(bytes, size);
    const struct history_request *request = request_at(history, history->answered);
    /* What is wrong with a request may show before its end, and to a raw listener any bytes do. */
    bool may_be_early = request->reply == HISTORY_FAILURE || request->reply == HISTORY_BYTES;
    if (history->answered == history->whole && !may_be_early)
        history_breach(history, "answered before it was sent whole");
    else if (is_overloaded(request, bytes, size))
        accept_reply(history, request, true);
    else if (is_right(history, request, bytes, size))
        accept_reply(history, request, false);
    else
        describe_wrong(history, request, bytes, size);
}

static void drop_front(struct byte_buffer *buffer, size_t size)
{
    memmove(buffer->bytes, buffer->bytes + size, buffer->size - size);
    byte_buffer_truncate(buffer, buffer->size - size);
}

void history_received(struct history *history, const char *bytes, size_t size)
{
    byte_buffer_append(&history->reply, bytes, size);
    if (history->reply.failed)
        history_breach(history, "no memory for its reply here");
    size_t taken = 0;
    while (!history->broken && history->reply.size > 0) {
        if (history->ended) {
            history_breach(history, "bytes after the last reply");
            return;
        }
        switch (front_reply(history, &taken)) {
        case RESP_REPLY_WHOLE:
            check_reply(history, history->reply.bytes, taken);
            drop_front(&history->reply, taken);
            break;
        case RESP_REPLY_INCOMPLETE:
            return;
        case RESP_REPLY_MALFORMED:
            history_breach(history, "what came is no reply");
            return;
        }
    }
}

void history_let_in(struct history *history)
{
    history->let_in = true;
}

/*
 * Whether there was no place for this client, although no reply told it so: raw clients are sent
 * none, not even at a stop, nor are those of tls://, and a text can be lost to the reset.
 */
static bool turned_away_unheard(const struct history *history, enum history_end how)
{
    if (history->answered > 0 || history->half_closed || history->let_in)
        return false;
    return history->wordless || (how == HISTORY_RESET && !history->stopping);
}

/* The server closed, or reset, the connection: whether it had a reason. */
static void judge_close(struct history *history, enum history_end how)
{
    if (history->ended || history->lenient)
        return;
    if (history->reply.size > 0)
        history_breach(history, "the connection ended inside the reply");
    else if (turned_away_unheard(history, how))
        history->turned_away = true;
    else if (history->stopping && history->answered < history->due_at_stop)
        history_breach(history, "unanswered, although it was there whole before the stop");
    else if (history->stopping)
        return;
    else if (how == HISTORY_RESET)
        history_breach(history, "the connection was reset");
    else if (!history->half_closed)
        history_breach(history, "the server closed the connection without a reason");
    else if (history->answered < history->whole)
        history_breach(history, "unanswered at the end of a half-closed connection");
}

void history_end(struct history *history, enum history_end how)
{
    struct history_totals *totals = history->totals;
    if (how != HISTORY_LEFT && !history->broken)
        judge_close(history, how);
    totals->connections++;
    totals->turned_away += history->turned_away;
    for (uint64_t i = history->answered; i < history->whole; i++) {
        totals->unanswered++;
        /* Behind a last reply nothing runs. */
        totals->executed_most +=
            request_at(history, i)->counted && !history->ended && !history->turned_away;
    }
    byte_buffer_free(&history->reply);
}

void history_add(struct history_totals *sum, const struct history_totals *from)
{
    sum->connections += from->connections;
    sum->sent += from->sent;
    sum->answered += from->answered;
    sum->refused += from->refused;
    sum->turned_away += from->turned_away;
    sum->unanswered += from->unanswered;
    sum->executed_least += from->executed_least;
    sum->executed_most += from->executed_most;
    if (sum->breaches == 0)
        memcpy(sum->first_breach, from->first_breach, sizeof(sum->first_breach));
    sum->breaches += from->breaches;
}

bool history_check_executed(struct history_totals *sum, const char *command, uint64_t calls)
{
    if (calls >= sum->executed_least && calls <= sum->executed_most)
        return true;
    note(sum,
         "the server ran %s %" PRIu64 " times; the clients account for %" PRIu64 " to %" PRIu64,
         command, calls, sum->executed_least, sum->executed_most);
    return false;
}
