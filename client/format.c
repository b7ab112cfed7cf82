/* SPDX-License-Identifier: MIT */
#include "client/format.h"

#include "client/json.h"
#include "client/reply.h"

#include <string.h>

/* ---- terminal ---- */

void client_format_quoted(const char *bytes, size_t size, struct byte_buffer *out)
{
    static const char escaped[] = "\\\"\n\r\t\a\b";
    static const char letters[] = "\\\"nrtab";
    byte_buffer_append_text(out, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        const char *escape = memchr(escaped, byte, sizeof(escaped) - 1);
        if (escape != NULL)
            byte_buffer_printf(out, "\\%c", letters[escape - escaped]);
        else if (byte >= ' ' && byte < 0x7f)
            byte_buffer_append(out, bytes + i, 1);
        else
            byte_buffer_printf(out, "\\x%02x", byte);
    }
    byte_buffer_append_text(out, "\"");
}

static int decimal_width(size_t number)
{
    int width = 1;
    for (; number >= 10; number /= 10)
        width++;
    return width;
}

/* Whether the value under the (copied) cursor takes more than one line. */
static bool is_multiline(struct client_reply_cursor cursor)
{
    for (;;) {
        struct resp_token token = client_reply_next(&cursor);
        size_t values_of_one_entry = token.type == RESP_MAP ? 2 : 1;
        if (token.type == RESP_VERBATIM)
            return memchr(token.text, '\n', token.text_size) != NULL;
        if (token.values > values_of_one_entry)
            return true;
        if (token.values == 0)
            return false;
        /* A single entry is as tall as its value. */
        client_reply_skip(&cursor, values_of_one_entry - 1);
    }
}

/* Text that a terminal is to show and not to obey: no control bytes but line ends and tabs. */
static void append_printable(const char *text, size_t size, struct byte_buffer *out)
{
    char *copy = byte_buffer_extend(out, size);
    for (size_t i = 0; copy != NULL && i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool plain = (byte >= ' ' && byte != 0x7f) || byte == '\n' || byte == '\r' || byte == '\t';
        copy[i] = plain ? text[i] : '?';
    }
}

static void write_terminal(struct client_reply_cursor *cursor, int indent, struct byte_buffer *out);

static void write_terminal_aggregate(const struct resp_token *head, char mark,
                                     struct client_reply_cursor *cursor, int indent,
                                     struct byte_buffer *out)
{
    bool is_map = head->type == RESP_MAP;
    size_t count = is_map ? head->values / 2 : head->values;
    int width = decimal_width(count);
    int inner = indent + width + 2;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) /* what comes before the first entry has been written by the aggregate around */
            byte_buffer_printf(out, "\n%*s", indent, "");
        byte_buffer_printf(out, "%*zu%c ", width, i + 1, mark);
        write_terminal(cursor, inner, out);
        if (!is_map)
            continue;
        byte_buffer_append_text(out, " => ");
        if (is_multiline(*cursor))
            byte_buffer_printf(out, "\n%*s", inner, "");
        write_terminal(cursor, inner, out);
    }
}

/* How a type is written; a scalar has no text for being empty. */
struct terminal_style {
    enum resp_type type;
    char mark;          /* of an aggregate's entries */
    const char *before; /* a scalar's text */
    const char *empty;  /* aggregate */
};

static const struct terminal_style terminal_styles[] = {
    {RESP_STATUS, 0, "", NULL},
    {RESP_VERBATIM, 0, "", NULL},
    {RESP_FAILURE, 0, "(error) ", NULL},
    {RESP_BULK_FAILURE, 0, "(error) ", NULL},
    {RESP_INTEGER, 0, "(integer) ", NULL},
    {RESP_DOUBLE, 0, "(double) ", NULL},
    {RESP_BIG_NUMBER, 0, "(big number) ", NULL},
    {RESP_ARRAY, ')', NULL, "(empty array)"},
    {RESP_MAP, '#', NULL, "(empty hash)"},
    {RESP_SET, '~', NULL, "(empty set)"},
    {RESP_PUSH, ')', NULL, "(empty push)"},
};

static const struct terminal_style *terminal_style_of(enum resp_type type)
{
    for (size_t i = 0; i < sizeof(terminal_styles) / sizeof(terminal_styles[0]); i++) {
        if (terminal_styles[i].type == type)
            return &terminal_styles[i];
    }
    return NULL;
}

static void write_terminal(struct client_reply_cursor *cursor, int indent, struct byte_buffer *out)
{
    struct resp_token token = client_reply_next(cursor);
    const struct terminal_style *style = terminal_style_of(token.type);
    if (token.type == RESP_NULL) {
        byte_buffer_append_text(out, "(nil)");
    } else if (token.type == RESP_BOOLEAN) {
        byte_buffer_append_text(out, token.number ? "(true)" : "(false)");
    } else if (style == NULL) {
        client_format_quoted(token.text, token.text_size, out);
    } else if (style->empty == NULL) {
        byte_buffer_append_text(out, style->before);
        append_printable(token.text, token.text_size, out);
    } else if (token.values == 0) {
        byte_buffer_append_text(out, style->empty);
    } else {
        write_terminal_aggregate(&token, style->mark, cursor, indent, out);
    }
}

/* ---- raw ---- */

static void write_raw(struct client_reply_cursor *cursor, struct byte_buffer *out)
{
    struct resp_token token = client_reply_next(cursor);
    if (token.type == RESP_BOOLEAN)
        byte_buffer_append_text(out, token.number ? "(true)" : "(false)");
    else
        byte_buffer_append(out, token.text, token.text_size);
    for (size_t i = 0; i < token.values; i++) {
        if (i > 0)
            byte_buffer_append_text(out, token.type == RESP_MAP && i % 2 == 1 ? " " : "\n");
        write_raw(cursor, out);
    }
}

void client_format_reply(enum client_format format, crew_slice reply, struct byte_buffer *out)
{
    struct client_reply_cursor cursor = client_reply_begin(reply);
    switch (format) {
    case CLIENT_FORMAT_TERMINAL:
        write_terminal(&cursor, 0, out);
        break;
    case CLIENT_FORMAT_RAW:
        write_raw(&cursor, out);
        break;
    case CLIENT_FORMAT_JSON:
        client_json_write(&cursor, out);
        break;
    }
    byte_buffer_append_text(out, "\n");
}
