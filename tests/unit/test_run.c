/* SPDX-License-Identifier: MIT */
#include "bench/engine/run.h"

#include "bench/base/bench_interrupt.h"
#include "common/clock.h"
#include "tests/unit/stub_server.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const double warm_up_s = 0.05;
static const double duration_s = 0.3;

static struct stub_server server;
static struct workload workload;
static struct run_plan plan;
static struct measurement measurement;
static char error[BENCH_ERROR_SIZE];

/* What the callbacks saw. */
static size_t windows_begun;
static size_t windows_ended;
static size_t progresses;
static double last_done;
static uint64_t last_replies;

static void set_up(void)
{
    server = stub_server_of_pings();
    ck_assert(workload_parse("ping", &workload, error));
    plan = (struct run_plan){
        .load = {.target = &server.endpoint,
                 .workload = &workload,
                 .connections = 4,
                 .threads = 1,
                 .pipeline = 1,
                 .seed = 1,
                 .inflight = 1000,
                 .timeout_ms = 20000},
        .warm_up_ns = (uint64_t)(warm_up_s * NS_PER_S),
        .duration_ns = (uint64_t)(duration_s * NS_PER_S),
    };
    stub_server_start(&server);
}

static void tear_down(void)
{
    measurement_free(&measurement);
    workload_free(&workload);
    stub_server_stop(&server);
}

static void expect(enum run_result result)
{
    enum run_result actual = run_load(&plan, &measurement, error);
    ck_assert_msg(actual == result, "%d instead of %d: %s", actual, result, error);
}

static void count_begin(void *context)
{
    ck_assert_ptr_eq(context, &server);
    ck_assert_uint_eq(windows_ended, 0);
    windows_begun++;
}

static void count_end(void *context)
{
    ck_assert_ptr_eq(context, &server);
    ck_assert_uint_eq(windows_begun, 1);
    windows_ended++;
}

static void never(void *context)
{
    (void)context;
    ck_abort_msg("there is no such moment");
}

static void count_progress(void *context, double done, uint64_t replies, uint64_t failures)
{
    ck_assert_ptr_eq(context, &server);
    ck_assert_double_ge(done, last_done);
    ck_assert_double_le(done, 1);
    ck_assert_uint_ge(replies, last_replies);
    ck_assert_uint_eq(failures, 0);
    last_done = done;
    last_replies = replies;
    progresses++;
}

static void watch(void)
{
    plan.context = &server;
    plan.window_begins = count_begin;
    plan.window_ended = count_end;
    plan.progress = count_progress;
}

START_TEST(warm_up_and_window)
{
    set_up();
    watch();
    expect(RUN_DONE);
    ck_assert_uint_eq(windows_begun, 1);
    ck_assert_uint_eq(windows_ended, 1);
    ck_assert_uint_ge(progresses, 3);
    ck_assert_double_eq(last_done, 1);
    ck_assert_double_ge(measurement.warm_up_s, warm_up_s);
    ck_assert_double_ge(measurement.measured_s, duration_s);
    ck_assert_uint_gt(measurement.response.count, 100);
    ck_assert(!isnan(measurement.little_ratio));
    tear_down();
}
END_TEST

/* A twentieth of the window is a row. */
START_TEST(series_of_a_run)
{
    set_up();
    expect(RUN_DONE);
    ck_assert_uint_ge(measurement.series_count, 3);
    ck_assert_uint_le(measurement.series_count, 27);
    ck_assert(measurement.series[0].warm_up);
    ck_assert(!measurement.series[measurement.series_count - 1].warm_up);
    measurement_free(&measurement);
    plan.interval_ns = 100 * NS_PER_MS;
    expect(RUN_DONE);
    ck_assert_uint_le(measurement.series_count, 5);
    tear_down();
}
END_TEST

/* All requests count, from the first to the last. */
START_TEST(number_of_requests)
{
    set_up();
    watch();
    plan.load.requests = 500;
    plan.warm_up_ns = 0;
    plan.duration_ns = 0;
    expect(RUN_DONE);
    ck_assert_double_eq(measurement.warm_up_s, 0);
    ck_assert_uint_eq(measurement.response.count, 500);
    ck_assert_double_eq_tol(measurement.throughput_rps * measurement.measured_s, 500, 1e-6);
    ck_assert_uint_eq(windows_begun, 1);
    ck_assert_double_nan(measurement.little_ratio); /* fewer were outstanding at the end */
    tear_down();
}
END_TEST

/* A request that the in-flight limit holds back is one of them, though nobody answers it. */
START_TEST(number_of_requests_with_some_held_back)
{
    set_up();
    plan.load.requests = 300;
    plan.load.rate_rps = 3000;
    plan.load.inflight = 1;
    plan.load.connections = 1;
    plan.warm_up_ns = 0;
    plan.duration_ns = 0;
    atomic_store(&server.delay_ns, 2 * NS_PER_MS);
    expect(RUN_DONE);
    ck_assert_uint_gt(measurement.held_back, 0);
    ck_assert_uint_eq(measurement.response.count + measurement.held_back, 300);
    ck_assert_uint_eq(measurement.failures_total, 0);
    tear_down();
}
END_TEST

START_TEST(lost_in_the_warm_up)
{
    set_up();
    plan.window_begins = never;
    atomic_store(&server.mode, STUB_CLOSES);
    expect(RUN_LOST);
    ck_assert_uint_eq(measurement.failures[BENCH_CLOSED], 4);
    ck_assert_str_eq(measurement.reasons[0], "it ended before anything was measured");
    tear_down();
}
END_TEST

static void close_connections(void *context, double done, uint64_t replies, uint64_t failures)
{
    (void)context;
    (void)done;
    (void)failures;
    if (replies > 100)
        atomic_store(&server.mode, STUB_CLOSES);
}

/* What was measured until then is there. */
START_TEST(lost_in_the_window)
{
    set_up();
    plan.progress = close_connections;
    plan.window_ended = never;
    plan.warm_up_ns = 0;
    plan.duration_ns = UINT64_C(10) * NS_PER_S;
    expect(RUN_LOST);
    ck_assert_uint_eq(measurement.failures[BENCH_CLOSED], 4);
    ck_assert_uint_eq(measurement.connections_end, 0);
    ck_assert_uint_ge(measurement.response.count, 100);
    ck_assert_double_lt(measurement.measured_s, 10);
    ck_assert_str_eq(measurement.first_failure, "connection lost: closed by the server");
    tear_down();
}
END_TEST

START_TEST(lost_before_all_requests_were_sent)
{
    set_up();
    plan.load.requests = 1000000000;
    plan.warm_up_ns = 0;
    plan.duration_ns = 0;
    plan.progress = close_connections;
    expect(RUN_LOST);
    tear_down();
}
END_TEST

START_TEST(unreachable)
{
    set_up();
    stub_server_stop(&server);
    expect(RUN_UNREACHABLE);
    ck_assert_ptr_nonnull(strstr(error, "Connection refused"));
    workload_free(&workload);
}
END_TEST

static double interrupt_at;

static void interrupt(void *context, double done, uint64_t replies, uint64_t failures)
{
    (void)context;
    (void)replies;
    (void)failures;
    if (done >= interrupt_at && !bench_interrupted())
        ck_assert_int_eq(raise(SIGINT), 0);
}

START_TEST(interrupted)
{
    set_up();
    bench_interrupt_install();
    interrupt_at = _i == 0 ? 0 : 0.01;
    plan.warm_up_ns = (_i == 0 ? UINT64_C(20) * NS_PER_S : 50 * NS_PER_MS);
    plan.duration_ns = UINT64_C(20) * NS_PER_S;
    plan.progress = interrupt;
    plan.window_ended = never; /* it is not asked any more */
    expect(RUN_INTERRUPTED);
    ck_assert_int_eq(measurement.response.count > 0, _i == 1);
    ck_assert_int_eq(measurement.measured_s > 0, _i == 1);
    ck_assert_double_lt(measurement.measured_s, 20);
    tear_down();
}
END_TEST

/* ---- settling ---- */

/* Other programs may need the machine in the middle of a run: then it says something else. */
static void try_until(bool (*as_expected)(void))
{
    uint64_t deadline_ns = monotonic_ns() + UINT64_C(30) * NS_PER_S;
    do {
        ck_assert_msg(monotonic_ns() < deadline_ns, "after %g s: %s", measurement.warm_up_s,
                      measurement.reasons[0]);
        measurement_free(&measurement);
        expect(RUN_DONE);
    } while (!as_expected());
}

static bool settled_early(void)
{
    return measurement.warm_up_s < 0.15;
}

static bool settled_late(void)
{
    return measurement.warm_up_s >= 0.2;
}

/* In the first fifth of the run a request takes 20 times as long. */
static void begin_slowly(void *context, double done, uint64_t replies, uint64_t failures)
{
    (void)context;
    (void)replies;
    (void)failures;
    atomic_store(&server.delay_ns, (done < 0.25 ? 4000 : 200) * NS_PER_US);
}

START_TEST(the_window_begins_when_it_has_settled)
{
    set_up();
    plan.load.connections = 1;
    plan.duration_ns = NS_PER_S;
    plan.progress = begin_slowly;
    plan.settle = _i == 1;
    try_until(_i == 1 ? settled_late : settled_early);
    ck_assert_double_eq_tol(measurement.warm_up_s + measurement.measured_s,
                            measurement.series[measurement.series_count - 1].end_s, 1e-9);
    tear_down();
}
END_TEST

/* For a seventh of the run, in its first half, a request takes 20 times as long. */
static void stall(void *context, double done, uint64_t replies, uint64_t failures)
{
    (void)context;
    (void)replies;
    (void)failures;
    atomic_store(&server.delay_ns, (done > 0.25 && done < 0.4 ? 4000 : 200) * NS_PER_US);
}

/* Dropping what comes before the stall's end would hide it. */
START_TEST(a_stall_is_no_warm_up)
{
    set_up();
    plan.load.connections = 1;
    plan.load.rate_rps = _i == 0 ? 0 : 150;
    plan.duration_ns = NS_PER_S;
    plan.progress = stall;
    plan.settle = true;
    try_until(settled_early);
    ck_assert_double_gt(measurement.response.max_us, 4000);
    tear_down();
}
END_TEST

static void grow_slower(void *context, double done, uint64_t replies, uint64_t failures)
{
    (void)context;
    (void)replies;
    (void)failures;
    atomic_store(&server.delay_ns, (uint64_t)((1 + 5 * done) * 400) * NS_PER_US);
}

static bool drifted(void)
{
    for (size_t i = 0; i < measurement.reason_count; i++)
        if (strstr(measurement.reasons[i], "the rate still drifted: by -") != NULL)
            return true;
    return false;
}

START_TEST(a_rate_that_drifts_is_refused)
{
    set_up();
    plan.load.connections = 1;
    plan.duration_ns = NS_PER_S;
    plan.progress = grow_slower;
    plan.settle = _i == 1;
    _i == 1 ? try_until(drifted) : expect(RUN_DONE);
    ck_assert_int_eq(drifted(), _i == 1);
    tear_down();
}
END_TEST

/* Until each place was answered twice, response times still grow with the queue. */
START_TEST(the_warm_up_waits_for_slow_servers)
{
    set_up();
    plan.settle = true;
    plan.load.connections = 20;
    plan.warm_up_ns = 10 * NS_PER_MS;
    plan.duration_ns = 200 * NS_PER_MS;
    atomic_store(&server.delay_ns, 10 * NS_PER_MS);
    expect(RUN_DONE);
    ck_assert_double_ge(measurement.warm_up_s, 0.4);
    tear_down();
}
END_TEST

Suite *run_suite(void)
{
    Suite *suite = suite_create("run");
    TCase *tests = tcase_create("run");
    tcase_add_test(tests, warm_up_and_window);
    tcase_add_test(tests, series_of_a_run);
    tcase_add_test(tests, number_of_requests);
    tcase_add_test(tests, number_of_requests_with_some_held_back);
    tcase_add_test(tests, lost_in_the_warm_up);
    tcase_add_test(tests, lost_in_the_window);
    tcase_add_test(tests, lost_before_all_requests_were_sent);
    tcase_add_test(tests, unreachable);
    tcase_add_loop_test(tests, interrupted, 0, 2);
    tcase_add_loop_test(tests, the_window_begins_when_it_has_settled, 0, 2);
    tcase_add_loop_test(tests, a_stall_is_no_warm_up, 0, 2);
    tcase_add_loop_test(tests, a_rate_that_drifts_is_refused, 0, 2);
    tcase_add_test(tests, the_warm_up_waits_for_slow_servers);
    suite_add_tcase(suite, tests);
    return suite;
}
