/* SPDX-License-Identifier: MIT */
#include "bench/results/json_reader.h"

#include "bench/base/whole_file.h"
#include "bench/results/json_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 512, REASON_SIZE = 512, SHOWN_PATH_SIZE = 1000 };

static const size_t file_limit = (size_t)512 << 20;

struct json_reader {
    char path[SHOWN_PATH_SIZE]; /* for errors; cut to fit */
    struct json_value *document;
    char error[BENCH_ERROR_SIZE]; /* empty while all is well */
};

/* Errors quote what stands in the file, which must not reach a terminal as commands to it. */
static void blank_controls(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

static bool parse(struct json_reader *reader, const char *path, struct byte_buffer *content,
                  char error[BENCH_ERROR_SIZE])
{
    if (!whole_file_read(path, file_limit, content, error))
        return false;
    char reason[BENCH_ERROR_SIZE];
    reader->document = json_value_parse(content->bytes, content->size, reason);
    if (reader->document != NULL)
        return true;
    blank_controls(reason);
    snprintf(error, BENCH_ERROR_SIZE, "cannot read %s: %.1000s", reader->path, reason);
    return false;
}

struct json_reader *json_reader_open(const char *path, char error[BENCH_ERROR_SIZE])
{
    if (!json_value_available()) {
        snprintf(error, BENCH_ERROR_SIZE,
                 "crew-bench was built without jansson: it cannot read results files");
        return NULL;
    }
    struct json_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        snprintf(error, BENCH_ERROR_SIZE, "cannot read %.1000s: out of memory", path);
        return NULL;
    }
    snprintf(reader->path, sizeof(reader->path), "%s", path);
    struct byte_buffer content = {0};
    bool parsed = parse(reader, path, &content, error);
    byte_buffer_free(&content);
    if (parsed)
        return reader;
    free(reader);
    return NULL;
}

void json_reader_close(struct json_reader *reader)
{
    json_value_free(reader->document);
    free(reader);
}

bool json_reader_good(const struct json_reader *reader, char error[BENCH_ERROR_SIZE])
{
    if (reader->error[0] == '\0')
        return true;
    snprintf(error, BENCH_ERROR_SIZE, "%s", reader->error);
    return false;
}

/* The way to a place, as in "trials[3].server"; a way that is too long loses its end. */
static void describe_place(const struct json_place *place, char path[PATH_SIZE])
{
    path[0] = '\0';
    if (place->outer == NULL)
        return;
    describe_place(place->outer, path);
    size_t used = strlen(path);
    if (place->name == NULL)
        snprintf(path + used, PATH_SIZE - used, "[%zu]", place->index);
    else
        snprintf(path + used, PATH_SIZE - used, "%s%s", used > 0 ? "." : "", place->name);
}

void json_reader_refuse(const struct json_place *place, const char *name, const char *format, ...)
{
    struct json_reader *reader = place->reader;
    if (reader->error[0] != '\0')
        return;
    char reason[REASON_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    blank_controls(reason);
    const struct json_place member = {reader, NULL, place, name, 0};
    char path[PATH_SIZE];
    describe_place(name != NULL ? &member : place, path);
    snprintf(reader->error, BENCH_ERROR_SIZE, "cannot use %s: %s%s%s", reader->path, path,
             path[0] != '\0' ? ": " : "", reason);
}

static const char *kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JSON_KIND_NULL] = "null",          [JSON_KIND_BOOL] = "true or false",
        [JSON_KIND_INTEGER] = "an integer", [JSON_KIND_REAL] = "a number",
        [JSON_KIND_TEXT] = "a text",        [JSON_KIND_ARRAY] = "an array",
        [JSON_KIND_OBJECT] = "an object",
    };
    return names[kind];
}

/* The value, or NULL once something was wrong. */
static const struct json_value *find(const struct json_place *place, const char *name)
{
    if (place->reader->error[0] != '\0' || place->value == NULL)
        return NULL;
    if (name == NULL)
        return place->value;
    const struct json_value *value = json_value_member(place->value, name);
    if (value == NULL)
        json_reader_refuse(place, name, "it is missing");
    return value;
}

static void refuse_kind(const struct json_place *place, const char *name, enum json_kind wanted,
                        enum json_kind found)
{
    json_reader_refuse(place, name, "%s is expected here, not %s", kind_name(wanted),
                       kind_name(found));
}

/* The value, or NULL when it is of another kind or something was wrong before. */
static const struct json_value *find_kind(const struct json_place *place, const char *name,
                                          enum json_kind kind)
{
    const struct json_value *value = find(place, name);
    if (value == NULL || json_value_kind(value) == kind)
        return value;
    refuse_kind(place, name, kind, json_value_kind(value));
    return NULL;
}

static struct json_place inner_place(const struct json_place *outer, const char *name, size_t index,
                                     const struct json_value *value)
{
    return (struct json_place){outer->reader, value, outer, name, index};
}

struct json_place json_read_document(struct json_reader *reader)
{
    struct json_place place = {.reader = reader, .value = reader->document};
    place.value = find_kind(&place, NULL, JSON_KIND_OBJECT);
    return place;
}

struct json_place json_read_object(const struct json_place *place, const char *name)
{
    if (name == NULL) { /* the element itself: no further step on the way */
        struct json_place same = *place;
        same.value = find_kind(place, NULL, JSON_KIND_OBJECT);
        return same;
    }
    return inner_place(place, name, 0, find_kind(place, name, JSON_KIND_OBJECT));
}

struct json_place json_read_array(const struct json_place *place, const char *name, size_t most,
                                  size_t *size)
{
    const struct json_value *value = find_kind(place, name, JSON_KIND_ARRAY);
    *size = value != NULL ? json_value_size(value) : 0;
    if (*size > most) {
        json_reader_refuse(place, name, "it holds %zu values; at most %zu are allowed", *size,
                           most);
        *size = 0;
        value = NULL;
    }
    return inner_place(place, name, 0, value);
}

struct json_place json_read_element(const struct json_place *array, size_t index)
{
    const struct json_value *value =
        array->value != NULL ? json_value_element(array->value, index) : NULL;
    return inner_place(array, NULL, index, value);
}

bool json_read_bool(const struct json_place *place, const char *name)
{
    const struct json_value *value = find_kind(place, name, JSON_KIND_BOOL);
    return value != NULL && json_value_bool(value);
}

uint64_t json_read_count(const struct json_place *place, const char *name, uint64_t least,
                         uint64_t most)
{
    const struct json_value *value = find_kind(place, name, JSON_KIND_INTEGER);
    if (value == NULL)
        return 0;
    int64_t number = json_value_integer(value);
    if (number >= 0 && (uint64_t)number >= least && (uint64_t)number <= most)
        return (uint64_t)number;
    json_reader_refuse(place, name,
                       "%" PRId64 " is not allowed: it is an integer from %" PRIu64 " to %" PRIu64,
                       number, least, most);
    return 0;
}

static double number_of(const struct json_place *place, const char *name,
                        const struct json_value *value)
{
    enum json_kind kind = json_value_kind(value);
    if (kind == JSON_KIND_REAL || kind == JSON_KIND_INTEGER)
        return json_value_number(value);
    refuse_kind(place, name, JSON_KIND_REAL, kind);
    return NAN;
}

double json_read_number(const struct json_place *place, const char *name, double least, double most)
{
    const struct json_value *value = find(place, name);
    if (value == NULL)
        return NAN;
    double number = number_of(place, name, value);
    if (number >= least && number <= most)
        return number;
    json_reader_refuse(place, name, "%g is not allowed: it is a number from %g to %g", number,
                       least, most);
    return NAN;
}

double json_read_figure(const struct json_place *place, const char *name)
{
    const struct json_value *value = find(place, name);
    if (value == NULL || json_value_kind(value) == JSON_KIND_NULL)
        return NAN;
    return number_of(place, name, value);
}

const char *json_read_text(const struct json_place *place, const char *name)
{
    const struct json_value *value = find(place, name);
    if (value == NULL || json_value_kind(value) == JSON_KIND_NULL)
        return NULL;
    value = find_kind(place, name, JSON_KIND_TEXT);
    return value != NULL ? json_value_text(value) : NULL;
}

/* "" once something was wrong. */
static const char *find_text(const struct json_place *place, const char *name)
{
    const struct json_value *value = find_kind(place, name, JSON_KIND_TEXT);
    return value != NULL ? json_value_text(value) : "";
}

size_t json_read_choice(const struct json_place *place, const char *name, const char *words)
{
    const char *found = find_text(place, name);
    size_t size = strlen(found);
    size_t index = 0;
    for (const char *at = words; *at != '\0'; index++) {
        size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, found, size) == 0)
            return index;
        at += length + (at[length] == '|');
    }
    json_reader_refuse(place, name, "it is none of %s", words);
    return 0;
}

void json_read_name(const struct json_place *place, const char *name, char *text, size_t size)
{
    const char *found = find_text(place, name);
    if (strlen(found) >= size) {
        json_reader_refuse(place, name, "it is %zu bytes long; at most %zu are allowed",
                           strlen(found), size - 1);
        found = "";
    }
    snprintf(text, size, "%s", found);
}

/* Never within a character of UTF-8, whose further bytes are 10xxxxxx. */
void json_read_description(const struct json_place *place, const char *name, char *text,
                           size_t size)
{
    const char *found = find_text(place, name);
    size_t length = strnlen(found, size - 1);
    if (found[length] != '\0')
        while (length > 0 && ((unsigned char)found[length] & 0xc0) == 0x80)
            length--;
    memcpy(text, found, length);
    text[length] = '\0';
}
