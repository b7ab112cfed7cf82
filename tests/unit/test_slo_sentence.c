/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_sentence.h"
#include "common/clock.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { MOST_RUNS = 64 };

static const struct slo_settings settings = {
    .objective_text = "p99<10ms",
    .objective = {0.99, 10000},
    .window = {1, 10},
    .precision = 0.1,
    .repeats = 1,
    .count = 1,
};

/* What happened at the rates in the order of the search: + met, - missed, ! refused. */
static const struct {
    const char *outcomes;
    const char *doubt; /* of the capacity */
    bool determined;
    const char *sentence;
} rows[] = {
    {"", "", false, "incomplete: nothing is known yet"},
    {"+", "", false, "incomplete: p99<10ms holds at 1,500 requests/s so far"},
    {"-", "", false, "incomplete: p99<10ms is missed at 1,500 requests/s so far"},
    {"+-", "", false,
     "incomplete: p99<10ms holds at 1,500 and is missed at 2,000 requests/s so far"},
    {"+---+-", "", true,
     "p99<10ms holds up to 1,500 requests/s, 75 % of the capacity of 2,000 (met in 2 of 2 repeats; "
     "missed at 1,612 in 2 of 2)"},
    {"+--++-", "too fast", true,
     "p99<10ms holds up to 1,612 requests/s (met in 2 of 2 repeats; missed at 1,732 in 2 of 2)"},
    {"+--+-+-", "", true,
     "p99<10ms holds up to 1,612 requests/s, 81 % of the capacity of 2,000 (met in 2 of 3 repeats; "
     "missed at 1,732 in 2 of 2); repeats disagreed: the limit lies between 1,500 and 1,732"},
    {"+--+++-", "", true,
     "p99<10ms holds up to 1,612 requests/s, 81 % of the capacity of 2,000 (met in 2 of 2 repeats; "
     "missed at 1,732 in 2 of 3); repeats disagreed: the limit lies between 1,612 and 2,000"},
    {"+--++++++-", "", true,
     "p99<10ms holds up to 1,861 requests/s, 93 % of the capacity of 2,000 (met in 2 of 2 repeats; "
     "missed at 2,000 in 2 of 2); repeats disagreed: the limit lies between 1,612 and 2,000"},
    {"++-+", "", true,
     "p99<10ms holds at every rate that was tried, up to 2,000 requests/s, the capacity of the "
     "server (met in 2 of 3 repeats)"},
    {"------", "", false,
     "p99<10ms is missed even at 20.0 requests/s, the lowest rate that was tried; p99 is 20.0ms "
     "there"},
    {"+++", "", true,
     "p99<10ms holds at every rate that was tried, up to 2,000 requests/s, the capacity of the "
     "server (met in 2 of 2 repeats)"},
    {"+++", "too fast", false,
     "p99<10ms holds at every rate that was tried, up to 2,000 requests/s, as fast as a closed "
     "loop could go (met in 2 of 2 repeats); more is not determined: too fast"},
    {"!!!!!!!!!", "", false,
     "not determined: p99<10ms cannot be judged at 444 requests/s: the reason"},
    {"+!!!!!!!!!", "", false,
     "not determined: p99<10ms holds at 1,500 and cannot be judged at 1,612 requests/s: the "
     "reason"},
};

/* Runs the search by the row; each trial has 500 answers of 5 or 20 ms. */
static void play(struct slo_line *line, const char *outcomes)
{
    double rate_rps = 0;
    for (const char *at = outcomes; *at != '\0'; at++) {
        struct slo_run *run = &line->runs[line->run_count++];
        struct measurement *measurement = &run->trial.measurement;
        ck_assert_msg(slo_search_next(&line->search, &rate_rps), "ended before '%s'", at);
        enum slo_outcome outcome = *at == '+' ? SLO_MET : *at == '-' ? SLO_MISSED : SLO_REFUSED;
        run->trial.rate_rps = rate_rps;
        measurement->response_histogram = calloc(1, sizeof(*measurement->response_histogram));
        ck_assert_ptr_nonnull(measurement->response_histogram);
        for (size_t i = 0; i < 500; i++)
            histogram_record(measurement->response_histogram,
                             (outcome == SLO_MET ? 5U : 20U) * (uint64_t)NS_PER_MS);
        run->finding.outcome = outcome;
        run->finding.percentile_us = outcome == SLO_REFUSED ? NAN : 1;
        if (outcome == SLO_REFUSED)
            snprintf(run->finding.reason, sizeof(run->finding.reason), "the reason");
        slo_search_record(&line->search, rate_rps, outcome);
    }
}

static void open_line(struct slo_line *line)
{
    slo_line_begin(line, 4);
    line->runs = calloc(MOST_RUNS, sizeof(*line->runs));
    ck_assert_ptr_nonnull(line->runs);
    line->capacity_rps = 2000;
}

START_TEST(sentence)
{
    struct slo_line line;
    char text[SLO_SENTENCE_SIZE];
    open_line(&line);
    slo_search_begin(&line.search, 20, 2000, settings.precision, 1);
    line.searching = true;
    snprintf(line.doubt, sizeof(line.doubt), "%s", rows[_i].doubt);
    play(&line, rows[_i].outcomes);
    ck_assert_ptr_eq(slo_sentence(&line, &settings, text), text);
    ck_assert_str_eq(text, rows[_i].sentence);
    ck_assert_int_eq(slo_line_determined(&line), rows[_i].determined);
    slo_line_free(&line);
}
END_TEST

START_TEST(obstacle)
{
    struct slo_line line;
    char text[SLO_SENTENCE_SIZE];
    open_line(&line);
    ck_assert_str_eq(slo_sentence(&line, &settings, text), "incomplete: nothing is known yet");
    snprintf(line.obstacle, sizeof(line.obstacle), "it is too slow");
    ck_assert_str_eq(slo_sentence(&line, &settings, text), "not determined: it is too slow");
    ck_assert(!slo_line_determined(&line));
    slo_line_free(&line);
}
END_TEST

START_TEST(names)
{
    char text[SLO_NAME_SIZE];
    struct slo_line line;
    slo_line_begin(&line, 1);
    ck_assert_str_eq(slo_line_name(&line, &settings, text), "1 worker");
    line.workers = 16;
    ck_assert_str_eq(slo_line_name(&line, &settings, text), "16 workers");
    struct slo_settings running = {.target = "tcp://here:1"};
    ck_assert_str_eq(slo_line_name(&line, &running, text), "tcp://here:1");
    ck_assert_str_eq(slo_percentile_name(0.99, text), "p99");
    ck_assert_str_eq(slo_percentile_name(0.9995, text), "p99.95");
}
END_TEST

Suite *slo_sentence_suite(void)
{
    Suite *suite = suite_create("slo_sentence");
    TCase *tests = tcase_create("slo_sentence");
    tcase_add_loop_test(tests, sentence, 0, COUNT(rows));
    tcase_add_test(tests, obstacle);
    tcase_add_test(tests, names);
    suite_add_tcase(suite, tests);
    return suite;
}
