/* SPDX-License-Identifier: MIT */
#include "client/command_names.h"

#include "client/reply.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Names are printed on a terminal: a server must not smuggle escape sequences into them. */
static bool is_name(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] <= ' ' || text[i] >= 0x7f)
            return false;
    }
    return size > 0 && size < CLIENT_COMMAND_NAME_SIZE;
}

static void add(struct client_command_names *names, const char *text, size_t size)
{
    if (!is_name(text, size))
        return;
    struct client_command_name *name = &names->items[names->count++];
    memcpy(name->text, text, size);
    name->text[size] = '\0';
}

static int by_name(const void *a, const void *b)
{
    const struct client_command_name *left = a;
    const struct client_command_name *right = b;
    return strcasecmp(left->text, right->text);
}

void client_command_names_set(struct client_command_names *names, crew_slice reply,
                              const char *const *own)
{
    client_command_names_free(names);
    size_t own_count = 0;
    while (own[own_count] != NULL)
        own_count++;
    struct client_reply_cursor cursor = client_reply_begin(reply);
    size_t entries = client_reply_next(&cursor).values;
    names->items = calloc(entries + own_count, sizeof(*names->items));
    if (names->items == NULL)
        return;
    for (size_t i = 0; i < own_count; i++)
        add(names, own[i], strlen(own[i]));
    for (size_t i = 0; i < entries; i++) {
        struct resp_token entry = client_reply_next(&cursor); /* name, arity, flags and so on */
        if (entry.values == 0)
            continue;
        struct resp_token name = client_reply_next(&cursor);
        add(names, name.text, name.text_size);
        client_reply_skip(&cursor, name.values + entry.values - 1);
    }
    qsort(names->items, names->count, sizeof(*names->items), by_name);
}

void client_command_names_free(struct client_command_names *names)
{
    free(names->items);
    *names = (struct client_command_names){0};
}

/* Where the word that the cursor touches begins; `size` when it is not a command's name. */
static size_t find_name(const char *line, size_t size)
{
    static const char help[] = "help ";
    size_t start = 0;
    while (start < size && line[start] == ' ')
        start++;
    if (size - start >= sizeof(help) - 1 && strncasecmp(line + start, help, sizeof(help) - 1) == 0)
        start += sizeof(help) - 1;
    return memchr(line + start, ' ', size - start) == NULL ? start : size;
}

static size_t common_size(const struct client_command_name *names, size_t count)
{
    size_t common = strlen(names[0].text);
    for (size_t i = 1; i < count; i++) {
        while (strncasecmp(names[0].text, names[i].text, common) != 0)
            common--;
    }
    return common;
}

struct client_completion client_command_names_complete(const struct client_command_names *names,
                                                       const char *line, size_t size)
{
    struct client_completion completion = {0};
    size_t start = find_name(line, size);
    const char *prefix = line + start;
    size_t prefix_size = size - start;
    if (prefix_size == 0)
        return completion;
    for (size_t i = 0; i < names->count; i++) {
        if (strncasecmp(names->items[i].text, prefix, prefix_size) != 0)
            continue;
        if (completion.count++ == 0)
            completion.first = i;
    }
    if (completion.count == 0)
        return completion;
    const struct client_command_name *first = &names->items[completion.first];
    size_t rest_size = common_size(first, completion.count) - prefix_size;
    bool small = false;
    for (size_t i = 0; i < prefix_size; i++)
        small = small || islower((unsigned char)prefix[i]);
    for (size_t i = 0; i < rest_size; i++) {
        int letter = (unsigned char)first->text[prefix_size + i];
        completion.rest[i] = (char)(small ? tolower(letter) : toupper(letter));
    }
    if (completion.count == 1)
        completion.rest[rest_size] = ' ';
    return completion;
}
