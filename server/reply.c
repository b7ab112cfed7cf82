/* SPDX-License-Identifier: MIT */
#include "server/reply.h"

#include "common/log.h"
#include "common/resp_encode.h"
#include "server/call.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_TEXT_LIMIT = 512 };

void reply_begin(struct reply *reply, struct byte_buffer *out, enum reply_codec codec, size_t limit)
{
    *reply = (struct reply){
        .out = out, .codec = codec, .start = out->size, .limit = limit, .outstanding = 1};
}

bool reply_end(struct reply *reply, const char *command)
{
    bool too_large = reply->too_large || reply->out->size - reply->start > reply->limit;
    if (reply->outstanding == 0 && !reply->overrun && !reply->out->failed && !too_large)
        return true;
    bool out_of_memory = reply->out->failed;
    byte_buffer_truncate(reply->out, reply->start);
    reply_begin(reply, reply->out, reply->codec, reply->limit);
    if (out_of_memory) {
        reply_error(reply, "ERR out of memory");
    } else if (too_large) {
        reply_error(reply, "ERR reply exceeds max-output-bytes");
    } else {
        log_write(LOG_LEVEL_ERROR, "bad_handler", "command=%s reason=\"not exactly one reply\"",
                  command);
        reply_error(reply, "ERR internal error: the handler did not write exactly one reply");
    }
    return !reply->out->failed;
}

/* Counts a value that announces `values` more; false when none is due. */
static bool count_value(struct reply *reply, size_t values)
{
    if (reply->outstanding == 0 || values > SIZE_MAX - reply->outstanding) {
        reply->overrun = true;
        return false;
    }
    reply->outstanding += values - 1;
    return true;
}

static void write_line(struct reply *reply, char type, const char *text, size_t size)
{
    if (reply->codec == REPLY_RAW)
        byte_buffer_append(reply->out, text, size);
    else
        resp_encode_line(reply->out, type, text, size);
}

static void write_head(struct reply *reply, char type, size_t number)
{
    if (reply->codec != REPLY_RAW)
        resp_encode_number(reply->out, type, (int64_t)number);
}

void reply_error(struct reply *reply, const char *text)
{
    if (!count_value(reply, 0))
        return;
    reply->is_error = true;
    write_line(reply, '-', text, strlen(text));
}

void crew_reply_error(crew_call *call, const char *format, ...)
{
    char text[ERROR_TEXT_LIMIT];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    reply_error(&call->reply, size >= 0 ? text : "ERR unprintable error");
}

void crew_reply_status(crew_call *call, const char *text)
{
    if (count_value(&call->reply, 0))
        write_line(&call->reply, '+', text, strlen(text));
}

void crew_reply_integer(crew_call *call, int64_t value)
{
    struct reply *reply = &call->reply;
    if (!count_value(reply, 0))
        return;
    if (reply->codec == REPLY_RAW)
        byte_buffer_printf(reply->out, "%" PRId64, value);
    else
        resp_encode_number(reply->out, ':', value);
}

char *crew_reply_bulk_space(crew_call *call, size_t size)
{
    struct reply *reply = &call->reply;
    size_t framing = reply->codec == REPLY_RAW ? 0 : 2;
    if (!count_value(reply, 0))
        return NULL;
    if (size > reply->limit) { /* before memory is taken for it */
        reply->too_large = true;
        return NULL;
    }
    write_head(reply, '$', size);
    char *space = byte_buffer_extend(reply->out, size + framing);
    if (space != NULL && framing > 0)
        memcpy(space + size, "\r\n", framing);
    return space;
}

void crew_reply_bulk(crew_call *call, const void *data, size_t size)
{
    char *space = crew_reply_bulk_space(call, size);
    if (space != NULL && size > 0)
        memcpy(space, data, size);
}

void crew_reply_text(crew_call *call, const char *text)
{
    crew_reply_bulk(call, text, strlen(text));
}

void crew_reply_verbatim(crew_call *call, const char *data, size_t size)
{
    static const char format[] = "txt:";
    struct reply *reply = &call->reply;
    if (reply->codec != REPLY_RESP3) {
        crew_reply_bulk(call, data, size);
        return;
    }
    if (!count_value(reply, 0))
        return;
    write_head(reply, '=', size + sizeof(format) - 1);
    byte_buffer_append(reply->out, format, sizeof(format) - 1);
    byte_buffer_append(reply->out, data, size);
    byte_buffer_append(reply->out, "\r\n", 2);
}

void crew_reply_null(crew_call *call)
{
    struct reply *reply = &call->reply;
    if (!count_value(reply, 0))
        return;
    if (reply->codec == REPLY_RESP3)
        byte_buffer_append_text(reply->out, "_\r\n");
    else if (reply->codec == REPLY_RESP2)
        byte_buffer_append_text(reply->out, "$-1\r\n");
}

void crew_reply_array(crew_call *call, size_t count)
{
    if (count_value(&call->reply, count))
        write_head(&call->reply, '*', count);
}

void crew_reply_map(crew_call *call, size_t pairs)
{
    struct reply *reply = &call->reply;
    if (!count_value(reply, pairs <= SIZE_MAX / 2 ? pairs * 2 : SIZE_MAX))
        return;
    if (reply->codec == REPLY_RESP3)
        write_head(reply, '%', pairs);
    else
        write_head(reply, '*', pairs * 2);
}
