/* SPDX-License-Identifier: MIT */
#include "client/json.h"

#include "common/json_string.h"

#include <stdint.h>
#include <string.h>

/* ---- numbers ---- */

static size_t skip_digits(const char *text, size_t size, size_t at)
{
    while (at < size && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

/* Whether the text is a number in JSON's grammar; RESP's doubles may also be "inf" or ".5". */
static bool is_number(const char *text, size_t size)
{
    size_t at = size > 0 && text[0] == '-' ? 1 : 0;
    size_t start = at;
    at = skip_digits(text, size, at);
    if (at == start || (text[start] == '0' && at > start + 1))
        return false;
    if (at < size && text[at] == '.') {
        start = ++at;
        at = skip_digits(text, size, at);
        if (at == start)
            return false;
    }
    if (at < size && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < size && (text[at] == '+' || text[at] == '-'))
            at++;
        start = at;
        at = skip_digits(text, size, at);
        if (at == start)
            return false;
    }
    return at == size;
}

/* ---- values ---- */

/*
 * A key that is no string becomes one: its own JSON. Keys inside such a key are spelled as they
 * are, since quoting them once more at every level would double the backslashes each time.
 */
static void write_key(struct client_reply_cursor *cursor, struct byte_buffer *out)
{
    if (cursor->in_key) {
        client_json_write(cursor, out);
        return;
    }
    struct byte_buffer spelled = {0};
    cursor->in_key = true;
    client_json_write(cursor, &spelled);
    cursor->in_key = false;
    if (spelled.failed || spelled.bytes[0] == '"')
        byte_buffer_append(out, spelled.bytes, spelled.size);
    else
        json_append_string(spelled.bytes, spelled.size, out);
    out->failed = out->failed || spelled.failed;
    byte_buffer_free(&spelled);
}

static void write_object(size_t values, struct client_reply_cursor *cursor, struct byte_buffer *out)
{
    byte_buffer_append_text(out, "{");
    for (size_t i = 0; i < values; i += 2) {
        byte_buffer_append_text(out, i > 0 ? "," : "");
        write_key(cursor, out);
        byte_buffer_append_text(out, ":");
        client_json_write(cursor, out);
    }
    byte_buffer_append_text(out, "}");
}

static void write_array(size_t values, struct client_reply_cursor *cursor, struct byte_buffer *out)
{
    byte_buffer_append_text(out, "[");
    for (size_t i = 0; i < values; i++) {
        byte_buffer_append_text(out, i > 0 ? "," : "");
        client_json_write(cursor, out);
    }
    byte_buffer_append_text(out, "]");
}

void client_json_write(struct client_reply_cursor *cursor, struct byte_buffer *out)
{
    struct resp_token token = client_reply_next(cursor);
    switch (token.type) {
    case RESP_NULL:
        byte_buffer_append_text(out, "null");
        break;
    case RESP_BOOLEAN:
        byte_buffer_append_text(out, token.number ? "true" : "false");
        break;
    case RESP_FAILURE:
    case RESP_BULK_FAILURE:
        byte_buffer_append_text(out, "{\"error\":");
        json_append_string(token.text, token.text_size, out);
        byte_buffer_append_text(out, "}");
        break;
    case RESP_INTEGER:
    case RESP_DOUBLE:
    case RESP_BIG_NUMBER:
        if (is_number(token.text, token.text_size))
            byte_buffer_append(out, token.text, token.text_size);
        else
            json_append_string(token.text, token.text_size, out);
        break;
    case RESP_MAP:
        write_object(token.values, cursor, out);
        break;
    case RESP_ARRAY:
    case RESP_SET:
    case RESP_PUSH:
        write_array(token.values, cursor, out);
        break;
    default:
        json_append_string(token.text, token.text_size, out);
    }
}
