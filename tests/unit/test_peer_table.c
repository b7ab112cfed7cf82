/* SPDX-License-Identifier: MIT */
/* The table of crew-bench peers, the bytes that its rows send, and how results are shown. */
#include "bench/commands/peers_report.h"
#include "bench/commands/peers_settings.h"
#include "bench/peers/peer_exchange.h"
#include "bench/peers/peer_outcome.h"
#include "bench/peers/peer_table.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* ---- the table ---- */

static void check_row(const struct peer_row *row)
{
    const struct peer_side *subject = &row->sides[0];
    const struct peer_side *peer = &row->sides[1];
    ck_assert_ptr_eq(peer_row_find(row->name, strlen(row->name)), row);
    ck_assert_uint_le(strlen(row->name), 16); /* the width of its column */
    ck_assert_uint_gt(strlen(row->what), 0);
    for (size_t i = 0; i < PEER_AIMS; i++)
        ck_assert(row->aims[i].wish <= PEER_NO_AIM || row->aims[i].bound > 0);
    if (row->method == PEER_BY_QUEUE)
        return;
    ck_assert_int_eq(subject->program, PEER_CREW);
    ck_assert_int_ne(row->aims[0].wish, PEER_NO_MORE);
    ck_assert(!row->one_server || peer->program == PEER_CREW);
    for (size_t i = 0; i < 2; i++)
        if (row->method == PEER_BY_BENCHMARK) /* it is told to send nothing else */
            ck_assert_str_eq(row->sides[i].command, "PING");
}

START_TEST(rows)
{
    ck_assert_uint_le(peer_row_count, PEERS_ROWS_LIMIT);
    for (size_t i = 0; i < peer_row_count; i++)
        check_row(&peer_rows[i]);
    ck_assert_ptr_null(peer_row_find("ping", 4));
    ck_assert_ptr_null(peer_row_find("ping-11", 7));
    ck_assert_ptr_null(peer_row_find("", 0));
}
END_TEST

/* ---- bytes ---- */

static const struct {
    enum peer_program program;
    const char *command;
    size_t depth;
    const char *request;
    const char *reply;
} exchanges[] = {
    {PEER_CREW, "PING", 1, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n"},
    {PEER_REDIS, "PING", 2, "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n", "+PONG\r\n+PONG\r\n"},
    {PEER_CREW, "WORK SLEEP 1000", 1, "*3\r\n$4\r\nWORK\r\n$5\r\nSLEEP\r\n$4\r\n1000\r\n",
     "+OK\r\n"},
    {PEER_MEMCACHED, "PING", 2, "get k\r\nget k\r\n", "END\r\nEND\r\n"},
};

START_TEST(exchange)
{
    struct peer_exchange made;
    ck_assert(peer_exchange_make(&made, exchanges[_i].program, exchanges[_i].command, 0,
                                 exchanges[_i].depth));
    ck_assert_uint_eq(made.load.requests, exchanges[_i].depth);
    ck_assert_uint_eq(made.load.request_size, strlen(exchanges[_i].request));
    ck_assert_mem_eq(made.load.request, exchanges[_i].request, made.load.request_size);
    ck_assert_uint_eq(made.load.reply_size, strlen(exchanges[_i].reply));
    ck_assert_mem_eq(made.load.reply, exchanges[_i].reply, made.load.reply_size);
    peer_exchange_free(&made);
}
END_TEST

START_TEST(exchange_with_payload)
{
    static const char head[] = "*2\r\n$4\r\nECHO\r\n";
    enum { SIZE = 65536, BULK = 8 + SIZE + 2 };
    struct peer_exchange made;
    ck_assert(peer_exchange_make(&made, PEER_CREW, "ECHO", SIZE, 1));
    ck_assert_uint_eq(made.load.request_size, sizeof(head) - 1 + BULK);
    ck_assert_mem_eq(made.load.request, head, sizeof(head) - 1);
    ck_assert_uint_eq(made.load.reply_size, BULK);
    ck_assert_mem_eq(made.load.reply, "$65536\r\n", 8);
    ck_assert_mem_eq(made.load.request + sizeof(head) - 1, made.load.reply, BULK);
    /* No two neighbouring pieces of a usual size are the same. */
    for (size_t step = 512; step <= SIZE / 2; step *= 2)
        ck_assert_mem_ne(made.load.reply + 8, made.load.reply + 8 + step, step);
    peer_exchange_free(&made);
}
END_TEST

/* ---- reports ---- */

static struct peer_outcome *outcomes;
static char *text;
static size_t text_size;
static FILE *out;

static void set(struct peer_outcome *outcome, enum peer_figure figure, double subject, double peer)
{
    outcome->figures[0][figure][0] = subject;
    outcome->figures[1][figure][0] = peer;
}

static void fill(struct peer_outcome *outcome, const char *name)
{
    outcome->row = peer_row_find(name, strlen(name));
    outcome->rounds = 1;
    for (size_t i = 0; i < PEER_FIGURES; i++)
        set(outcome, (enum peer_figure)i, NAN, NAN);
}

static void make_outcomes(void)
{
    outcomes = calloc(4, sizeof(*outcomes));
    ck_assert_ptr_nonnull(outcomes);
    fill(&outcomes[0], "ping-1");
    set(&outcomes[0], PEER_CPU_US, 4.2, 5.6);
    set(&outcomes[0], PEER_RATE_RPS, 90000, 100000);
    set(&outcomes[0], PEER_GENERATOR_SHARE, 0.97, 0.5);
    peer_outcome_judge(&outcomes[0]);
    fill(&outcomes[1], "memory");
    set(&outcomes[1], PEER_MEMORY_BYTES, 180, 5400);
    peer_outcome_judge(&outcomes[1]);
    fill(&outcomes[2], "queue");
    outcomes[2].curve_count = 1;
    outcomes[2].curve_threads[0] = 4;
    set(&outcomes[2], PEER_CURVE, 5000000, 4000000);
    peer_outcome_judge(&outcomes[2]);
    fill(&outcomes[3], "ping-4");
    outcomes[3].rounds = 0;
    snprintf(outcomes[3].problem, BENCH_ERROR_SIZE, "memcached is not installed");
    out = open_memstream(&text, &text_size);
    ck_assert_ptr_nonnull(out);
}

static void free_outcomes(void)
{
    fclose(out);
    free(text);
    free(outcomes);
}

START_TEST(as_text)
{
    for (size_t i = 0; i < 4; i++)
        peers_report_row(out, &outcomes[i], 200);
    peers_report_sum(out, outcomes, 4);
    fflush(out);
    ck_assert_str_eq(
        text,
        "  ping-1            CPU/request       4.20us     5.60us    0.75   <= 0.80      yes   "
        "0.75 to 0.75      97%/50%\n"
        "  ping-1            requests/s        90,000    100,000    0.90   >= 1.00       NO   "
        "0.90 to 0.90      97%/50%\n"
        "  memory            bytes each           180       5400    0.03   <= 0.10      yes   "
        "0.03 to 0.03\n"
        "  memory            bytes each           180                       <= 256      yes\n"
        "  queue             4 threads      5,000,000  4,000,000    1.25   >= 0.95      yes   "
        "1.25 to 1.25\n"
        "  ping-4            not measured: memcached is not installed\n"
        "2 of 4 rows reached, 1 not measured\n");
}
END_TEST

START_TEST(as_json)
{
    static const char *const wanted[] = {
        "{\n  \"schema\": \"crew-bench/peers/1\",\n  \"crew_version\": ",
        "\n  \"peers\": {\n    \"redis_server\": \"Redis 7\",\n    \"redis_benchmark\": null,\n"
        "    \"memcached\": null\n  },\n  \"rounds\": 5,\n  \"seconds\": 0.5,\n",
        "      \"name\": \"ping-1\",\n      \"what\": \"PING, 50 connections, 1 worker beside "
        "redis-server\",\n      \"reached\": false,\n      \"not_measured\": null,\n",
        "          \"figure\": \"rate_rps\",\n          \"crew\": 90000,\n          \"peer\": "
        "100000,\n          \"ratio\": 0.9,\n          \"ratio_low\": 0.9,\n          "
        "\"ratio_high\": 0.9,\n          \"wanted\": \"ratio_at_least\",\n          \"bound\": "
        "1,\n          \"result\": \"missed\"\n",
        "          \"crew\": {\n            \"cpu_us\": 4.2,\n            \"rate_rps\": 90000,\n"
        "            \"generator_share\": 0.97\n          },\n          \"peer\": {\n",
        "          \"wanted\": \"crew_at_most\",\n          \"bound\": 256,\n",
        "          \"figure\": \"threads_4\",\n",
        "            \"threads_4\": 5000000\n",
        "      \"reached\": false,\n      \"not_measured\": \"memcached is not installed\",\n"
        "      \"results\": [],\n      \"rounds\": []\n",
    };
    struct peers_settings settings = {.rounds = 5, .seconds_ns = 500000000};
    struct peer_programs *programs = calloc(1, sizeof(*programs));
    struct byte_buffer json = {0};
    ck_assert_ptr_nonnull(programs);
    snprintf(programs->versions[PEER_REDIS], PEER_VERSION_SIZE, "Redis 7");
    peers_report_write(&settings, programs, outcomes, 4, &json);
    byte_buffer_append(&json, "", 1);
    ck_assert(!json.failed);
    for (int i = 0; i < COUNT(wanted); i++)
        ck_assert_msg(strstr(json.bytes, wanted[i]) != NULL, "no %s in %s", wanted[i], json.bytes);
    byte_buffer_free(&json);
    free(programs);
}
END_TEST

Suite *peer_table_suite(void)
{
    Suite *suite = suite_create("peer_table");
    TCase *tables = tcase_create("tables");
    tcase_add_test(tables, rows);
    tcase_add_loop_test(tables, exchange, 0, COUNT(exchanges));
    tcase_add_test(tables, exchange_with_payload);
    suite_add_tcase(suite, tables);
    TCase *reports = tcase_create("reports");
    tcase_add_checked_fixture(reports, make_outcomes, free_outcomes);
    tcase_add_test(reports, as_text);
    tcase_add_test(reports, as_json);
    suite_add_tcase(suite, reports);
    return suite;
}
