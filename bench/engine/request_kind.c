/* SPDX-License-Identifier: MIT */
#include "bench/engine/request_kind.h"

#include "common/clock.h"
#include "common/quantity.h"
#include "common/resp_encode.h"
#include "common/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    COMMAND_WORDS = 64,
    NUMBER_DIGITS = 16,
    /* More than the head of any bulk: a reply of another length shows within these bytes. */
    REPLY_HEAD = 24,
    LONGEST_US = 60 * 1000 * 1000, /* that the server's WORK takes */
};

#define TIME_RULE                                                                                  \
    "needs a time in whole microseconds up to 60s, with a unit: 2ms, exp:2ms or "                  \
    "bimodal:1ms:20ms:5%"

static crew_slice slice_of(const char *text)
{
    return (crew_slice){text, strlen(text)};
}

static bool fail(const char *spec, const char *reason, char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "workload '%.200s' %s", spec, reason);
    return false;
}

static void expect(struct request_kind *kind, const char *reply)
{
    kind->reply = reply;
    kind->reply_size = strlen(reply);
}

static bool parse_ping(const char *spec, const char *rest, struct request_kind *kind, char *error)
{
    if (rest[0] != '\0')
        return fail(spec, "takes nothing after 'ping'", error);
    crew_slice word = slice_of("PING");
    resp_encode_request(&kind->request, &word, 1);
    expect(kind, "+PONG\r\n");
    return true;
}

static bool parse_echo(const char *spec, const char *rest, struct request_kind *kind, char *error)
{
    int64_t size = 0;
    if (!quantity_parse_bytes(rest, &size) || size < 1 || size > REQUEST_ECHO_LIMIT)
        return fail(spec, "needs a size from 1 to 16m, as in echo:64 or echo:1k", error);
    crew_slice echo = slice_of("ECHO");
    resp_encode_number(&kind->request, '*', 2);
    resp_encode_bulk(&kind->request, echo.data, echo.size);
    /* The last argument, framing included, is byte for byte what the reply must be. */
    kind->echo_offset = kind->request.size;
    resp_encode_number(&kind->request, '$', size);
    kind->number_offset = kind->request.size;
    kind->number_digits = size < NUMBER_DIGITS ? (size_t)size : NUMBER_DIGITS;
    char *payload = byte_buffer_extend(&kind->request, (size_t)size);
    if (payload != NULL)
        memset(payload, 'x', (size_t)size);
    byte_buffer_append_text(&kind->request, "\r\n");
    return true;
}

/* One time of a law: the text up to the next colon or the end. */
static bool parse_time(const char **at, double *us)
{
    char word[32];
    size_t size = strcspn(*at, ":");
    int64_t ns = 0;
    if (size >= sizeof(word))
        return false;
    memcpy(word, *at, size);
    word[size] = '\0';
    *at += size;
    if (!quantity_parse_duration(word, true, &ns) || ns < NS_PER_US || ns % NS_PER_US != 0 ||
        ns > INT64_C(1) * LONGEST_US * NS_PER_US)
        return false;
    *us = (double)ns / NS_PER_US;
    return true;
}

static bool skip_colon(const char **at)
{
    bool found = **at == ':';
    *at += found ? 1 : 0;
    return found;
}

static bool parse_law(const char *rest, struct request_kind *kind)
{
    if (strncasecmp(rest, "exp:", 4) == 0) {
        rest += 4;
        kind->law = REQUEST_EXPONENTIAL;
        return parse_time(&rest, &kind->time_us) && *rest == '\0';
    }
    if (strncasecmp(rest, "bimodal:", 8) != 0)
        return parse_time(&rest, &kind->time_us) && *rest == '\0';
    rest += 8;
    kind->law = REQUEST_BIMODAL;
    char *end = NULL;
    if (!parse_time(&rest, &kind->time_us) || !skip_colon(&rest) ||
        !parse_time(&rest, &kind->longer_us) || !skip_colon(&rest))
        return false;
    kind->longer_share = strtod(rest, &end) / 100;
    return end > rest && strcmp(end, "%") == 0 && kind->longer_share > 0 && kind->longer_share < 1;
}

static bool parse_work(const char *spec, const char *rest, const char *name,
                       struct request_kind *kind, char *error)
{
    if (!parse_law(rest, kind))
        return fail(spec, TIME_RULE, error);
    char us[24];
    snprintf(us, sizeof(us), "%.0f", kind->time_us);
    crew_slice words[] = {slice_of("WORK"), slice_of(name), slice_of(us)};
    if (kind->law == REQUEST_FIXED) {
        resp_encode_request(&kind->request, words, 3);
    } else {
        resp_encode_number(&kind->request, '*', 3);
        resp_encode_bulk(&kind->request, words[0].data, words[0].size);
        resp_encode_bulk(&kind->request, words[1].data, words[1].size);
    }
    expect(kind, "+OK\r\n");
    kind->burns_cpu = strcmp(name, "CPU") == 0;
    return true;
}

static bool slice_is(crew_slice slice, const char *word)
{
    return slice.size == strlen(word) && strncasecmp(slice.data, word, slice.size) == 0;
}

static bool encode_command(const char *spec, char *line, struct request_kind *kind, char *error)
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
    resp_encode_request(&kind->request, words, count);
    kind->burns_cpu = count > 1 && slice_is(words[0], "WORK") && slice_is(words[1], "CPU");
    return true;
}

static bool parse_command(const char *spec, const char *rest, struct request_kind *kind,
                          char *error)
{
    char *line = strdup(rest); /* unescaped in place */
    if (line == NULL)
        return fail(spec, "does not fit into memory", error);
    bool parsed = encode_command(spec, line, kind, error);
    free(line);
    return parsed;
}

static bool parse_text(const char *spec, const char *rest, struct request_kind *kind, char *error)
{
    if (rest[0] == '\0')
        return fail(spec, "needs a message, as in 'text:Hello from client!'", error);
    byte_buffer_append_text(&kind->request, rest);
    kind->raw = true;
    return true;
}

static bool parse_terminated(const char *spec, struct request_kind *kind, char *error)
{
    crew_slice word = {spec, strcspn(spec, ":")};
    const char *rest = spec + word.size + (spec[word.size] == ':' ? 1 : 0);
    if (slice_is(word, "ping"))
        return parse_ping(spec, rest, kind, error);
    if (slice_is(word, "echo"))
        return parse_echo(spec, rest, kind, error);
    if (slice_is(word, "cpu"))
        return parse_work(spec, rest, "CPU", kind, error);
    if (slice_is(word, "sleep"))
        return parse_work(spec, rest, "SLEEP", kind, error);
    if (slice_is(word, "lock"))
        return parse_work(spec, rest, "LOCK", kind, error);
    if (slice_is(word, "cmd"))
        return parse_command(spec, rest, kind, error);
    if (slice_is(word, "text"))
        return parse_text(spec, rest, kind, error);
    return fail(spec, "is unknown: it takes " REQUEST_KIND_HELP, error);
}

bool request_kind_parse(const char *spec, size_t size, struct request_kind *kind,
                        char error[BENCH_ERROR_SIZE])
{
    *kind = (struct request_kind){0};
    char *copy = strndup(spec, size);
    if (copy == NULL)
        return fail("", "does not fit into memory", error);
    bool parsed = parse_terminated(copy, kind, error);
    if (parsed && kind->request.failed)
        parsed = fail(copy, "does not fit into memory", error);
    free(copy);
    if (!parsed)
        request_kind_free(kind);
    return parsed;
}

void request_kind_free(struct request_kind *kind)
{
    byte_buffer_free(&kind->request);
}

static void write_number(const struct request_kind *kind, char *digits, uint64_t number)
{
    for (size_t i = kind->number_digits; i-- > 0; number >>= 4)
        digits[i] = "0123456789abcdef"[number & 15];
}

/* A time by the kind's law, in whole microseconds within what the server takes. */
static double draw_us(const struct request_kind *kind, struct bench_random *random)
{
    double unit = bench_random_unit(random);
    double us = kind->time_us * -log(unit);
    if (kind->law == REQUEST_BIMODAL)
        us = unit <= kind->longer_share ? kind->longer_us : kind->time_us;
    return us < LONGEST_US ? round(us) : LONGEST_US;
}

void request_kind_encode(const struct request_kind *kind, uint64_t number,
                         struct bench_random *random, struct byte_buffer *out)
{
    size_t begin = out->size;
    byte_buffer_append(out, kind->request.bytes, kind->request.size);
    if (kind->law != REQUEST_FIXED) {
        char us[24];
        int size = snprintf(us, sizeof(us), "%.0f", draw_us(kind, random));
        resp_encode_bulk(out, us, (size_t)size);
    }
    if (kind->number_digits > 0 && !out->failed)
        write_number(kind, out->bytes + begin + kind->number_offset, number);
}

/* The reply is not what was expected, or anything goes: find where it ends and what it is. */
static enum reply_verdict scan(bool anything_goes, struct resp_scanner *scanner, const char *bytes,
                               size_t size, size_t *reply_size)
{
    switch (resp_scan_reply(scanner, bytes, size)) {
    case RESP_REPLY_INCOMPLETE:
        return REPLY_PARTIAL;
    case RESP_REPLY_MALFORMED:
        return REPLY_MALFORMED;
    case RESP_REPLY_WHOLE:
        break;
    }
    *reply_size = scanner->position;
    *scanner = (struct resp_scanner){0};
    if (bytes[0] == RESP_FAILURE || bytes[0] == RESP_BULK_FAILURE)
        return REPLY_ERROR;
    return anything_goes ? REPLY_RIGHT : REPLY_WRONG;
}

/* Whether the first `size` bytes of the expected reply to request `number` are these. */
static bool echo_matches(const struct request_kind *kind, uint64_t number, const char *bytes,
                         size_t size)
{
    const char *expected = kind->request.bytes + kind->echo_offset;
    size_t before = kind->number_offset - kind->echo_offset;
    size_t after = before + kind->number_digits;
    char digits[NUMBER_DIGITS];
    write_number(kind, digits, number);
    if (memcmp(bytes, expected, size < before ? size : before) != 0)
        return false;
    if (size > before &&
        memcmp(bytes + before, digits, size < after ? size - before : kind->number_digits) != 0)
        return false;
    return size <= after || memcmp(bytes + after, expected + after, size - after) == 0;
}

static bool matches(const struct request_kind *kind, uint64_t number, const char *bytes,
                    size_t size)
{
    if (kind->reply != NULL)
        return memcmp(bytes, kind->reply, size) == 0;
    return echo_matches(kind, number, bytes, size);
}

enum reply_verdict request_kind_check(const struct request_kind *kind, uint64_t number,
                                      struct resp_scanner *scanner, const char *bytes, size_t size,
                                      size_t *reply_size)
{
    if (kind->reply == NULL && kind->echo_offset == 0)
        return scan(true, scanner, bytes, size, reply_size);
    size_t expected_size =
        kind->reply != NULL ? kind->reply_size : kind->request.size - kind->echo_offset;
    if (size < expected_size) {
        /* Only the head is compared so far: a long reply must not be compared again per read. */
        if (matches(kind, number, bytes, size < REPLY_HEAD ? size : REPLY_HEAD))
            return REPLY_PARTIAL;
    } else if (matches(kind, number, bytes, expected_size)) {
        *reply_size = expected_size;
        return REPLY_RIGHT;
    }
    return scan(false, scanner, bytes, size, reply_size);
}
