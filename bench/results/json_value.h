/* SPDX-License-Identifier: MIT */
/*
 * A parsed JSON document, by whichever library does it: json_reader_jansson.c, or in its absence
 * json_reader_none.c, which parses nothing. Only json_reader.c uses this. One thread per document.
 */
#ifndef CREW_BENCH_JSON_VALUE_H
#define CREW_BENCH_JSON_VALUE_H

#include "bench/base/bench_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_INTEGER, /* a number without a point or an exponent */
    JSON_KIND_REAL,
    JSON_KIND_TEXT,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT,
};

/* Belongs to its document and lives as long. */
struct json_value;

/* Whether documents can be parsed at all. */
bool json_value_available(void);

/* NULL after filling `error` with the place and what is wrong there. Members of one object must
 * have different names. Free it with json_value_free. */
struct json_value *json_value_parse(const char *bytes, size_t size, char error[BENCH_ERROR_SIZE]);
void json_value_free(struct json_value *document);

enum json_kind json_value_kind(const struct json_value *value);

/* Each of the rest is for values of its kind. */
const struct json_value *json_value_member(const struct json_value *object, const char *name);
size_t json_value_size(const struct json_value *array);
const struct json_value *json_value_element(const struct json_value *array, size_t index);
bool json_value_bool(const struct json_value *value);
int64_t json_value_integer(const struct json_value *value);
double json_value_number(const struct json_value *value);    /* INTEGER or REAL; finite */
const char *json_value_text(const struct json_value *value); /* UTF-8, without a NUL inside */

#endif
