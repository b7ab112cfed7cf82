/* SPDX-License-Identifier: MIT */
#include "client/help.h"

#include "client/exchange.h"
#include "client/format.h"
#include "client/reply.h"
#include "client/report.h"
#include "client/stream.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* One command of a reply to COMMAND DOCS; everything points into the reply. */
struct entry {
    crew_slice name; /* of a subcommand: "client|list" */
    crew_slice group;
    crew_slice syntax;
    crew_slice summary;
    struct client_reply_cursor subcommands; /* before pairs of name and entry */
    size_t subcommand_values;
};

static const struct {
    const char *key;
    size_t offset;
} text_fields[] = {
    {"group", offsetof(struct entry, group)},
    {"syntax", offsetof(struct entry, syntax)},
    {"summary", offsetof(struct entry, summary)},
};

static bool token_is(const struct resp_token *token, const char *text)
{
    return token->text_size == strlen(text) && memcmp(token->text, text, token->text_size) == 0;
}

static void read_field(struct entry *entry, const struct resp_token *key,
                       struct client_reply_cursor *cursor)
{
    struct resp_token value = client_reply_next(cursor);
    if (token_is(key, "subcommands")) {
        entry->subcommands = *cursor;
        entry->subcommand_values = value.values;
    }
    for (size_t i = 0; i < sizeof(text_fields) / sizeof(text_fields[0]); i++) {
        if (token_is(key, text_fields[i].key) && value.values == 0)
            *(crew_slice *)((char *)entry + text_fields[i].offset) =
                (crew_slice){value.text, value.text_size};
    }
    client_reply_skip(cursor, value.values);
}

/* RESP2 has a flat array of keys and values where RESP3 has a map: both walk alike. */
static struct entry read_entry(struct client_reply_cursor *cursor)
{
    struct resp_token name = client_reply_next(cursor);
    struct entry entry = {.name = {name.text, name.text_size}};
    client_reply_skip(cursor, name.values);
    struct resp_token fields = client_reply_next(cursor);
    for (size_t i = 0; i + 1 < fields.values; i += 2) {
        struct resp_token key = client_reply_next(cursor);
        client_reply_skip(cursor, key.values);
        read_field(&entry, &key, cursor);
    }
    client_reply_skip(cursor, fields.values % 2);
    return entry;
}

static int compare(crew_slice left, crew_slice right)
{
    size_t size = left.size < right.size ? left.size : right.size;
    int order = size > 0 ? memcmp(left.data, right.data, size) : 0;
    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

static int by_name(const void *a, const void *b)
{
    return compare(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int by_group_and_name(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    int order = compare(left->group, right->group);
    return order != 0 ? order : by_name(a, b);
}

/* What comes from the server goes to a terminal: no control bytes. */
static void append_text(struct byte_buffer *out, crew_slice text)
{
    char *space = text.size > 0 ? byte_buffer_extend(out, text.size) : NULL;
    for (size_t i = 0; space != NULL && i < text.size; i++)
        space[i] = iscntrl((unsigned char)text.data[i]) ? ' ' : text.data[i];
}

static void append_name(struct byte_buffer *out, crew_slice name)
{
    size_t start = out->size;
    append_text(out, name);
    for (size_t i = start; i < out->size; i++)
        out->bytes[i] = (char)(out->bytes[i] == '|' ? ' ' : toupper((unsigned char)out->bytes[i]));
}

static void append_entry(struct byte_buffer *out, const struct entry *entry)
{
    enum { SUMMARY_COLUMN = 32 };
    size_t start = out->size;
    byte_buffer_append_text(out, "  ");
    append_name(out, entry->name);
    byte_buffer_append_text(out, entry->syntax.size > 0 ? " " : "");
    append_text(out, entry->syntax);
    size_t width = out->size - start;
    if (width > SUMMARY_COLUMN - 2) {
        byte_buffer_append_text(out, "\n");
        width = 0;
    }
    byte_buffer_printf(out, "%*s", (int)(SUMMARY_COLUMN - width), "");
    append_text(out, entry->summary);
    byte_buffer_append_text(out, "\n");
}

/* Sorted; NULL when there are none or memory ran out, which shows in `out`. The caller frees it. */
static struct entry *read_entries(struct client_reply_cursor *cursor, size_t count,
                                  int (*order)(const void *, const void *), struct byte_buffer *out)
{
    if (count == 0)
        return NULL;
    struct entry *entries = calloc(count, sizeof(*entries));
    if (entries == NULL) {
        out->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        entries[i] = read_entry(cursor);
    qsort(entries, count, sizeof(*entries), order);
    return entries;
}

static void append_subcommands(struct byte_buffer *out, const struct entry *entry)
{
    struct client_reply_cursor cursor = entry->subcommands;
    size_t count = entry->subcommand_values / 2;
    struct entry *entries = read_entries(&cursor, count, by_name, out);
    for (size_t i = 0; entries != NULL && i < count; i++)
        append_entry(out, &entries[i]);
    free(entries);
}

void client_help_format(crew_slice docs, bool in_detail, struct byte_buffer *out)
{
    struct client_reply_cursor cursor = client_reply_begin(docs);
    size_t count = client_reply_next(&cursor).values / 2;
    struct entry *entries = read_entries(&cursor, count, by_group_and_name, out);
    for (size_t i = 0; entries != NULL && i < count; i++) {
        if (i == 0 || compare(entries[i].group, entries[i - 1].group) != 0) {
            byte_buffer_append_text(out, i > 0 ? "\n" : "");
            append_name(out, entries[i].group);
            byte_buffer_append_text(out, "\n");
        }
        append_entry(out, &entries[i]);
        if (in_detail)
            append_subcommands(out, &entries[i]);
    }
    free(entries);
}

/* Sends COMMAND DOCS, for one command if words follow "help": "client list" is "client|list". */
static enum client_status request_docs(struct client_session *session,
                                       const struct client_command_line *command, crew_slice *docs)
{
    struct byte_buffer name = {0};
    for (size_t i = 1; i < command->count; i++) {
        byte_buffer_append_text(&name, i > 1 ? "|" : "");
        byte_buffer_append(&name, command->words[i].data, command->words[i].size);
    }
    crew_slice words[] = {{"COMMAND", 7}, {"DOCS", 4}, {name.bytes, name.size}};
    struct client_command_line request = {.words = words, .count = command->count > 1 ? 3 : 2};
    enum client_status status =
        name.failed ? CLIENT_FAILURE : client_request(session, &request, docs);
    byte_buffer_free(&name);
    return status;
}

static const char editor_help[] =
    "Type a command to send it, or:\n"
    "  help NAME                     What a command does; Tab completes its name\n"
    "  quit, exit                    Leave, as ctrl-D does\n\n";

enum client_status client_help(struct client_session *session,
                               const struct client_command_line *command)
{
    crew_slice docs;
    enum client_status status = request_docs(session, command, &docs);
    if (status == CLIENT_FAILURE) {
        client_report("%s", session->error);
        return status;
    }
    struct byte_buffer text = {0};
    bool in_detail = command->count > 1;
    if (!in_detail)
        byte_buffer_append_text(&text, editor_help);
    size_t before = text.size;
    if (status == CLIENT_ERROR_REPLY)
        client_format_reply(CLIENT_FORMAT_TERMINAL, docs, &text);
    else
        client_help_format(docs, in_detail, &text);
    if (text.size == before && !text.failed)
        byte_buffer_append_text(&text, "The server has no help on that\n");
    if (!client_stream_write(&text))
        status = CLIENT_FAILURE;
    byte_buffer_free(&text);
    return status;
}
