/* SPDX-License-Identifier: MIT */
#include "client/reply.h"

struct client_reply_cursor client_reply_begin(crew_slice reply)
{
    return (struct client_reply_cursor){.at = reply.data, .end = reply.data + reply.size};
}

static struct resp_token take(struct client_reply_cursor *cursor)
{
    struct resp_token token = {.type = RESP_NULL};
    size_t left = (size_t)(cursor->end - cursor->at);
    if (left == 0 || resp_read_token(cursor->at, left, &token) != RESP_REPLY_WHOLE) {
        cursor->at = cursor->end;
        return (struct resp_token){.type = RESP_NULL};
    }
    cursor->at += token.size;
    return token;
}

struct resp_token client_reply_next(struct client_reply_cursor *cursor)
{
    struct resp_token token = take(cursor);
    while (token.type == RESP_ATTRIBUTE) {
        client_reply_skip(cursor, token.values);
        token = take(cursor);
    }
    return token;
}

void client_reply_skip(struct client_reply_cursor *cursor, size_t values)
{
    while (values > 0 && cursor->at < cursor->end) {
        struct resp_token token = client_reply_next(cursor);
        values += token.values;
        values--;
    }
}

bool client_reply_depth_is_allowed(crew_slice reply)
{
    size_t left[CLIENT_REPLY_DEPTH_LIMIT]; /* values still to come, per open aggregate */
    size_t depth = 0;
    struct client_reply_cursor cursor = client_reply_begin(reply);
    while (cursor.at < cursor.end) {
        struct resp_token token = take(&cursor);
        /* An attribute stands before the value that counts. */
        if (depth > 0 && token.type != RESP_ATTRIBUTE)
            left[depth - 1]--;
        if (token.values > 0) {
            if (depth == CLIENT_REPLY_DEPTH_LIMIT)
                return false;
            left[depth++] = token.values;
        }
        while (depth > 0 && left[depth - 1] == 0)
            depth--;
    }
    return true;
}

bool client_reply_type_is_failure(enum resp_type type)
{
    return type == RESP_FAILURE || type == RESP_BULK_FAILURE;
}

enum resp_type client_reply_type(crew_slice reply)
{
    struct client_reply_cursor cursor = client_reply_begin(reply);
    return client_reply_next(&cursor).type;
}
