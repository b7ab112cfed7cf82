/* SPDX-License-Identifier: MIT */
#include "client/json.h"

#include <stdint.h>
#include <string.h>

/* ---- strings ---- */

/* The lead bytes of UTF-8, and which second bytes leave the shortest form and Unicode's range. */
struct utf8_lead {
    unsigned char first;
    unsigned char last;
    unsigned char second_first;
    unsigned char second_last;
    size_t length;
};

static const struct utf8_lead utf8_leads[] = {
    {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the character that starts here; 0 when none does. */
static size_t utf8_character_size(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof(utf8_leads) / sizeof(utf8_leads[0]); i++) {
        const struct utf8_lead *lead = &utf8_leads[i];
        if (bytes[0] < lead->first || bytes[0] > lead->last)
            continue;
        if (lead->length > size)
            return 0;
        if (lead->length > 1 && (bytes[1] < lead->second_first || bytes[1] > lead->second_last))
            return 0;
        for (size_t j = 2; j < lead->length; j++) {
            if ((bytes[j] & 0xc0) != 0x80)
                return 0;
        }
        return lead->length;
    }
    return 0;
}

void client_json_write_string(const char *bytes, size_t size, struct byte_buffer *out)
{
    static const char escaped[] = "\\\"\n\r\t\f\b";
    static const char letters[] = "\\\"nrtfb";
    byte_buffer_append_text(out, "\"");
    size_t length = 0;
    for (size_t i = 0; i<size; i += length> 0 ? length : 1) {
        unsigned char byte = (unsigned char)bytes[i];
        length = utf8_character_size((const unsigned char *)bytes + i, size - i);
        const char *escape = memchr(escaped, byte, sizeof(escaped) - 1);
        if (escape != NULL)
            byte_buffer_printf(out, "\\%c", letters[escape - escaped]);
        else if (length == 0 || byte < ' ')
            byte_buffer_printf(out, "\\u%04x", byte);
        else
            byte_buffer_append(out, bytes + i, length);
    }
    byte_buffer_append_text(out, "\"");
}

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
        client_json_write_string(spelled.bytes, spelled.size, out);
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
        client_json_write_string(token.text, token.text_size, out);
        byte_buffer_append_text(out, "}");
        break;
    case RESP_INTEGER:
    case RESP_DOUBLE:
    case RESP_BIG_NUMBER:
        if (is_number(token.text, token.text_size))
            byte_buffer_append(out, token.text, token.text_size);
        else
            client_json_write_string(token.text, token.text_size, out);
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
        client_json_write_string(token.text, token.text_size, out);
    }
}
