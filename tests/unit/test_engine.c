/* SPDX-License-Identifier: MIT */
/* Loads against a server in this process that answers, is silent, closes or talks nonsense. */
#include "bench/engine/engine.h"
#include "common/clock.h"
#include "tests/unit/stub_server.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct stub_server server;
static struct workload workload;
static struct engine_settings settings;
static struct engine *engine;
static struct engine_end end;
static char error[BENCH_ERROR_SIZE];

/* Each test changes what it is about, then begins. */
static void set_up(void)
{
    server = stub_server_of_pings();
    ck_assert(workload_parse("ping", &workload, error));
    settings = (struct engine_settings){
        .target = &server.endpoint,
        .workload = &workload,
        .connections = 8,
        .threads = 3,
        .pipeline = 1,
        .seed = 1,
        .timeout_ms = 20000,
        .inflight = 10000,
        .arrivals = ARRIVAL_CONSTANT,
    };
}

static void begin_paused(void)
{
    stub_server_start(&server);
    engine = engine_open(&settings, error);
    ck_assert_msg(engine != NULL, "%s", error);
}

static void begin(void)
{
    begin_paused();
    ck_assert_msg(engine_launch(engine, error), "%s", error);
}

static void finish(void)
{
    engine_close(engine);
    stub_server_stop(&server);
    workload_free(&workload);
}

static void wait_for_end(void)
{
    ck_assert_eventually(engine_wait(engine, 20));
}

static struct engine_snapshot *take(void)
{
    static struct engine_snapshot snapshot;
    engine_snapshot(engine, &snapshot);
    return &snapshot;
}

static uint64_t failures(enum bench_failure kind)
{
    return take()->failures[kind];
}

/* ---- how much is sent ---- */

static const struct {
    size_t threads;
    size_t pipeline;
    double rate_rps;
} shapes[] = {{1, 1, 0},  {3, 1, 0},     {3, 7, 0},    {3, 300, 0}, /* more places than requests */
              {64, 1, 0}, {1, 1, 50000}, {3, 1, 50000}};

START_TEST(as_many_requests_as_asked_for)
{
    enum { REQUESTS = 1000 };
    set_up();
    settings.requests = REQUESTS;
    settings.threads = shapes[_i].threads;
    settings.pipeline = shapes[_i].pipeline;
    settings.rate_rps = shapes[_i].rate_rps;
    begin();
    wait_for_end();
    const struct engine_snapshot *snapshot = take();
    ck_assert_uint_eq(snapshot->sent, REQUESTS);
    ck_assert_uint_eq(snapshot->replies, REQUESTS);
    ck_assert_uint_eq(engine_replies(engine), REQUESTS);
    ck_assert_uint_eq(engine_failures(engine), 0);
    ck_assert_uint_eq(histogram_count(&snapshot->response), REQUESTS);
    ck_assert_uint_eq(histogram_count(&snapshot->wire), settings.rate_rps > 0 ? REQUESTS : 0);
    ck_assert_uint_eq(histogram_count(&snapshot->lag), settings.rate_rps > 0 ? REQUESTS : 0);
    ck_assert_uint_eq(snapshot->outstanding, 0);
    ck_assert_uint_eq(snapshot->held_back, 0);
    ck_assert_uint_eq(snapshot->threads, settings.threads < 8 ? settings.threads : 8);
    ck_assert_uint_eq(atomic_load(&server.requests), REQUESTS);
    uint64_t last_ns = snapshot->at_ns;
    ck_assert_uint_eq(take()->at_ns, last_ns); /* the run ended then */
    engine_stop(engine, &end);
    ck_assert_uint_eq(end.connections_open, 8);
    ck_assert_uint_eq(end.oldest_unanswered_ns, 0);
    ck_assert_str_eq(end.first_failure, "");
    finish();
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
    set_up();
    workload_free(&workload);
    ck_assert(workload_parse("echo:16", &workload, error));
    server = stub_server_of_echoes(16);
    server.record = &record;
    settings.requests = REQUESTS;
    settings.pipeline = 4;
    begin();
    wait_for_end();
    ck_assert_uint_eq(engine_failures(engine), 0);
    finish();
    ck_assert_uint_eq(record.size, REQUESTS * server.request_size);
    for (size_t i = 0; i < REQUESTS; i++)
        memcpy(numbers[i], record.bytes + (i + 1) * server.request_size - 18, 16);
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
    set_up();
    workload_free(&workload);
    ck_assert(workload_parse("sleep:bimodal:1ms:2ms:50%", &workload, error));
    server.reply = "+OK\r\n";
    server.request_size = sizeof(request) - 1;
    server.record = &record;
    settings.connections = 1;
    settings.rate_rps = 50000;
    settings.arrivals = ARRIVAL_POISSON;
    settings.requests = REQUESTS;
    begin();
    wait_for_end();
    finish();
    ck_assert_uint_eq(record.size, REQUESTS * server.request_size);
    arrivals_init(&arrivals, ARRIVAL_POISSON, 50000, settings.seed, 0, 1);
    double before_ns = 0;
    for (size_t i = 0; i < REQUESTS; i++) {
        bool longer = record.bytes[(i + 1) * server.request_size - 6] == '2';
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
    set_up();
    settings.pipeline = 5;
    atomic_store(&server.mode, STUB_SILENT);
    begin();
    ck_assert_eventually(atomic_load(&server.requests) == 40);
    ck_assert_uint_eq(take()->outstanding, 40);
    ck_assert_uint_eq(take()->sent, 40);
    engine_stop(engine, &end);
    ck_assert_uint_gt(end.oldest_unanswered_ns, 0);
    ck_assert_uint_lt(end.oldest_unanswered_ns, monotonic_ns() - engine_begin_ns(engine));
    ck_assert_uint_eq(end.connections_open, 8);
    finish();
}
END_TEST

/* Beyond the limit requests are counted, not sent; the server gets exactly as many as may wait. */
START_TEST(open_loop_holds_back)
{
    set_up();
    settings.rate_rps = 20000;
    settings.inflight = 20;
    atomic_store(&server.mode, STUB_SILENT);
    begin();
    ck_assert_eventually(take()->held_back >= 100);
    const struct engine_snapshot *snapshot = take();
    ck_assert_uint_eq(snapshot->outstanding, 20);
    ck_assert_uint_eq(snapshot->sent, 20);
    ck_assert_eventually(atomic_load(&server.requests) == 20);
    finish();
}
END_TEST

/* What is due does not depend on what the server does: 500 requests take 500 / rate. */
START_TEST(open_loop_keeps_its_schedule)
{
    set_up();
    settings.rate_rps = 5000;
    settings.requests = 500;
    begin();
    wait_for_end();
    const struct engine_snapshot *snapshot = take();
    ck_assert_uint_ge(snapshot->at_ns - engine_begin_ns(engine), 499 * (NS_PER_S / 5000));
    ck_assert_uint_eq(snapshot->late_ns, 0);
    finish();
}
END_TEST

/* ---- what goes wrong ---- */

START_TEST(error_replies)
{
    set_up();
    server.reply = "-ERR tired\r\n";
    settings.requests = 100;
    begin();
    wait_for_end();
    ck_assert_uint_eq(failures(BENCH_ERROR_REPLY), 100);
    ck_assert_uint_eq(engine_failures(engine), 100);
    ck_assert_uint_eq(histogram_count(&take()->response), 0);
    engine_stop(engine, &end);
    ck_assert_str_eq(end.first_failure, "-ERR tired");
    ck_assert_uint_eq(end.connections_open, 8);
    finish();
}
END_TEST

START_TEST(wrong_replies)
{
    set_up();
    server.reply = "$5\r\n\033PONG\r\n";
    settings.requests = 100;
    begin();
    wait_for_end();
    ck_assert_uint_eq(failures(BENCH_WRONG_REPLY), 100);
    ck_assert_uint_eq(histogram_count(&take()->response), 0);
    engine_stop(engine, &end);
    ck_assert_str_eq(end.first_failure, "$5???PONG");
    finish();
}
END_TEST

/* Nothing after nonsense can be understood, so its connection is given up. */
START_TEST(malformed_replies)
{
    set_up();
    server.reply = "HTTP/1.1 400 Bad Request\r\n";
    settings.pipeline = 2;
    begin();
    wait_for_end();
    ck_assert_uint_eq(failures(BENCH_MALFORMED), 16);
    ck_assert_uint_eq(take()->outstanding, 0);
    engine_stop(engine, &end);
    ck_assert_uint_eq(end.connections_open, 0);
    ck_assert_ptr_eq(strstr(end.first_failure, "HTTP/1.1 400 Bad Request"), end.first_failure);
    finish();
}
END_TEST

/* Two replies to one request: the second is no reply of any, and counts once per connection. */
START_TEST(replies_that_nobody_asked_for)
{
    set_up();
    server.reply = "+PONG\r\n+PONG\r\n";
    settings.requests = 8;
    settings.connections = 1;
    settings.pipeline = 1;
    begin();
    wait_for_end();
    ck_assert_uint_eq(failures(BENCH_MALFORMED), 1);
    ck_assert_uint_eq(histogram_count(&take()->response), 1);
    ck_assert_uint_eq(take()->replies, 1);
    finish();
}
END_TEST

START_TEST(closed_connections)
{
    set_up();
    settings.rate_rps = _i == 0 ? 0 : 1000;
    begin();
    ck_assert_eventually(engine_replies(engine) >= 50);
    atomic_store(&server.mode, STUB_CLOSES);
    wait_for_end();
    ck_assert_uint_ge(failures(BENCH_CLOSED), 8);
    ck_assert_uint_eq(engine_failures(engine), failures(BENCH_CLOSED));
    ck_assert_uint_eq(take()->sent, engine_replies(engine) + failures(BENCH_CLOSED));
    engine_stop(engine, &end);
    ck_assert_uint_eq(end.connections_open, 0);
    ck_assert_ptr_eq(strstr(end.first_failure, "connection lost: "), end.first_failure);
    finish();
}
END_TEST

START_TEST(no_reply_in_time)
{
    set_up();
    settings.pipeline = 2;
    settings.timeout_ms = 150;
    atomic_store(&server.mode, STUB_SILENT);
    begin();
    wait_for_end();
    ck_assert_uint_eq(failures(BENCH_TIMEOUT), 16);
    ck_assert_uint_ge(take()->at_ns - engine_begin_ns(engine), 150 * NS_PER_MS);
    engine_stop(engine, &end);
    ck_assert_str_eq(end.first_failure, "no reply within the time limit");
    finish();
}
END_TEST

/* A raw:// request needs a descriptor of its own. The first that gets none ends its connection,
 * and is not lost from the count. */
START_TEST(requests_that_cannot_be_sent)
{
    struct rlimit limit;
    set_up();
    workload_free(&workload);
    ck_assert(workload_parse("text:Hello", &workload, error));
    begin_paused();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int free_fd = dup(STDIN_FILENO);
    limit.rlim_cur = (rlim_t)free_fd;
    close(free_fd);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_msg(engine_launch(engine, error), "%s", error);
    wait_for_end();
    ck_assert_uint_eq(failures(BENCH_CLOSED), 8);
    engine_stop(engine, &end);
    ck_assert_str_eq(end.first_failure, "connection lost: Too many open files");
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    finish();
}
END_TEST

/* The port was free a moment ago. */
START_TEST(nobody_listens)
{
    set_up();
    stub_server_start(&server);
    stub_server_stop(&server);
    char expected[BENCH_ERROR_SIZE];
    snprintf(expected, sizeof(expected), "127.0.0.1:%s: Connection refused", server.endpoint.port);
    ck_assert_ptr_null(engine_open(&settings, error));
    ck_assert_ptr_nonnull(strstr(error, expected));
    workload_free(&workload);
}
END_TEST

/* ---- time ---- */

/* Two generators that sleep most of the time are not busy, and cost less than the time that passes.
 */
START_TEST(busy_times)
{
    set_up();
    settings.rate_rps = 200;
    settings.threads = 2;
    begin();
    ck_assert_eventually(engine_replies(engine) >= 40);
    const struct engine_snapshot *snapshot = take();
    double passed_ns = (double)(snapshot->at_ns - engine_begin_ns(engine));
    ck_assert_double_gt(snapshot->cpu_ns, 0);
    ck_assert_double_lt(snapshot->cpu_ns, passed_ns);
    ck_assert_double_lt(snapshot->busy_ns[0], passed_ns);
    ck_assert_double_lt(snapshot->busy_ns[1], passed_ns);
    finish();
}
END_TEST

/* A generator that stumbles for 20 ms at each turn shows it: requests are sent late. */
START_TEST(hiccups_are_lag)
{
    set_up();
    settings.rate_rps = 1000;
    settings.threads = 1;
    settings.hiccup_ns = 20 * NS_PER_MS;
    begin();
    ck_assert_eventually(engine_replies(engine) >= 100);
    ck_assert_uint_ge(histogram_quantile_ns(&take()->lag, 0.9), 5 * NS_PER_MS);
    finish();
}
END_TEST

Suite *engine_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *tests = tcase_create("engine");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, as_many_requests_as_asked_for, 0,
                        sizeof(shapes) / sizeof(shapes[0]));
    tcase_add_test(tests, every_request_is_unique);
    tcase_add_test(tests, work_is_independent_of_arrivals);
    tcase_add_test(tests, closed_loop_outstanding);
    tcase_add_test(tests, open_loop_holds_back);
    tcase_add_test(tests, open_loop_keeps_its_schedule);
    tcase_add_test(tests, error_replies);
    tcase_add_test(tests, wrong_replies);
    tcase_add_test(tests, malformed_replies);
    tcase_add_test(tests, replies_that_nobody_asked_for);
    tcase_add_loop_test(tests, closed_connections, 0, 2);
    tcase_add_test(tests, no_reply_in_time);
    tcase_add_test(tests, requests_that_cannot_be_sent);
    tcase_add_test(tests, nobody_listens);
    tcase_add_test(tests, busy_times);
    tcase_add_test(tests, hiccups_are_lag);
    suite_add_tcase(suite, tests);
    return suite;
}
