/* SPDX-License-Identifier: MIT */
/*
 * A typed table of command-line options. Parsing, --help, defaults and CONFIG GET all come from
 * the one table, so they cannot disagree. Single-threaded; errors are returned as text that names
 * the option, the value and what is allowed.
 */
#ifndef CREW_COMMON_OPTION_H
#define CREW_COMMON_OPTION_H

#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG,     /* bool; takes no value */
    OPTION_INTEGER,  /* int64_t within [minimum, maximum] */
    OPTION_BYTES,    /* int64_t, written with units such as 64k */
    OPTION_DURATION, /* int64_t nanoseconds, written with units such as 10ms; seconds without */
    OPTION_TEXT,     /* const char *, pointing into argv or at the default */
    OPTION_CHOICE,   /* int64_t index of one of `choices` */
    OPTION_LIST,     /* struct option_list; may be given many times */
    OPTION_HELP,     /* no field: parsing stops with OPTIONS_HELP */
    OPTION_VERSION,  /* no field: parsing stops with OPTIONS_VERSION */
};

enum { OPTION_LIST_LIMIT = 16, OPTION_ERROR_SIZE = 320 };

struct option_list {
    const char *items[OPTION_LIST_LIMIT]; /* pointing into argv or at the default */
    size_t count;
    bool is_default; /* the first value that is given replaces the default */
};

struct option {
    const char *name; /* without the dashes */
    char letter;      /* short form, or 0 */
    enum option_type type;
    size_t offset; /* of its field in the settings structure */
    int64_t minimum;
    int64_t maximum;
    const char *choices;  /* of OPTION_CHOICE: words separated by '|' */
    const char *fallback; /* default, as a user would write it; NULL for none (zero) */
    const char *unit;     /* what the value is, for help: "connections", "url" */
    const char *help;     /* one or more sentences */
};

struct option_table {
    const char *program;     /* name for help and errors */
    const char *synopsis;    /* what follows the name in help's first line */
    const char *description; /* paragraph under it */
    const struct option *options;
    size_t count;
    const char *examples; /* printed at the end of help, one per line; may be NULL */
};

enum options_result { OPTIONS_OK, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_BAD };

/*
 * Sets every field that has a default; the others keep the zero that the caller put there. A
 * default that does not parse is a bug and aborts.
 */
void options_set_defaults(const struct option_table *table, void *settings);

/*
 * Parses argv[1..]: "--name value", "--name=value", "-x value". Stops before the first word that
 * is no option, or after "--"; *next is its index. OPTIONS_BAD fills `error`.
 */
enum options_result options_parse(const struct option_table *table, void *settings, int argc,
                                  char **argv, int *next, char error[OPTION_ERROR_SIZE]);

/*
 * The same for a program that takes nothing else: handles --help and --version, refuses further
 * words, and prints errors. Returns -1 to go on, or the exit status: 0, or 2 for a bad option.
 */
int options_handle(const struct option_table *table, void *settings, int argc, char **argv);

/*
 * The same for a program that also takes exactly `wanted` words, such as files, before, between or
 * behind the options ("--": the rest are words). They are put in words[], pointing into argv.
 */
int options_handle_words(const struct option_table *table, void *settings, int argc, char **argv,
                         const char **words, size_t wanted);

/* What to do after options_parse: -1 to go on, or the exit status, having printed what is due. */
int options_exit_status(const struct option_table *table, enum options_result result,
                        const char *error);

void options_print_help(const struct option_table *table, FILE *out);

/* The field's present value, as a user would write it. */
void option_format(const struct option *option, const void *settings, struct byte_buffer *out);

#endif
