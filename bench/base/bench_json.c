/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_json.h"

#include "bench/base/bench_number.h"
#include "common/json_string.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

static void begin_line(struct bench_json *json)
{
    byte_buffer_append_text(json->out, "\n");
    for (unsigned i = 0; i < json->depth; i++)
        byte_buffer_append_text(json->out, "  ");
}

/* Everything that stands before a value. */
static void begin_value(struct bench_json *json, const char *name)
{
    if (json->follows)
        byte_buffer_append_text(json->out, ",");
    if (json->depth > 0)
        begin_line(json);
    json->follows = true;
    if (name != NULL) {
        json_append_string(name, strlen(name), json->out);
        byte_buffer_append_text(json->out, ": ");
    }
}

void bench_json_open(struct bench_json *json, const char *name, char bracket)
{
    begin_value(json, name);
    byte_buffer_append(json->out, &bracket, 1);
    json->depth++;
    json->follows = false;
}

void bench_json_close(struct bench_json *json, char bracket)
{
    json->depth--;
    if (json->follows)
        begin_line(json);
    byte_buffer_append(json->out, &bracket, 1);
    json->follows = true;
    if (json->depth == 0)
        byte_buffer_append_text(json->out, "\n");
}

void bench_json_text(struct bench_json *json, const char *name, const char *text)
{
    begin_value(json, name);
    json_append_string(text, strlen(text), json->out);
}

void bench_json_count(struct bench_json *json, const char *name, uint64_t count)
{
    begin_value(json, name);
    byte_buffer_printf(json->out, "%" PRIu64, count);
}

void bench_json_bool(struct bench_json *json, const char *name, bool value)
{
    begin_value(json, name);
    byte_buffer_append_text(json->out, value ? "true" : "false");
}

void bench_json_null(struct bench_json *json, const char *name)
{
    begin_value(json, name);
    byte_buffer_append_text(json->out, "null");
}

void bench_json_number(struct bench_json *json, const char *name, double number)
{
    if (!isfinite(number)) {
        bench_json_null(json, name);
        return;
    }
    begin_value(json, name);
    char digits[BENCH_NUMBER_SIZE];
    byte_buffer_append_text(json->out, bench_number_exact(digits, number));
}
