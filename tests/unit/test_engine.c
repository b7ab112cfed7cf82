/* SPDX-License-Identifier: MIT */
/* How much is sent, and when, to a server in this process. */
#include "common/clock.h"
#include "tests/unit/engine_bed.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct engine_bed bed;

static const struct {
    size_t threads;
    size_t pipeline;
    double rate_rps;
} shapes[] = {{1, 1, 0},  {3, 1, 0},     {3, 7, 0},    {3, 300, 0}, /* more places than requests */
              {64, 1, 0}, {1, 1, 50000}, {3, 1, 50000}};

START_TEST(as_many_requests_as_asked_for)
{
    enum { REQUESTS = 1000 };
    engine_bed_set_up(&bed);
    bed.settings.requests = REQUESTS;
    bed.settings.threads = shapes[_i].threads;
    bed.settings.pipeline = shapes[_i].pipeline;
    bed.settings.rate_rps = shapes[_i].rate_rps;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    const struct engine_snapshot *snapshot = engine_bed_snapshot(&bed);
    ck_assert_uint_eq(snapshot->sent, REQUESTS);
    ck_assert_uint_eq(snapshot->replies, REQUESTS);
    ck_assert_uint_eq(engine_replies(bed.engine), REQUESTS);
    ck_assert_uint_eq(engine_failures(bed.engine), 0);
    ck_assert_uint_eq(histogram_count(&snapshot->response), REQUESTS);
    ck_assert_uint_eq(histogram_count(&snapshot->wire), bed.settings.rate_rps > 0 ? REQUESTS : 0);
    ck_assert_uint_eq(histogram_count(&snapshot->lag), bed.settings.rate_rps > 0 ? REQUESTS : 0);
    ck_assert_uint_eq(snapshot->outstanding, 0);
    ck_assert_uint_eq(snapshot->held_back, 0);
    ck_assert_uint_eq(snapshot->threads, bed.settings.threads < 8 ? bed.settings.threads : 8);
    ck_assert_eventually(atomic_load(&bed.server.requests) == REQUESTS);
    uint64_t last_ns = snapshot->at_ns;
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->at_ns, last_ns); /* the run ended then */
    engine_stop(bed.engine, &bed.end);
    ck_assert_uint_eq(bed.end.connections_open, 8);
    ck_assert_uint_eq(bed.end.oldest_unanswered_ns, 0);
    ck_assert_str_eq(bed.end.first_failure, "");
    engine_bed_finish(&bed);
}
END_TEST

static int compare_numbers(const void *left, const void *right)
{
    return memcmp(left, right, 16);
}

/* Each thread numbers its own requests, yet no two are alike. */
START_TEST(every_request_is_unique)
{
    enum { REQUESTS = 600 };
    static char numbers[REQUESTS][16];
    struct byte_buffer record = {0};
    engine_bed_set_up(&bed);
    engine_bed_set_workload(&bed, "echo:16");
    bed.server = stub_server_of_echoes(16);
    bed.server.record = &record;
    bed.settings.requests = REQUESTS;
    bed.settings.pipeline = 4;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(engine_failures(bed.engine), 0);
    engine_bed_finish(&bed);
    ck_assert_uint_eq(record.size, REQUESTS * bed.server.request_size);
    for (size_t i = 0; i < REQUESTS; i++)
        memcpy(numbers[i], record.bytes + (i + 1) * bed.server.request_size - 18, 16);
    qsort(numbers, REQUESTS, sizeof(numbers[0]), compare_numbers);
    for (size_t i = 1; i < REQUESTS; i++)
        ck_assert_int_ne(memcmp(numbers[i - 1], numbers[i], 16), 0);
    byte_buffer_free(&record);
}
END_TEST

/* How long a request works must not depend on how long after the one before it is due: both are
 * drawn. Of 400 independent pairs, 200 agree, give or take 10. */
START_TEST(work_is_independent_of_arrivals)
{
    enum { REQUESTS = 400 };
    static const char request[] = "*3\r\n$4\r\nWORK\r\n$5\r\nSLEEP\r\n$4\r\n1000\r\n";
    struct byte_buffer record = {0};
    struct arrivals arrivals;
    size_t agreed = 0;
    engine_bed_set_up(&bed);
    engine_bed_set_workload(&bed, "sleep:bimodal:1ms:2ms:50%");
    bed.server.reply = "+OK\r\n";
    bed.server.request_size = sizeof(request) - 1;
    bed.server.record = &record;
    bed.settings.connections = 1;
    bed.settings.rate_rps = 50000;
    bed.settings.arrivals = ARRIVAL_POISSON;
    bed.settings.requests = REQUESTS;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    engine_bed_finish(&bed);
    ck_assert_uint_eq(record.size, REQUESTS * bed.server.request_size);
    arrivals_init(&arrivals, ARRIVAL_POISSON, 50000, bed.settings.seed, 0, 1);
    double before_ns = 0;
    for (size_t i = 0; i < REQUESTS; i++) {
        bool longer = record.bytes[(i + 1) * bed.server.request_size - 6] == '2';
        bool later = arrivals.due_ns - before_ns > log(2) * arrivals.gap_ns; /* the median */
        agreed += longer == later ? 1 : 0;
        before_ns = arrivals.due_ns;
        arrivals_advance(&arrivals);
    }
    ck_assert_double_eq_tol((double)agreed, REQUESTS / 2.0, 45);
    byte_buffer_free(&record);
}
END_TEST

/* The number outstanding is connections x pipeline, all the time. */
START_TEST(closed_loop_outstanding)
{
    engine_bed_set_up(&bed);
    bed.settings.pipeline = 5;
    atomic_store(&bed.server.mode, STUB_SILENT);
    engine_bed_begin(&bed);
    ck_assert_eventually(atomic_load(&bed.server.requests) == 40);
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->outstanding, 40);
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->sent, 40);
    engine_stop(bed.engine, &bed.end);
    ck_assert_uint_gt(bed.end.oldest_unanswered_ns, 0);
    ck_assert_uint_lt(bed.end.oldest_unanswered_ns, monotonic_ns() - engine_begin_ns(bed.engine));
    ck_assert_uint_eq(bed.end.connections_open, 8);
    engine_bed_finish(&bed);
}
END_TEST

/* Beyond the limit requests are counted, not sent; the server gets exactly as many as may wait. */
START_TEST(open_loop_holds_back)
{
    engine_bed_set_up(&bed);
    bed.settings.rate_rps = 20000;
    bed.settings.inflight = 20;
    atomic_store(&bed.server.mode, STUB_SILENT);
    engine_bed_begin(&bed);
    ck_assert_eventually(engine_bed_snapshot(&bed)->held_back >= 100);
    const struct engine_snapshot *snapshot = engine_bed_snapshot(&bed);
    ck_assert_uint_eq(snapshot->outstanding, 20);
    ck_assert_uint_eq(snapshot->sent, 20);
    ck_assert_eventually(atomic_load(&bed.server.requests) == 20);
    engine_bed_finish(&bed);
}
END_TEST

/* What is due does not depend on what the server does: 500 requests take 500 / rate. */
START_TEST(open_loop_keeps_its_schedule)
{
    engine_bed_set_up(&bed);
    bed.settings.rate_rps = 5000;
    bed.settings.requests = 500;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    const struct engine_snapshot *snapshot = engine_bed_snapshot(&bed);
    ck_assert_uint_ge(snapshot->at_ns - engine_begin_ns(bed.engine), 499 * (NS_PER_S / 5000));
    ck_assert_uint_eq(snapshot->late_ns, 0);
    engine_bed_finish(&bed);
}
END_TEST

/* ---- time ---- */

static uint64_t process_cpu_ns(void)
{
    struct timespec used;
    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used), 0);
    return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

/* Two generators that sleep most of the time are not busy, and cost less than the time that passes.
 */
START_TEST(busy_times)
{
    engine_bed_set_up(&bed);
    bed.settings.rate_rps = 200;
    bed.settings.threads = 2;
    engine_bed_begin(&bed);
    ck_assert_eventually(engine_replies(bed.engine) >= 40);
    const struct engine_snapshot *snapshot = engine_bed_snapshot(&bed);
    double passed_ns = (double)(snapshot->at_ns - engine_begin_ns(bed.engine));
    ck_assert_double_gt(snapshot->cpu_ns, 0);
    ck_assert_double_lt(snapshot->cpu_ns, passed_ns);
    ck_assert_double_le(snapshot->cpu_ns, (double)process_cpu_ns());
    ck_assert_double_lt(snapshot->busy_ns[0], passed_ns);
    ck_assert_double_lt(snapshot->busy_ns[1], passed_ns);
    engine_bed_finish(&bed);
}
END_TEST

/* A generator that stumbles for 20 ms at each turn shows it: requests are sent late. */
START_TEST(hiccups_are_lag)
{
    engine_bed_set_up(&bed);
    bed.settings.rate_rps = 1000;
    bed.settings.threads = 1;
    bed.settings.hiccup_ns = 20 * NS_PER_MS;
    engine_bed_begin(&bed);
    ck_assert_eventually(engine_replies(bed.engine) >= 100);
    ck_assert_uint_ge(histogram_quantile_ns(&engine_bed_snapshot(&bed)->lag, 0.9), 5 * NS_PER_MS);
    engine_bed_finish(&bed);
}
END_TEST

Suite *engine_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *tests = tcase_create("engine");
    tcase_add_loop_test(tests, as_many_requests_as_asked_for, 0,
                        sizeof(shapes) / sizeof(shapes[0]));
    tcase_add_test(tests, every_request_is_unique);
    tcase_add_test(tests, work_is_independent_of_arrivals);
    tcase_add_test(tests, closed_loop_outstanding);
    tcase_add_test(tests, open_loop_holds_back);
    tcase_add_test(tests, open_loop_keeps_its_schedule);
    tcase_add_test(tests, busy_times);
    tcase_add_test(tests, hiccups_are_lag);
    suite_add_tcase(suite, tests);
    return suite;
}
