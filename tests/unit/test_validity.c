/* SPDX-License-Identifier: MIT */
/* Every rule at its threshold, which is still allowed, and just beyond it. */
#include "bench/engine/validity.h"
#include "common/clock.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <string.h>

static const struct engine_settings settings = {.connections = 10, .pipeline = 2};

/* 1,000 requests per second for 10 s, answered in 20 ms each: 20 are outstanding. */
static struct measurement closed_loop(void)
{
    return (struct measurement){
        .measured_s = 10,
        .sent_rps = 1000,
        .throughput_rps = 1000,
        .response = {10000, 20000, 20000, 20000, 20000, 20000, 20000},
        .outstanding_begin = 20,
        .outstanding_end = 20,
        .connections = 10,
        .connections_end = 10,
        .generator_busy = 0.5,
        .little_ratio = NAN,
    };
}

static struct measurement open_loop(void)
{
    struct measurement measurement = closed_loop();
    measurement.open_loop = true;
    measurement.wire = measurement.response;
    measurement.lag = (struct bench_response){10000, 10, 10, 20, 30, 40, 50};
    return measurement;
}

static void judge(struct measurement *measurement)
{
    validity_judge(measurement, &settings, 0, false);
}

static void expect_valid(struct measurement *measurement)
{
    judge(measurement);
    ck_assert_msg(measurement_valid(measurement), "%s", measurement->reasons[0]);
}

/* This one reason and no other. */
static void expect_refused(struct measurement *measurement, const char *reason)
{
    judge(measurement);
    ck_assert_str_eq(measurement->reasons[0], reason);
    ck_assert_uint_eq(measurement->reason_count, 1);
}

START_TEST(nothing_to_refuse)
{
    struct measurement closed = closed_loop();
    struct measurement open = open_loop();
    expect_valid(&closed);
    expect_valid(&open);
    ck_assert(!closed.unstable && !open.unstable);
    ck_assert_double_eq(closed.little_ratio, 1);
    ck_assert_double_nan(open.little_ratio);
}
END_TEST

START_TEST(wrong_replies)
{
    struct measurement measurement = open_loop();
    measurement.failures[BENCH_ERROR_REPLY] = 1; /* a failure, but an honest one */
    measurement.failures[BENCH_CLOSED] = 1;
    measurement.failures[BENCH_TIMEOUT] = 1;
    expect_valid(&measurement);
    measurement.failures[BENCH_WRONG_REPLY] = 1;
    expect_refused(&measurement, "1 replies did not match what was sent");
    measurement = open_loop();
    measurement.failures[BENCH_WRONG_REPLY] = 2;
    measurement.failures[BENCH_MALFORMED] = 3;
    expect_refused(&measurement, "5 replies did not match what was sent");
}
END_TEST

START_TEST(lost_connections)
{
    struct measurement measurement = closed_loop();
    measurement.connections_end = 9;
    expect_refused(&measurement, "only 9 of 10 connections were open at the end");
}
END_TEST

START_TEST(few_replies)
{
    struct measurement measurement = open_loop();
    measurement.response.count = VALIDITY_REPLIES;
    expect_valid(&measurement);
    measurement.response.count = VALIDITY_REPLIES - 1;
    expect_refused(&measurement, "only 49 replies in 10 s: 50 are needed; measure for longer");
}
END_TEST

START_TEST(busy_generator)
{
    struct measurement measurement = closed_loop();
    measurement.generator_busy = 0.9;
    expect_valid(&measurement);
    measurement.generator_busy = NAN; /* the kernel does not tell */
    expect_valid(&measurement);
    measurement.generator_busy = 0.91;
    expect_refused(&measurement,
                   "the generator was saturated: a thread of it was busy for 91 % of the time");
}
END_TEST

/* 1 % of 10 s. */
START_TEST(late_generator)
{
    struct measurement measurement = open_loop();
    validity_judge(&measurement, &settings, 100 * NS_PER_MS, false);
    ck_assert(measurement_valid(&measurement));
    validity_judge(&measurement, &settings, 101 * NS_PER_MS, false);
    ck_assert_str_eq(measurement.reasons[0],
                     "the generator was saturated: it sent 1.0 % less than was due");
    struct measurement closed = closed_loop();
    validity_judge(&closed, &settings, UINT64_C(5) * NS_PER_S, false);
    ck_assert(measurement_valid(&closed));
}
END_TEST

/* What a late generator adds to a percentile may be a tenth of it. */
/* What the generator adds is what the wire time does not hold. */
START_TEST(lateness_beside_the_response)
{
    struct measurement measurement = open_loop();
    measurement.response.p50_us = 1000;
    measurement.wire.p50_us = 900;
    expect_valid(&measurement);
    measurement.wire.p50_us = 899;
    expect_refused(&measurement, "the generator was late: that adds 101us to the wire's p50, over "
                                 "10 % of the response's 1.00ms");
    measurement = open_loop();
    measurement.lag.p99_us = 100000; /* of requests that are not among the slow ones */
    measurement.wire.p90_us = 18000;
    measurement.wire.p99_us = 18000;
    expect_valid(&measurement);
    measurement.wire.p99_us = 17999;
    expect_refused(&measurement, "the generator was late: that adds 2.00ms to the wire's p99, over "
                                 "10 % of the response's 20.0ms");
    measurement = open_loop();
    measurement.wire.p90_us = 17000; /* one reason is enough, the lowest percentile's */
    measurement.wire.p99_us = 17000;
    expect_refused(&measurement, "the generator was late: that adds 3.00ms to the wire's p90, over "
                                 "10 % of the response's 20.0ms");
    measurement = open_loop();
    measurement.wire.p99_9_us = 17000;
    expect_refused(&measurement, "the generator was late: that adds 3.00ms to the wire's p99.9, "
                                 "over 10 % of the response's 20.0ms");
}
END_TEST

/* Fast servers answer within the accuracy of timers; then a share of that says nothing. */
START_TEST(lateness_below_what_timers_can_do)
{
    struct measurement measurement = open_loop();
    measurement.response.p50_us = 60;
    measurement.wire.p50_us = 10;
    expect_valid(&measurement);
    measurement.wire.p50_us = 9;
    judge(&measurement);
    ck_assert_uint_eq(measurement.reason_count, 1);
}
END_TEST

START_TEST(lateness_with_few_samples)
{
    struct measurement measurement = open_loop();
    measurement.response.p99_us = NAN;
    measurement.wire.p99_us = NAN;
    measurement.wire.max_us = 1; /* one of few is no percentile */
    expect_valid(&measurement);
}
END_TEST

START_TEST(no_lag_in_a_closed_loop)
{
    struct measurement measurement = closed_loop();
    measurement.wire = (struct bench_response){0};
    expect_valid(&measurement);
}
END_TEST

/*
 * 20 outstanding: 1,000 per second x 20 ms. Off by 2 % may be, and by half a response time at each
 * end of the window, which is 0.1 % of 10 s: from 19,581 to 20,420 us.
 */
START_TEST(little_law)
{
    struct measurement measurement = closed_loop();
    measurement.response.mean_us = 19581;
    expect_valid(&measurement);
    ck_assert_double_eq_tol(measurement.little_ratio, 0.97905, 1e-12);
    measurement.response.mean_us = 20420;
    expect_valid(&measurement);
    measurement.response.mean_us = 19500;
    expect_refused(&measurement,
                   "Little's law is off by -2.5 %: rate x response time is 19.5 requests, but 20 "
                   "were outstanding (not settled yet: measure for longer)");
    static const double beyond_us[] = {19580, 20421, 22000};
    for (size_t i = 0; i < sizeof(beyond_us) / sizeof(beyond_us[0]); i++) {
        measurement = closed_loop();
        measurement.response.mean_us = beyond_us[i];
        judge(&measurement);
        ck_assert_uint_eq(measurement.reason_count, 1);
    }
}
END_TEST

START_TEST(little_law_in_a_short_window)
{
    struct measurement measurement = closed_loop();
    measurement.measured_s = 0.1; /* its ends are 11 % */
    measurement.response.mean_us = 22000;
    expect_valid(&measurement);
}
END_TEST

/* The number outstanding is not what was asked for when requests run out, or connections fail. */
START_TEST(little_law_does_not_apply)
{
    struct measurement measurement = closed_loop();
    measurement.response.mean_us = 1;
    validity_judge(&measurement, &settings, 0, true);
    ck_assert(measurement_valid(&measurement));
    measurement.failures_total = 1;
    expect_valid(&measurement);
    struct measurement open = open_loop();
    open.response.mean_us = 1;
    expect_valid(&open);
    struct measurement none = closed_loop();
    none.throughput_rps = 0;
    none.response = (struct bench_response){0, NAN, NAN, NAN, NAN, NAN, NAN};
    expect_refused(&none, "only 0 replies in 10 s: 50 are needed; measure for longer");
    ck_assert_double_nan(none.little_ratio);
}
END_TEST

/* 10,000 were sent: 2 % of them and twice their square root are 400. */
START_TEST(growing_backlog)
{
    struct measurement measurement = open_loop();
    measurement.outstanding_end = measurement.outstanding_begin + 400;
    expect_valid(&measurement);
    ck_assert(!measurement.unstable);
    measurement.outstanding_end++;
    expect_valid(&measurement); /* a result, no mistake */
    ck_assert(measurement.unstable);
    measurement = open_loop();
    measurement.outstanding_begin = 1000;
    measurement.outstanding_end = 0;
    expect_valid(&measurement);
    ck_assert(!measurement.unstable);
}
END_TEST

START_TEST(held_back_requests)
{
    struct measurement measurement = open_loop();
    measurement.held_back = 1;
    expect_valid(&measurement);
    ck_assert(measurement.unstable);
}
END_TEST

START_TEST(a_closed_loop_is_never_unstable)
{
    struct measurement measurement = closed_loop();
    measurement.outstanding_end = 100000;
    measurement.held_back = 1;
    expect_valid(&measurement);
    ck_assert(!measurement.unstable);
}
END_TEST

START_TEST(several_reasons)
{
    struct measurement measurement = open_loop();
    measurement.failures[BENCH_WRONG_REPLY] = 1;
    measurement.connections_end = 0;
    measurement.response.count = 3;
    measurement.generator_busy = 1;
    measurement.wire.p50_us = 1;
    measurement.held_back = 7;
    validity_judge(&measurement, &settings, NS_PER_S, false);
    static const char *const begins[] = {"1 replies",
                                         "only 0 of 10",
                                         "only 3 replies",
                                         "the generator was saturated: a thread",
                                         "the generator was saturated: it sent 10.0 % less",
                                         "the generator was late"};
    ck_assert_uint_eq(measurement.reason_count, sizeof(begins) / sizeof(begins[0]));
    for (size_t i = 0; i < measurement.reason_count; i++)
        ck_assert_ptr_eq(strstr(measurement.reasons[i], begins[i]), measurement.reasons[i]);
    ck_assert(measurement.unstable);
}
END_TEST

Suite *validity_suite(void)
{
    Suite *suite = suite_create("validity");
    TCase *tests = tcase_create("validity");
    tcase_add_test(tests, nothing_to_refuse);
    tcase_add_test(tests, wrong_replies);
    tcase_add_test(tests, lost_connections);
    tcase_add_test(tests, few_replies);
    tcase_add_test(tests, busy_generator);
    tcase_add_test(tests, late_generator);
    tcase_add_test(tests, lateness_beside_the_response);
    tcase_add_test(tests, lateness_below_what_timers_can_do);
    tcase_add_test(tests, lateness_with_few_samples);
    tcase_add_test(tests, no_lag_in_a_closed_loop);
    tcase_add_test(tests, little_law);
    tcase_add_test(tests, little_law_in_a_short_window);
    tcase_add_test(tests, little_law_does_not_apply);
    tcase_add_test(tests, growing_backlog);
    tcase_add_test(tests, held_back_requests);
    tcase_add_test(tests, a_closed_loop_is_never_unstable);
    tcase_add_test(tests, several_reasons);
    suite_add_tcase(suite, tests);
    return suite;
}
