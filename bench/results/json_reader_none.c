/* SPDX-License-Identifier: MIT */
/* Stands in for json_reader_jansson.c. As nothing is parsed, nobody has a value to ask about. */
#include "bench/results/json_value.h"

bool json_value_available(void)
{
    return false;
}

struct json_value *json_value_parse(const char *bytes, size_t size, char error[BENCH_ERROR_SIZE])
{
    (void)bytes;
    (void)size;
    error[0] = '\0';
    return NULL;
}

void json_value_free(struct json_value *document)
{
    (void)document;
}

enum json_kind json_value_kind(const struct json_value *value)
{
    (void)value;
    return JSON_KIND_NULL;
}

const struct json_value *json_value_member(const struct json_value *object, const char *name)
{
    (void)object;
    (void)name;
    return NULL;
}

size_t json_value_size(const struct json_value *array)
{
    (void)array;
    return 0;
}

const struct json_value *json_value_element(const struct json_value *array, size_t index)
{
    (void)array;
    (void)index;
    return NULL;
}

bool json_value_bool(const struct json_value *value)
{
    (void)value;
    return false;
}

int64_t json_value_integer(const struct json_value *value)
{
    (void)value;
    return 0;
}

double json_value_number(const struct json_value *value)
{
    (void)value;
    return 0;
}

const char *json_value_text(const struct json_value *value)
{
    (void)value;
    return "";
}
