/* SPDX-License-Identifier: MIT */
/*
 * What a user writes: the server's options, URLs, and quantities. What is accepted must, written as
 * CONFIG GET shows it, be accepted again as the same; what is refused must be explained.
 *
 * Each line of the input is one word of a command line.
 */
#include "common/endpoint.h"
#include "common/option.h"
#include "common/quantity.h"
#include "server/settings.h"
#include "tests/fuzz/fuzz_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_LIMIT = 32 };

static void check_error(const char *error, size_t size)
{
    FUZZ_REQUIRE(error[0] != '\0' && memchr(error, '\0', size) != NULL);
}

/* ---- options ---- */

static enum options_result parse(struct settings *settings, int argc, char **argv)
{
    char error[OPTION_ERROR_SIZE] = "";
    int next = 0;
    *settings = (struct settings){0};
    options_set_defaults(&settings_table, settings);
    enum options_result result = options_parse(&settings_table, settings, argc, argv, &next, error);
    if (result == OPTIONS_BAD)
        check_error(error, sizeof(error));
    FUZZ_REQUIRE(next <= argc);
    return result;
}

/* One option alone, as it is shown, gives the value that it shows. */
static void check_shown(const struct option *option, const struct settings *settings)
{
    struct byte_buffer value = {0};
    struct byte_buffer word = {0};
    struct byte_buffer again = {0};
    struct settings other;
    char program[] = "crew-server";
    option_format(option, settings, &value);
    FUZZ_REQUIRE(!value.failed);
    byte_buffer_printf(&word, "--%s=", option->name);
    byte_buffer_append(&word, value.bytes, value.size);
    byte_buffer_append(&word, "", 1);
    char *argv[] = {program, word.bytes, NULL};
    FUZZ_REQUIRE(parse(&other, 2, argv) == OPTIONS_OK);
    option_format(option, &other, &again);
    FUZZ_REQUIRE(
        fuzz_same((crew_slice){value.bytes, value.size}, (crew_slice){again.bytes, again.size}));
    byte_buffer_free(&value);
    byte_buffer_free(&word);
    byte_buffer_free(&again);
}

/* Not that of a list, whose values are shown in one line. */
static bool can_be_shown(const struct option *option)
{
    return option->type != OPTION_LIST && option->type != OPTION_HELP &&
           option->type != OPTION_VERSION && option->type != OPTION_FLAG;
}

static void check_options(int argc, char **argv)
{
    struct settings settings;
    if (parse(&settings, argc, argv) != OPTIONS_OK)
        return;
    for (size_t i = 0; i < settings_table.count; i++) {
        if (can_be_shown(&settings_table.options[i]))
            check_shown(&settings_table.options[i], &settings);
    }
}

/* ---- URLs and quantities ---- */

static void check_endpoint(const char *url)
{
    struct endpoint endpoint;
    struct endpoint again;
    char error[ENDPOINT_ERROR_SIZE] = "";
    char text[ENDPOINT_TEXT_SIZE];
    if (!endpoint_parse(url, &endpoint, error)) {
        check_error(error, sizeof(error));
        return;
    }
    FUZZ_REQUIRE(memchr(endpoint.host, '\0', sizeof(endpoint.host)) != NULL);
    FUZZ_REQUIRE(memchr(endpoint.port, '\0', sizeof(endpoint.port)) != NULL);
    FUZZ_REQUIRE(memchr(endpoint.path, '\0', sizeof(endpoint.path)) != NULL);
    const char *scheme = endpoint_scheme_name(endpoint.scheme);
    if (endpoint.scheme == ENDPOINT_UNIX && endpoint.mode != 0)
        snprintf(text, sizeof(text), "unix://%s?mode=%o", endpoint.path, endpoint.mode);
    else if (endpoint.scheme == ENDPOINT_UNIX)
        snprintf(text, sizeof(text), "unix://%s", endpoint.path);
    else
        snprintf(text, sizeof(text), "%s://[%s]:%s", scheme, endpoint.host, endpoint.port);
    FUZZ_REQUIRE(endpoint_parse(text, &again, error));
    FUZZ_REQUIRE(endpoint.scheme == again.scheme && endpoint.mode == again.mode);
    FUZZ_REQUIRE(strcmp(endpoint.host, again.host) == 0 && strcmp(endpoint.port, again.port) == 0);
    FUZZ_REQUIRE(strcmp(endpoint.path, again.path) == 0);
    if (endpoint.scheme == ENDPOINT_UNIX) {
        struct sockaddr_un address = endpoint_unix_address(&endpoint);
        endpoint_format_address((const struct sockaddr *)&address, text);
        FUZZ_REQUIRE(strcmp(text, endpoint.path) == 0);
    }
}

static void check_quantity(const char *word)
{
    char text[QUANTITY_TEXT_SIZE];
    int64_t value = 0;
    int64_t again = 0;
    if (quantity_parse_bytes(word, &value)) {
        FUZZ_REQUIRE(value >= 0);
        FUZZ_REQUIRE(quantity_parse_bytes(quantity_exact_bytes(text, (uint64_t)value), &again));
        FUZZ_REQUIRE(again == value);
    }
    /* Beyond 2^53 a duration is not read exactly: its number may have a fraction. */
    if (quantity_parse_duration(word, false, &value) && value < INT64_C(1) << 53) {
        FUZZ_REQUIRE(value >= 0);
        FUZZ_REQUIRE(
            quantity_parse_duration(quantity_exact_duration(text, (uint64_t)value), true, &again));
        FUZZ_REQUIRE(again == value);
        FUZZ_REQUIRE(strlen(quantity_format_duration(text, (uint64_t)value)) < sizeof(text));
    }
    if (quantity_parse_integer(word, &value)) {
        snprintf(text, sizeof(text), "%lld", (long long)value);
        FUZZ_REQUIRE(quantity_parse_integer(text, &again) && again == value);
    }
}

void fuzz_configuration(crew_slice input)
{
    char *argv[WORD_LIMIT + 2] = {NULL};
    char program[] = "crew-server";
    int argc = 0;
    argv[argc++] = program;
    for (crew_slice rest = input; rest.size > 0 && argc <= WORD_LIMIT;)
        argv[argc++] = fuzz_text(fuzz_take_line(&rest));
    for (int i = 1; i < argc; i++) {
        check_endpoint(argv[i]);
        check_quantity(argv[i]);
    }
    check_options(argc, argv);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
}
