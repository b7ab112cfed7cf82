/* SPDX-License-Identifier: MIT */
/*
 * A typed view of a JSON file that may be anything: every access checks that the value is there,
 * of the right type and within its limits. The first thing that is wrong is noted, with the path
 * of the file and of the member ("trials[3].measurement.response_us.p99"), and from then on every
 * access answers 0, empty or NAN: a reader reads on and asks once, with json_reader_good.
 * One thread.
 */
#ifndef CREW_BENCH_JSON_READER_H
#define CREW_BENCH_JSON_READER_H

#include "bench/base/bench_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_reader;
struct json_value;

/* A value and the way to it. It refers to its outer place, which must live as long. */
struct json_place {
    struct json_reader *reader;
    const struct json_value *value; /* NULL once something was wrong */
    const struct json_place *outer; /* NULL for the document itself */
    const char *name;               /* of the member; NULL for an element; not owned */
    size_t index;                   /* of the element */
};

/* Reads and parses the file. NULL after filling `error`, which names the path. Otherwise
 * json_reader_close is due. */
struct json_reader *json_reader_open(const char *path, char error[BENCH_ERROR_SIZE]);
void json_reader_close(struct json_reader *reader);

/* Whether nothing was wrong so far; otherwise fills `error` with the first mistake. */
bool json_reader_good(const struct json_reader *reader, char error[BENCH_ERROR_SIZE]);

/* Notes that something is wrong with a value: a printf-formatted reason. `name` is one of its
 * members, or NULL for the value itself; likewise below. */
void json_reader_refuse(const struct json_place *place, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The document, which must be an object. */
struct json_place json_read_document(struct json_reader *reader);

struct json_place json_read_object(const struct json_place *place, const char *name);

/* *size is at most `most`, and 0 once something was wrong. */
struct json_place json_read_array(const struct json_place *place, const char *name, size_t most,
                                  size_t *size);
struct json_place json_read_element(const struct json_place *array, size_t index);

bool json_read_bool(const struct json_place *place, const char *name);
uint64_t json_read_count(const struct json_place *place, const char *name, uint64_t least,
                         uint64_t most);
double json_read_number(const struct json_place *place, const char *name, double least,
                        double most);

/* A measured figure: any number, or null for one that is not known, which gives NAN. */
double json_read_figure(const struct json_place *place, const char *name);

/* Which of the words, separated by '|', a text is, from 0; 0 once something was wrong. */
size_t json_read_choice(const struct json_place *place, const char *name, const char *words);

/* NULL for null and once something was wrong; otherwise the text, which lives as long as the
 * reader does. */
const char *json_read_text(const struct json_place *place, const char *name);

/* Copies a text into text[size]: one that is a name is refused when it is too long, a description
 * is cut. */
void json_read_name(const struct json_place *place, const char *name, char *text, size_t size);
void json_read_description(const struct json_place *place, const char *name, char *text,
                           size_t size);

#endif
