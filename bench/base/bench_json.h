/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON (RFC 8259) at the end of a byte buffer, indented by two spaces per level. Commas
 * and line breaks come by themselves. One thread; out of memory shows in the buffer's `failed`.
 * `name` is NULL for an element of an array and for the outermost value.
 */
#ifndef CREW_BENCH_BENCH_JSON_H
#define CREW_BENCH_BENCH_JSON_H

#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct bench_json {
    struct byte_buffer *out;
    unsigned depth;
    bool follows; /* a value stands before this place at the same level */
};

/* `bracket` is '{' or '['; close with the matching '}' or ']'. */
void bench_json_open(struct bench_json *json, const char *name, char bracket);
void bench_json_close(struct bench_json *json, char bracket);

void bench_json_text(struct bench_json *json, const char *name, const char *text);
void bench_json_count(struct bench_json *json, const char *name, uint64_t count);
void bench_json_bool(struct bench_json *json, const char *name, bool value);

void bench_json_null(struct bench_json *json, const char *name);

/* The fewest digits that give the same number back; null for NAN and infinity, which JSON does not
 * have. */
void bench_json_number(struct bench_json *json, const char *name, double number);

#endif
