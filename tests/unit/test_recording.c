/* SPDX-License-Identifier: MIT */
/* A load against a server in this process. Ticks are forced: no interval is waited for. */
#include "bench/engine/recording.h"
#include "common/clock.h"
#include "tests/unit/stub_server.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <math.h>

enum { CONNECTIONS = 4, MORE_REPLIES = 30 };

static const uint64_t long_interval_ns = UINT64_C(60) * NS_PER_S;

static struct stub_server server;
static struct workload workload;
static struct engine_settings settings;
static struct engine *engine;
static struct recording recording;
static struct engine_end end;
static struct measurement measurement;
static char error[BENCH_ERROR_SIZE];

/* Begins a load, closed if the rate is 0, and its recording. */
static void begin(double rate_rps, uint64_t interval_ns, size_t keep)
{
    server = stub_server_of_pings();
    stub_server_start(&server);
    ck_assert(workload_parse("ping", &workload, error));
    settings = (struct engine_settings){
        .target = &server.endpoint,
        .workload = &workload,
        .connections = CONNECTIONS,
        .threads = 2,
        .pipeline = 1,
        .rate_rps = rate_rps,
        .arrivals = ARRIVAL_CONSTANT,
        .inflight = 100,
        .seed = 1,
        .timeout_ms = 20000,
    };
    engine = engine_open(&settings, error);
    ck_assert_msg(engine != NULL, "%s", error);
    ck_assert_msg(engine_launch(engine, error), "%s", error);
    ck_assert(recording_begin(&recording, engine, &settings, interval_ns, keep));
}

static void stop_and_measure(void)
{
    engine_stop(engine, &end);
    ck_assert(recording_measure(&recording, &end, false, &measurement));
}

static void tear_down(void)
{
    recording_free(&recording);
    engine_close(engine);
    measurement_free(&measurement);
    workload_free(&workload);
    stub_server_stop(&server);
}

static void wait_for_replies(void)
{
    uint64_t wanted = engine_replies(engine) + MORE_REPLIES;
    ck_assert_eventually(engine_replies(engine) >= wanted);
}

/* From now on there are no replies: the server has one request of each connection. */
static void fall_silent(void)
{
    atomic_store(&server.mode, STUB_SILENT);
    ck_assert_eventually(atomic_load(&server.requests) == engine_replies(engine) + CONNECTIONS);
}

/* Adds a row with some replies in it. */
static void add_row(void)
{
    wait_for_replies();
    recording.next_ns = 1;
    (void)recording_tick(&recording);
}

/* Replies that the rows from `first` on tell of. */
static double count_of_rows(size_t first)
{
    double count = 0;
    for (size_t i = first; i < measurement.series_count; i++) {
        const struct series_row *row = &measurement.series[i];
        double begin_s = i > 0 ? row[-1].end_s : 0;
        ck_assert_double_gt(row->end_s, begin_s);
        count += row->throughput_rps * (row->end_s - begin_s);
    }
    return count;
}

static size_t count_warm_up_rows(void)
{
    size_t count = 0;
    while (count < measurement.series_count && measurement.series[count].warm_up)
        count++;
    for (size_t i = count; i < measurement.series_count; i++)
        ck_assert(!measurement.series[i].warm_up);
    return count;
}

START_TEST(ticks)
{
    begin(0, long_interval_ns, 0);
    uint64_t next_ns = engine_begin_ns(engine) + long_interval_ns;
    ck_assert_uint_eq(recording_tick(&recording), next_ns);
    ck_assert_uint_eq(recording.row_count, 0);
    /* Due a moment ago: the beat goes on. Due long ago: it begins anew. */
    recording.next_ns = monotonic_ns();
    next_ns = recording.next_ns + long_interval_ns;
    ck_assert_uint_eq(recording_tick(&recording), next_ns);
    ck_assert_uint_eq(recording.row_count, 1);
    wait_for_replies();
    recording.next_ns = 1;
    recording.interval_ns = 1000;
    next_ns = recording_tick(&recording);
    ck_assert_uint_eq(recording.row_count, 2);
    ck_assert_uint_eq(next_ns, recording.latest->at_ns + 1000);
    tear_down();
}
END_TEST

/* Two rows of warm-up (the second ends where the window begins), three of the window and a rest. */
static void record_rows(uint64_t interval_ns)
{
    begin(0, interval_ns, 0);
    add_row();
    wait_for_replies();
    ck_assert(recording_begin_window(&recording, false));
    ck_assert_uint_eq(recording.next_ns, recording.window->at_ns + interval_ns);
    for (int i = 0; i < 3; i++)
        add_row();
    atomic_store(&server.delay_ns, 20 * NS_PER_MS); /* the slowest are in the rest */
    wait_for_replies();
    recording_finish(&recording);
    stop_and_measure();
}

static void check_rows(size_t warm_up, size_t rows)
{
    ck_assert_uint_eq(measurement.series_count, rows);
    ck_assert_uint_eq(count_warm_up_rows(), warm_up);
    ck_assert_double_eq_tol(measurement.warm_up_s, measurement.series[warm_up - 1].end_s, 1e-9);
    ck_assert_double_eq_tol(measurement.series[rows - 1].end_s,
                            measurement.warm_up_s + measurement.measured_s, 1e-9);
    ck_assert_double_eq_tol(count_of_rows(warm_up), (double)measurement.response.count, 1e-3);
    ck_assert_uint_ge(measurement.response.count, 4 * MORE_REPLIES);
    ck_assert_double_ge(measurement.series[rows - 1].max_us, 20000);
    double count = 0;
    for (size_t i = 0; i < warm_up; i++)
        count += measurement.series[i].throughput_rps *
                 (measurement.series[i].end_s - (i > 0 ? measurement.series[i - 1].end_s : 0));
    ck_assert_double_ge(count, 2 * MORE_REPLIES - 1e-3);
    for (size_t i = 0; i < rows; i++) {
        const struct series_row *row = &measurement.series[i];
        ck_assert_double_gt(row->p50_us, 0);
        ck_assert_double_le(row->p50_us, row->p99_us);
        ck_assert_double_le(row->p99_us, row->max_us);
        ck_assert_double_le(row->max_us, i < warm_up ? 1e9 : measurement.response.max_us);
        ck_assert_uint_eq(row->failures, 0);
    }
}

START_TEST(rows)
{
    record_rows(1);
    check_rows(2, 6);
    tear_down();
}
END_TEST

/* That of the warm-up, and that of the window. */
START_TEST(a_short_last_row_joins_the_one_before)
{
    record_rows(long_interval_ns);
    check_rows(1, 4);
    tear_down();
}
END_TEST

/* However short it is, it does not join a row of the warm-up. */
START_TEST(the_only_row_of_the_window_stays)
{
    begin(0, long_interval_ns, 0);
    add_row();
    ck_assert(recording_begin_window(&recording, false));
    wait_for_replies();
    recording_finish(&recording);
    stop_and_measure();
    ck_assert_uint_eq(count_warm_up_rows(), measurement.series_count - 1);
    ck_assert_double_eq_tol(count_of_rows(measurement.series_count - 1),
                            (double)measurement.response.count, 1e-3);
    tear_down();
}
END_TEST

/* A window that begins soon after the load has all of it. */
START_TEST(no_warm_up)
{
    begin(0, long_interval_ns, 0);
    wait_for_replies();
    ck_assert(recording_begin_window(&recording, true));
    wait_for_replies();
    fall_silent();
    recording_finish(&recording);
    stop_and_measure();
    ck_assert_uint_eq(measurement.series_count, 1);
    ck_assert(!measurement.series[0].warm_up);
    ck_assert_double_eq(measurement.warm_up_s, 0);
    ck_assert_uint_ge(measurement.response.count, 2 * MORE_REPLIES);
    ck_assert_double_eq_tol(count_of_rows(0), (double)measurement.response.count, 1e-3);
    ck_assert_uint_eq(measurement.outstanding_begin, 0);
    ck_assert_uint_eq(measurement.outstanding_end, CONNECTIONS);
    tear_down();
}
END_TEST

START_TEST(figures_of_a_closed_loop)
{
    record_rows(long_interval_ns);
    ck_assert(!measurement.open_loop);
    ck_assert_double_nan(measurement.offered_rps);
    double count = (double)measurement.response.count;
    ck_assert_double_eq_tol(measurement.throughput_rps, count / measurement.measured_s, 1e-6);
    /* A reading takes a while, a long one under sanitizers, and replies go on to come. */
    ck_assert_double_eq_tol(measurement.sent_rps * measurement.measured_s, count, 0.1 * count);
    ck_assert_uint_eq(histogram_count(measurement.response_histogram), measurement.response.count);
    ck_assert_ptr_null(measurement.wire_histogram);
    ck_assert_uint_eq(measurement.wire.count, measurement.response.count);
    ck_assert_double_eq(measurement.wire.p50_us, measurement.response.p50_us);
    ck_assert_uint_eq(measurement.lag.count, 0);
    ck_assert_uint_eq(measurement.connections, CONNECTIONS);
    ck_assert_uint_eq(measurement.connections_end, CONNECTIONS);
    ck_assert_uint_eq(measurement.threads, 2);
    ck_assert_double_gt(measurement.generator_busy, 0);
    ck_assert_double_gt(measurement.generator_cpu_us, 0);
    ck_assert_double_lt(measurement.generator_cpu_us, 1e6);
    ck_assert_uint_eq(measurement.held_back, 0);
    ck_assert_uint_eq(measurement.failures_total, 0);
    ck_assert_str_eq(measurement.first_failure, "");
    ck_assert(!isnan(measurement.little_ratio)); /* it was judged */
    tear_down();
}
END_TEST

START_TEST(figures_of_an_open_loop)
{
    begin(2000, long_interval_ns, 0);
    wait_for_replies();
    ck_assert(recording_begin_window(&recording, false));
    wait_for_replies();
    wait_for_replies();
    recording_finish(&recording);
    stop_and_measure();
    ck_assert(measurement.open_loop);
    ck_assert_double_eq(measurement.offered_rps, 2000);
    ck_assert_uint_ge(measurement.response.count, 2 * MORE_REPLIES);
    /* A reading, at the window's begin or its end, may come while a thread records: each of the two
     * may be one ahead at both. */
    double count = (double)measurement.response.count;
    ck_assert_double_eq_tol((double)measurement.wire.count, count, 4.5);
    ck_assert_double_eq_tol((double)measurement.lag.count, count, 4.5);
    ck_assert_uint_eq(histogram_count(measurement.wire_histogram), measurement.wire.count);
    /* Each response is its lag and its time on the wire. */
    ck_assert_double_eq_tol(measurement.response.mean_us,
                            measurement.lag.mean_us + measurement.wire.mean_us,
                            0.1 * measurement.response.mean_us);
    tear_down();
}
END_TEST

/* ---- moving the window's begin ---- */

static void record_kept(size_t keep)
{
    begin(0, 1, keep);
    wait_for_replies();
    ck_assert(recording_begin_window(&recording, false));
    for (int i = 0; i < 6; i++)
        add_row();
    recording_finish(&recording);
}

START_TEST(window_moves)
{
    record_kept(4);
    recording_move_window(&recording, (size_t)_i);
    stop_and_measure();
    size_t first = 1 + (size_t)_i;
    ck_assert_uint_eq(count_warm_up_rows(), first);
    ck_assert_double_eq_tol(measurement.warm_up_s, measurement.series[first - 1].end_s, 1e-9);
    ck_assert_double_eq_tol(count_of_rows(first), (double)measurement.response.count, 1e-3);
    tear_down();
}
END_TEST

/* Beyond what was kept it cannot move, and stays. */
START_TEST(window_does_not_move)
{
    record_kept(4);
    recording_move_window(&recording, 5);
    stop_and_measure();
    ck_assert_uint_eq(count_warm_up_rows(), 1);
    ck_assert_double_eq_tol(count_of_rows(1), (double)measurement.response.count, 1e-3);
    tear_down();
}
END_TEST

/* ---- less than usual ---- */

START_TEST(ended_in_the_warm_up)
{
    begin(0, long_interval_ns, 0);
    add_row();
    stop_and_measure();
    ck_assert_uint_eq(measurement.reason_count, 1);
    ck_assert_str_eq(measurement.reasons[0], "it ended before anything was measured");
    ck_assert_uint_eq(measurement.response.count, 0);
    ck_assert_double_nan(measurement.response.mean_us);
    ck_assert_double_nan(measurement.wire.mean_us);
    ck_assert_double_nan(measurement.lag.mean_us);
    ck_assert_ptr_null(measurement.response_histogram);
    ck_assert_double_eq(measurement.measured_s, 0);
    ck_assert_uint_eq(measurement.series_count, 1);
    tear_down();
}
END_TEST

START_TEST(a_row_without_replies)
{
    begin(0, 1, 0);
    wait_for_replies();
    fall_silent();
    ck_assert(recording_begin_window(&recording, false));
    recording.next_ns = 1;
    (void)recording_tick(&recording);
    recording_finish(&recording);
    stop_and_measure();
    const struct series_row *row = &measurement.series[measurement.series_count - 1];
    ck_assert_double_eq(row->throughput_rps, 0);
    ck_assert_double_nan(row->p50_us);
    ck_assert_double_nan(row->p99_us);
    ck_assert_double_nan(row->max_us);
    ck_assert_uint_eq(measurement.outstanding_end, CONNECTIONS);
    ck_assert_double_gt(measurement.oldest_unanswered_us, 0);
    ck_assert(!measurement_valid(&measurement));
    tear_down();
}
END_TEST

/* Of the whole run, and in the row when they happened, or that it joined. */
START_TEST(failures)
{
    begin(0, _i == 0 ? 1 : long_interval_ns, 0);
    add_row();
    ck_assert(recording_begin_window(&recording, false));
    add_row();
    atomic_store(&server.mode, STUB_CLOSES);
    ck_assert_eventually(engine_wait(engine, 10));
    recording_finish(&recording);
    stop_and_measure();
    ck_assert_uint_eq(measurement.failures[BENCH_CLOSED], CONNECTIONS);
    ck_assert_uint_eq(measurement.failures_total, CONNECTIONS);
    ck_assert_uint_eq(measurement.connections_end, 0);
    ck_assert_str_eq(measurement.first_failure, "connection lost: closed by the server");
    uint64_t in_rows = 0;
    for (size_t i = 0; i < measurement.series_count; i++) {
        ck_assert(measurement.series[i].failures == 0 || !measurement.series[i].warm_up);
        in_rows += measurement.series[i].failures;
    }
    ck_assert_uint_eq(in_rows, CONNECTIONS);
    tear_down();
}
END_TEST

Suite *recording_suite(void)
{
    Suite *suite = suite_create("recording");
    TCase *tests = tcase_create("recording");
    tcase_add_test(tests, ticks);
    tcase_add_test(tests, rows);
    tcase_add_test(tests, a_short_last_row_joins_the_one_before);
    tcase_add_test(tests, the_only_row_of_the_window_stays);
    tcase_add_test(tests, no_warm_up);
    tcase_add_test(tests, figures_of_a_closed_loop);
    tcase_add_test(tests, figures_of_an_open_loop);
    tcase_add_loop_test(tests, window_moves, 0, 5);
    tcase_add_test(tests, window_does_not_move);
    tcase_add_test(tests, ended_in_the_warm_up);
    tcase_add_test(tests, a_row_without_replies);
    tcase_add_loop_test(tests, failures, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
