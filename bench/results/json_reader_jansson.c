/* SPDX-License-Identifier: MIT */
/* The only file that knows jansson. A struct json_value is a json_t. */
#include "bench/results/json_value.h"

#include <jansson.h>
#include <stdio.h>

static const json_t *json_of(const struct json_value *value)
{
    return (const json_t *)(const void *)value;
}

static const struct json_value *value_of(const json_t *json)
{
    return (const struct json_value *)(const void *)json;
}

bool json_value_available(void)
{
    return true;
}

struct json_value *json_value_parse(const char *bytes, size_t size, char error[BENCH_ERROR_SIZE])
{
    json_error_t found;
    json_t *json = json_loadb(size > 0 ? bytes : "", size, JSON_REJECT_DUPLICATES, &found);
    if (json != NULL)
        return (struct json_value *)(void *)json;
    bool at_end = found.position >= 0 && (size_t)found.position >= size;
    bool cut_short = json_error_code(&found) == json_error_premature_end_of_input;
    snprintf(error, BENCH_ERROR_SIZE, "it is %s at line %d, column %d: %s",
             cut_short ? "cut short"
             : at_end  ? "cut short or not JSON" /* within a word */
                       : "not JSON",
             found.line, found.column, found.text);
    return NULL;
}

void json_value_free(struct json_value *document)
{
    json_decref((json_t *)(void *)document);
}

enum json_kind json_value_kind(const struct json_value *value)
{
    switch (json_typeof(json_of(value))) {
    case JSON_OBJECT:
        return JSON_KIND_OBJECT;
    case JSON_ARRAY:
        return JSON_KIND_ARRAY;
    case JSON_STRING:
        return JSON_KIND_TEXT;
    case JSON_INTEGER:
        return JSON_KIND_INTEGER;
    case JSON_REAL:
        return JSON_KIND_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    default:
        return JSON_KIND_NULL;
    }
}

const struct json_value *json_value_member(const struct json_value *object, const char *name)
{
    return value_of(json_object_get(json_of(object), name));
}

size_t json_value_size(const struct json_value *array)
{
    return json_array_size(json_of(array));
}

const struct json_value *json_value_element(const struct json_value *array, size_t index)
{
    return value_of(json_array_get(json_of(array), index));
}

bool json_value_bool(const struct json_value *value)
{
    return json_is_true(json_of(value));
}

int64_t json_value_integer(const struct json_value *value)
{
    return json_integer_value(json_of(value));
}

double json_value_number(const struct json_value *value)
{
    return json_number_value(json_of(value));
}

const char *json_value_text(const struct json_value *value)
{
    return json_string_value(json_of(value));
}
