/* SPDX-License-Identifier: MIT */
#include "tests/unit/markup_check.h"

#include <check.h>
#include <stdbool.h>
#include <string.h>

enum { DEEPEST = 64, NAME_SIZE = 32, MOST_ATTRIBUTES = 24 };

static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:";

struct reader {
    const char *at;
    char open[DEEPEST][NAME_SIZE];
    size_t depth;
};

const char *markup_text(struct byte_buffer *buffer)
{
    byte_buffer_append(buffer, "", 1);
    ck_assert(!buffer->failed);
    buffer->size--;
    return buffer->bytes;
}

size_t markup_count(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        count++;
    return count;
}

static void read_name(struct reader *reader, char name[NAME_SIZE])
{
    size_t size = strspn(reader->at, name_letters);
    ck_assert_msg(size > 0 && size < NAME_SIZE, "no name at: %.80s", reader->at);
    memcpy(name, reader->at, size);
    name[size] = '\0';
    reader->at += size;
}

static void check_reference(const char *at)
{
    static const char digits[] = "0123456789";
    bool number =
        at[1] == '#' && strspn(at + 2, digits) > 0 && at[2 + strspn(at + 2, digits)] == ';';
    ck_assert_msg(number, "no character reference: %.40s", at);
}

static void read_text(struct reader *reader, const char *until)
{
    for (; *reader->at != '\0' && strchr(until, *reader->at) == NULL; reader->at++) {
        ck_assert_msg(*reader->at != '<', "not allowed here: %.80s", reader->at);
        if (*reader->at == '&')
            check_reference(reader->at);
    }
}

static void read_attributes(struct reader *reader)
{
    char names[MOST_ATTRIBUTES][NAME_SIZE];
    size_t count = 0;
    while (*reader->at == ' ' || *reader->at == '\n') {
        reader->at++;
        ck_assert_uint_lt(count, MOST_ATTRIBUTES);
        read_name(reader, names[count]);
        for (size_t i = 0; i < count; i++)
            ck_assert_str_ne(names[i], names[count]);
        count++;
        ck_assert_msg(strncmp(reader->at, "=\"", 2) == 0, "no value at: %.80s", reader->at);
        reader->at += 2;
        const char *value = reader->at;
        read_text(reader, "\"");
        ck_assert_int_eq(*reader->at, '"');
        ck_assert_msg(strncmp(value, "nan", 3) != 0 && strncmp(value, "-nan", 4) != 0 &&
                          strncmp(value, "inf", 3) != 0 && strncmp(value, "-inf", 4) != 0,
                      "no number: %.40s", value);
        reader->at++;
    }
}

static void read_element(struct reader *reader)
{
    reader->at++;
    if (*reader->at == '!') {
        reader->at = strchr(reader->at, '>') + 1;
        return;
    }
    char name[NAME_SIZE];
    bool closes = *reader->at == '/';
    reader->at += closes;
    read_name(reader, name);
    read_attributes(reader);
    bool single = *reader->at == '/';
    reader->at += single;
    ck_assert_msg(*reader->at == '>', "element does not end: %.80s", reader->at);
    reader->at++;
    if (closes) {
        ck_assert_uint_gt(reader->depth, 0);
        ck_assert_str_eq(reader->open[--reader->depth], name);
    } else if (!single && strcmp(name, "meta") != 0) {
        ck_assert_uint_lt(reader->depth, DEEPEST);
        memcpy(reader->open[reader->depth++], name, sizeof(name));
    }
    if (strcmp(name, "style") == 0 && !closes)
        reader->at = strstr(reader->at, "</style>");
}

static void check_characters(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        ck_assert_msg(*at >= ' ' || *at == '\n', "control character %u", *at);
        unsigned follow = *at < 0xc0 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
        ck_assert_msg(*at < 0x80 || *at >= 0xc2, "not UTF-8: %.20s", (const char *)at);
        for (; follow > 0; follow--) {
            at++;
            ck_assert_msg((*at & 0xc0) == 0x80, "not UTF-8: %.20s", (const char *)at);
        }
    }
}

void markup_check(const char *text)
{
    struct reader reader = {.at = text};
    check_characters(text);
    while (*reader.at != '\0') {
        read_text(&reader, "<");
        if (*reader.at == '<')
            read_element(&reader);
    }
    ck_assert_uint_eq(reader.depth, 0);
}
