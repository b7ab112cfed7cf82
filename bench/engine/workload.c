/* SPDX-License-Identifier: MIT */
#include "bench/engine/workload.h"

#include "common/clock.h"
#include "common/quantity.h"
#include "common/resp_encode.h"
#include "common/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    COMMAND_WORDS = 64,
    NUMBER_DIGITS = 16,
    /* More than the head of any bulk: a reply of another length shows within these bytes. */
    REPLY_HEAD = 24,
};

static crew_slice slice_of(const char *text)
{
    return (crew_slice){text, strlen(text)};
}

static bool fail(const char *spec, const char *reason, char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "workload '%.200s' %s", spec, reason);
    return false;
}

static void expect(struct workload *workload, const char *reply)
{
    workload->reply = reply;
    workload->reply_size = strlen(reply);
}

static bool parse_ping(const char *spec, const char *rest, struct workload *workload, char *error)
{
    if (rest[0] != '\0')
        return fail(spec, "takes nothing after 'ping'", error);
    crew_slice word = slice_of("PING");
    resp_encode_request(&workload->request, &word, 1);
    expect(workload, "+PONG\r\n");
    return true;
}

static bool parse_echo(const char *spec, const char *rest, struct workload *workload, char *error)
{
    int64_t size = 0;
    if (!quantity_parse_bytes(rest, &size) || size < 1 || size > WORKLOAD_ECHO_LIMIT)
        return fail(spec, "needs a size from 1 to 16m, as in echo:64 or echo:1k", error);
    crew_slice echo = slice_of("ECHO");
    resp_encode_number(&workload->request, '*', 2);
    resp_encode_bulk(&workload->request, echo.data, echo.size);
    /* The last argument, framing included, is byte for byte what the reply must be. */
    workload->echo_offset = workload->request.size;
    resp_encode_number(&workload->request, '$', size);
    workload->number_offset = workload->request.size;
    workload->number_digits = size < NUMBER_DIGITS ? (size_t)size : NUMBER_DIGITS;
    char *payload = byte_buffer_extend(&workload->request, (size_t)size);
    if (payload != NULL)
        memset(payload, 'x', (size_t)size);
    byte_buffer_append_text(&workload->request, "\r\n");
    return true;
}

static bool parse_work(const char *spec, const char *rest, const char *kind,
                       struct workload *workload, char *error)
{
    int64_t ns = 0;
    if (!quantity_parse_duration(rest, true, &ns) || ns < NS_PER_US || ns % NS_PER_US != 0 ||
        ns > INT64_C(3600) * NS_PER_S)
        return fail(spec, "needs a time in whole microseconds up to 1h, with a unit: 2ms, 200us",
                    error);
    char us[24];
    snprintf(us, sizeof(us), "%" PRId64, ns / NS_PER_US);
    crew_slice words[] = {slice_of("WORK"), slice_of(kind), slice_of(us)};
    resp_encode_request(&workload->request, words, 3);
    expect(workload, "+OK\r\n");
    workload->burns_cpu = strcmp(kind, "CPU") == 0;
    return true;
}

static bool slice_is(crew_slice slice, const char *word)
{
    return slice.size == strlen(word) && strncasecmp(slice.data, word, slice.size) == 0;
}

static bool encode_command(const char *spec, char *line, struct workload *workload, char *error)
{
    crew_slice words[COMMAND_WORDS];
    size_t count = 0;
    size_t position = 0;
    size_t size = strlen(line);
    enum words_result result = WORDS_FOUND;
    while (count < COMMAND_WORDS &&
           (result = words_next(line, size, &position, &words[count])) == WORDS_FOUND)
        count++;
    if (result == WORDS_UNBALANCED)
        return fail(spec, "has unbalanced quotes", error);
    if (result == WORDS_FOUND)
        return fail(spec, "has too many words: 63 is the limit", error);
    if (count == 0)
        return fail(spec, "needs a command, as in 'cmd:GET key'", error);
    resp_encode_request(&workload->request, words, count);
    workload->burns_cpu = count > 1 && slice_is(words[0], "WORK") && slice_is(words[1], "CPU");
    return true;
}

static bool parse_command(const char *spec, const char *rest, struct workload *workload,
                          char *error)
{
    char *line = strdup(rest); /* unescaped in place */
    if (line == NULL)
        return fail(spec, "does not fit into memory", error);
    bool parsed = encode_command(spec, line, workload, error);
    free(line);
    return parsed;
}

static bool parse_kind(const char *spec, struct workload *workload, char *error)
{
    size_t kind_size = strcspn(spec, ":");
    crew_slice kind = {spec, kind_size};
    const char *rest = spec + kind_size + (spec[kind_size] == ':' ? 1 : 0);
    if (slice_is(kind, "ping"))
        return parse_ping(spec, rest, workload, error);
    if (slice_is(kind, "echo"))
        return parse_echo(spec, rest, workload, error);
    if (slice_is(kind, "cpu"))
        return parse_work(spec, rest, "CPU", workload, error);
    if (slice_is(kind, "sleep"))
        return parse_work(spec, rest, "SLEEP", workload, error);
    if (slice_is(kind, "lock"))
        return parse_work(spec, rest, "LOCK", workload, error);
    if (slice_is(kind, "cmd"))
        return parse_command(spec, rest, workload, error);
    return fail(spec, "is unknown: it takes " WORKLOAD_HELP, error);
}

bool workload_parse(const char *spec, struct workload *workload, char error[BENCH_ERROR_SIZE])
{
    *workload = (struct workload){.spec = spec};
    bool parsed = parse_kind(spec, workload, error);
    if (parsed && workload->request.failed)
        parsed = fail(spec, "does not fit into memory", error);
    if (!parsed)
        workload_free(workload);
    return parsed;
}

void workload_free(struct workload *workload)
{
    byte_buffer_free(&workload->request);
}

void workload_set_number(const struct workload *workload, char *request, uint64_t number)
{
    char *digits = request + workload->number_offset;
    for (size_t i = workload->number_digits; i-- > 0; number >>= 4)
        digits[i] = "0123456789abcdef"[number & 15];
}

/* The reply is not what was expected, or anything goes: find where it ends and what it is. */
static enum workload_verdict scan(const struct workload *workload, struct resp_scanner *scanner,
                                  const char *bytes, size_t size, size_t *reply_size)
{
    switch (resp_scan_reply(scanner, bytes, size)) {
    case RESP_REPLY_INCOMPLETE:
        return WORKLOAD_PARTIAL;
    case RESP_REPLY_MALFORMED:
        return WORKLOAD_MALFORMED;
    case RESP_REPLY_WHOLE:
        break;
    }
    *reply_size = scanner->position;
    *scanner = (struct resp_scanner){0};
    if (bytes[0] == RESP_FAILURE || bytes[0] == RESP_BULK_FAILURE)
        return WORKLOAD_ERROR_REPLY;
    bool anything_goes = workload->reply == NULL && workload->echo_offset == 0;
    return anything_goes ? WORKLOAD_RIGHT : WORKLOAD_WRONG;
}

enum workload_verdict workload_check(const struct workload *workload, const char *request,
                                     struct resp_scanner *scanner, const char *bytes, size_t size,
                                     size_t *reply_size)
{
    const char *expected = workload->reply;
    size_t expected_size = workload->reply_size;
    if (workload->echo_offset > 0) {
        expected = request + workload->echo_offset;
        expected_size = workload->request.size - workload->echo_offset;
    }
    if (expected == NULL)
        return scan(workload, scanner, bytes, size, reply_size);
    if (size < expected_size) {
        /* Only the head is compared so far: a long reply must not be compared again per read. */
        size_t head = size < REPLY_HEAD ? size : REPLY_HEAD;
        if (memcmp(bytes, expected, head) == 0)
            return WORKLOAD_PARTIAL;
    } else if (memcmp(bytes, expected, expected_size) == 0) {
        *reply_size = expected_size;
        return WORKLOAD_RIGHT;
    }
    return scan(workload, scanner, bytes, size, reply_size);
}
