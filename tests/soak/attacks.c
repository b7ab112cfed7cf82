/* SPDX-License-Identifier: MIT */
#include "tests/soak/attacks.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/bench_number.h"
#include "bench/base/text_table.h"
#include "common/block_cache.h"
#include "common/clock.h"
#include "tests/soak/subject.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
    KIB = 1024,
    WORKERS = 2,
    CONNECTIONS = 1000,
    CLIENT_MEMORY_KIB = 8 * KIB,
    REQUEST_KIB = KIB,
    OUTPUT_KIB = KIB,
    HELD_BYTES = 900 * KIB, /* of a request that never becomes whole */
    ARGUMENTS = 60000,
    STOP_MS = 30000,
    ALLOWED_KIB = CLIENT_MEMORY_KIB + WORKERS * 2 * (REQUEST_KIB + OUTPUT_KIB) +
                  BLOCK_CACHE_COUNT * (BLOCK_CACHE_LARGEST / KIB) + CONNECTIONS + ATTACK_REST_KIB,
};

static const char *const options[] = {"--workers",
                                      "2",
                                      "--max-connections",
                                      "1000",
                                      "--max-client-memory",
                                      "8m",
                                      "--max-request-bytes",
                                      "1m",
                                      "--max-output-bytes",
                                      "1m",
                                      NULL};

/* Appends the bytes of one request of which nothing is expected. */
static void add_bytes(const struct compose *compose, size_t before)
{
    history_request(
        compose->history,
        &(struct history_request){.reply = HISTORY_ANY, .bytes = compose->out->size - before});
}

static void half_request(const struct compose *compose)
{
    size_t before = compose->out->size;
    byte_buffer_append_text(compose->out, "*2\r\n$4\r\nECHO\r\n$1000000\r\n");
    char *bytes = byte_buffer_extend(compose->out, HELD_BYTES);
    if (bytes != NULL)
        memset(bytes, 'x', HELD_BYTES);
    add_bytes(compose, before);
}

static void large_reply(const struct compose *compose)
{
    size_t before = compose->out->size;
    byte_buffer_append_text(compose->out, "WORK REPLY 1000000\r\n");
    add_bytes(compose, before);
}

static void many_arguments(const struct compose *compose)
{
    size_t before = compose->out->size;
    byte_buffer_printf(compose->out, "*%d\r\n$4\r\nECHO\r\n", (int)ARGUMENTS + 2);
    for (int i = 0; i < ARGUMENTS; i++)
        byte_buffer_append_text(compose->out, "$1\r\na\r\n");
    add_bytes(compose, before);
}

static void names(const struct compose *compose)
{
    size_t before = compose->out->size;
    byte_buffer_printf(compose->out,
                       "CLIENT SETNAME %0256d\r\nCLIENT SETINFO LIB-NAME %0256d\r\n"
                       "CLIENT SETINFO LIB-VER %0256d\r\n",
                       0, 0, 0);
    add_bytes(compose, before);
}

/* All stay as long as the attack lasts, unless the server closes them; then they come again. */
#define ATTACK(title, count, composer, requests)                                                   \
    {                                                                                              \
        .name = (title), .clients = (count), .compose = (composer), .requests_most = (requests),   \
        .depth_most = HISTORY_DEEPEST, .piece_most = 256 * KIB, .leaving = LEAVE_TO_SERVER,        \
        .deaf = true, .rubbish = true                                                              \
    }

static const struct behaviour attacks[] = {
    ATTACK("half-sent requests", 200, half_request, 1),
    ATTACK("unread replies", 200, large_reply, 20),
    ATTACK("many arguments", 100, many_arguments, 1),
    ATTACK("many connections", CONNECTIONS + 100, names, 0),
    ATTACK("long names", CONNECTIONS - 10, names, 1),
};

static const struct text_column columns[] = {
    {"attack", 20},  {"connections", 11}, {"at rest", 9}, {"peak", 9},
    {"grown by", 9}, {"allowed", 9},      {"closed", 8},
};

struct outcome {
    struct subject_state rest;
    struct subject_state peak;
    uint64_t connections;
    uint64_t closed; /* because all clients held too much, or one did not read */
};

static void print_row(const char *name, const struct outcome *outcome)
{
    const uint64_t values[] = {outcome->connections,
                               outcome->rest.resident_kib,
                               outcome->peak.peak_kib,
                               outcome->peak.peak_kib - outcome->rest.resident_kib,
                               ALLOWED_KIB,
                               outcome->closed};
    char texts[COUNT(values)][BENCH_NUMBER_SIZE];
    const char *cells[COUNT(columns)] = {name};
    for (size_t i = 0; i < COUNT(values); i++)
        cells[i + 1] = bench_number_count(texts[i], values[i]);
    text_table_row(stdout, columns, COUNT(columns), cells);
    fflush(stdout);
}

static bool lay_on(struct subject *subject, struct load *load, uint64_t duration_ns,
                   struct outcome *outcome, char *error)
{
    uint64_t memory = 0;
    uint64_t output = 0;
    if (!subject_read_state(subject, &outcome->rest, error))
        return false;
    uint64_t end_ns = monotonic_ns() + duration_ns;
    while (monotonic_ns() < end_ns && !bench_interrupted())
        load_turn(load);
    outcome->connections = load->world.connections;
    if (!subject_read_state(subject, &outcome->peak, error) ||
        !subject_count(subject, "closed_memory_limit", &memory, error) ||
        !subject_count(subject, "closed_output_limit", &output, error))
        return false;
    outcome->closed = memory + output;
    load_leave(load);
    load_abandon(load);
    subject_stop(subject);
    return subject_ended_well(subject, STOP_MS, error);
}

static bool run_one(const char *program, const struct behaviour *attack, uint64_t duration_ns,
                    uint64_t seed, struct outcome *outcome, char *error)
{
    const struct secrets none = {0};
    struct subject subject;
    struct load load;
    if (!load_init(&load, attack, 1, seed)) {
        snprintf(error, BENCH_ERROR_SIZE, "cannot make the clients of an attack");
        return false;
    }
    bool done = subject_start(&subject, program, options, &none, load.world.addresses, error) &&
                lay_on(&subject, &load, duration_ns, outcome, error);
    load_free(&load);
    subject_end(&subject);
    return done;
}

bool attacks_run(const char *program, uint64_t duration_ns, uint64_t seed,
                 struct promises *promises, char error[BENCH_ERROR_SIZE])
{
    text_table_row(stdout, columns, COUNT(columns), NULL);
    for (size_t i = 0; i < COUNT(attacks) && !bench_interrupted(); i++) {
        struct outcome outcome = {0};
        if (!run_one(program, &attacks[i], duration_ns / COUNT(attacks), seed, &outcome, error))
            return false;
        print_row(attacks[i].name, &outcome);
        uint64_t grown_kib = outcome.peak.peak_kib - outcome.rest.resident_kib;
        promises_add(promises, attacks[i].name, grown_kib <= ALLOWED_KIB,
                     "memory grew by %" PRIu64 " KiB; %d are allowed", grown_kib, (int)ALLOWED_KIB);
    }
    return true;
}
