/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_outcome.h"
#include "bench/peers/peer_verdict.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* What is wanted, medians and ratio of three rounds, and the judgement. */
static const struct {
    enum peer_wish wish;
    double bound;
    double subject[3];
    double peer[3];
    enum peer_judgement judgement;
} cases[] = {
    {PEER_AT_MOST, 0.80, {8, 8, 8}, {10, 10, 10}, PEER_REACHED},
    {PEER_AT_MOST, 0.79, {8, 8, 8}, {10, 10, 10}, PEER_MISSED},
    {PEER_AT_MOST, 1.00, {1, 1, 9}, {2, 2, 2}, PEER_REACHED}, /* one round is no median */
    {PEER_AT_MOST, 1.00, {1, 9, 9}, {2, 2, 2}, PEER_MISSED},
    {PEER_AT_LEAST, 0.80, {8, 8, 8}, {10, 10, 10}, PEER_REACHED},
    {PEER_AT_LEAST, 0.81, {8, 8, 8}, {10, 10, 10}, PEER_MISSED},
    {PEER_SUBJECT_AT_MOST, 256, {256, 256, 256}, {1, 1, 1}, PEER_REACHED},
    {PEER_SUBJECT_AT_MOST, 255, {256, 256, 256}, {9999, 9999, 9999}, PEER_MISSED},
    {PEER_NO_AIM, 0, {8, 8, 8}, {10, 10, 10}, PEER_TOLD},
    {PEER_NO_AIM, 0, {NAN, NAN, NAN}, {10, 10, 10}, PEER_TOLD},
    {PEER_AT_MOST, 1, {NAN, NAN, NAN}, {10, 10, 10}, PEER_MISSED},
    {PEER_AT_MOST, 1, {1, 1, NAN}, {10, 10, 10}, PEER_MISSED}, /* a round is missing */
    {PEER_AT_MOST, 1, {0, 0, 0}, {0, 0, 0}, PEER_MISSED},
    {PEER_AT_LEAST, 1, {5, 5, 5}, {0, 0, 0}, PEER_MISSED},
    {PEER_SUBJECT_AT_MOST, 256, {NAN, NAN, NAN}, {1, 1, 1}, PEER_MISSED},
};

START_TEST(judgement)
{
    struct peer_aim aim = {PEER_CPU_US, cases[_i].wish, cases[_i].bound};
    struct peer_verdict verdict = peer_verdict_of(&aim, cases[_i].subject, cases[_i].peer, 3);
    ck_assert_int_eq(verdict.judgement, cases[_i].judgement);
    ck_assert_double_eq(verdict.aim.bound, cases[_i].bound);
}
END_TEST

/* The machine was twice as slow in the second round: each ratio is 0.5, that of medians is not. */
START_TEST(the_ratio_is_of_rounds)
{
    static const double subject[] = {5, 10, 6, 7};
    static const double peer[] = {10, 20, 24, 14};
    struct peer_aim aim = {PEER_CPU_US, PEER_AT_MOST, 0.5};
    struct peer_verdict verdict = peer_verdict_of(&aim, subject, peer, 4);
    ck_assert_double_eq(verdict.subject, 6.5);
    ck_assert_double_eq(verdict.peer, 17);
    ck_assert_double_eq(verdict.ratio, 0.5);
    ck_assert_double_eq(verdict.low, 0.25);
    ck_assert_double_eq(verdict.high, 0.5);
    ck_assert_int_eq(verdict.judgement, PEER_REACHED);
}
END_TEST

START_TEST(no_rounds_reach_nothing)
{
    struct peer_aim aim = {PEER_CPU_US, PEER_AT_MOST, 1};
    struct peer_verdict verdict = peer_verdict_of(&aim, NULL, NULL, 0);
    ck_assert(isnan(verdict.ratio) && isnan(verdict.low) && isnan(verdict.high));
    ck_assert_int_eq(verdict.judgement, PEER_MISSED);
}
END_TEST

/* ---- a row ---- */

static struct peer_outcome *outcome;

static void make_outcome(void)
{
    outcome = calloc(1, sizeof(*outcome));
    ck_assert_ptr_nonnull(outcome);
}

static void free_outcome(void)
{
    free(outcome);
}

static void set(enum peer_figure figure, double subject, double peer)
{
    for (size_t i = 0; i < outcome->rounds; i++) {
        outcome->figures[0][figure][i] = subject;
        outcome->figures[1][figure][i] = peer;
    }
}

/* Both aims decide: CPU time at most 0.8, and a rate that is at least the peer's. */
static const struct {
    double cpu_us;
    double rate_rps;
    bool reached;
} rows[] = {{4, 1000, true}, {4, 999, false}, {4.1, 1000, false}, {NAN, 1000, false}};

START_TEST(every_aim_decides)
{
    outcome->row = peer_row_find("ping-1", 6);
    outcome->rounds = 2;
    set(PEER_CPU_US, rows[_i].cpu_us, 5);
    set(PEER_RATE_RPS, rows[_i].rate_rps, 1000);
    peer_outcome_judge(outcome);
    ck_assert_uint_eq(outcome->verdict_count, 2);
    ck_assert_int_eq(outcome->verdicts[0].aim.figure, PEER_CPU_US);
    ck_assert_double_eq(outcome->verdicts[0].peer, 5);
    ck_assert_int_eq(outcome->verdicts[1].aim.figure, PEER_RATE_RPS);
    ck_assert_int_eq(peer_outcome_reached(outcome), rows[_i].reached);
}
END_TEST

START_TEST(a_row_with_one_aim)
{
    outcome->row = peer_row_find("latency", 7);
    outcome->rounds = 1;
    set(PEER_P50_US, 10, 10);
    peer_outcome_judge(outcome);
    ck_assert_uint_eq(outcome->verdict_count, 1);
    ck_assert(peer_outcome_reached(outcome));
    peer_outcome_judge(outcome); /* again, not in addition */
    ck_assert_uint_eq(outcome->verdict_count, 1);
}
END_TEST

START_TEST(what_was_not_measured_is_not_reached)
{
    outcome->row = peer_row_find("latency", 7);
    ck_assert(!peer_outcome_reached(outcome));
    outcome->rounds = 1;
    set(PEER_P50_US, 10, 10);
    peer_outcome_judge(outcome);
    snprintf(outcome->problem, sizeof(outcome->problem), "interrupted");
    ck_assert(!peer_outcome_reached(outcome));
}
END_TEST

/* Each number of threads decides; within noise, a twentieth, is as fast. */
START_TEST(a_curve_is_judged_point_by_point)
{
    char name[PEER_VERDICT_NAME_SIZE];
    outcome->row = peer_row_find("queue", 5);
    outcome->rounds = 3;
    outcome->curve_count = 2;
    outcome->curve_threads[0] = 1;
    outcome->curve_threads[1] = 16;
    set(PEER_CURVE, 100, 80);
    set((enum peer_figure)(PEER_CURVE + 1), 95, 100);
    peer_outcome_judge(outcome);
    ck_assert_uint_eq(outcome->verdict_count, 2);
    ck_assert_double_eq(outcome->verdicts[1].ratio, 0.95);
    ck_assert(peer_outcome_reached(outcome));
    ck_assert_str_eq(peer_outcome_figure_name(outcome, PEER_CURVE + 1, name), "threads_16");
    ck_assert_str_eq(peer_outcome_figure_name(outcome, PEER_CPU_US, name), "cpu_us");
    set((enum peer_figure)(PEER_CURVE + 1), 94, 100);
    peer_outcome_judge(outcome);
    ck_assert(!peer_outcome_reached(outcome));
}
END_TEST

Suite *peer_verdict_suite(void)
{
    Suite *suite = suite_create("peer_verdict");
    TCase *verdicts = tcase_create("verdicts");
    tcase_add_loop_test(verdicts, judgement, 0, COUNT(cases));
    tcase_add_test(verdicts, the_ratio_is_of_rounds);
    tcase_add_test(verdicts, no_rounds_reach_nothing);
    suite_add_tcase(suite, verdicts);
    TCase *of_rows = tcase_create("rows");
    tcase_add_checked_fixture(of_rows, make_outcome, free_outcome);
    tcase_add_loop_test(of_rows, every_aim_decides, 0, COUNT(rows));
    tcase_add_test(of_rows, a_row_with_one_aim);
    tcase_add_test(of_rows, what_was_not_measured_is_not_reached);
    tcase_add_test(of_rows, a_curve_is_judged_point_by_point);
    suite_add_tcase(suite, of_rows);
    return suite;
}
