/* SPDX-License-Identifier: MIT */
/* What redis-benchmark and ready-queue-speed print, as the former of version 7.0.15 does. */
#include "bench/peers/queue_curve.h"
#include "bench/peers/redis_benchmark.h"
#include "tests/unit/suites.h"

#include <stdbool.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    const char *output;
    double rate_rps; /* 0: not to be parsed */
    double p50_us;
} outputs[] = {
    {"\rPING_MBULK: rps=0.0 (overall: 0.0) avg_msec=-nan (overall: -nan)\r                    "
     "\rPING_MBULK: 83333.31 requests per second, p50=0.543 msec\n\n",
     83333.31, 543},
    {"WARNING: Could not fetch server CONFIG\n"
     "PING_MBULK: 98571.00 requests per second, p50=0.263 msec\n",
     98571, 263},
    {"PING_MBULK: 1.00 requests per second, p50=1.000 msec\n"
     "PING_MBULK: 2.50 requests per second, p50=20.000 msec\n",
     2.5, 20000},
    {"PING_MBULK: 5.00 requests per second, p50=1.000 msec\rPING_MBULK: rps=7.0 (overall: 7.0)", 5,
     1000},
    {"", 0, 0},
    {"PING_MBULK: rps=71000.0 (overall: 71000.0) avg_msec=0.5 (overall: 0.5)", 0, 0},
    {"PING_MBULK: nan requests per second, p50=0.263 msec\n", 0, 0},
    {"PING_MBULK: -5 requests per second, p50=0.263 msec\n", 0, 0},
    {"PING_MBULK: 98571.00 requests per second, p50=nan msec\n", 0, 0},
    {"PING_MBULK: 98571.00 requests per minute, p50=0.263 msec\n", 0, 0},
    {"PING_MBULK: 98571.00 requests per second\n", 0, 0},
    {"PING_INLINE: 98571.00 requests per second, p50=0.263 msec\n", 0, 0},
    {"Could not connect to Redis at 127.0.0.1:1: Connection refused\n", 0, 0},
};

START_TEST(benchmark_output)
{
    struct redis_benchmark_result result = {.generator_share = 7};
    bool good = redis_benchmark_parse(outputs[_i].output, &result);
    ck_assert_int_eq(good, outputs[_i].rate_rps > 0);
    ck_assert_double_eq(result.rate_rps, outputs[_i].rate_rps);
    ck_assert_double_eq_tol(result.p50_us, outputs[_i].p50_us, 1e-9);
    ck_assert_double_eq(result.generator_share, 7);
}
END_TEST

static const struct {
    double rate_rps;
    double seconds;
    size_t connections;
    size_t depth;
    uint64_t requests;
} lengths[] = {
    {100000, 1, 50, 1, 100000}, {100000, 0.1, 50, 1, 10000}, {100000, 1, 50, 16, 100000},
    {99999, 1, 50, 16, 99984},  {10, 1, 50, 1, 50},          {10, 1, 50, 16, 800},
};

START_TEST(benchmark_length)
{
    ck_assert_uint_eq(redis_benchmark_requests(lengths[_i].rate_rps, lengths[_i].seconds,
                                               lengths[_i].connections, lengths[_i].depth),
                      lengths[_i].requests);
}
END_TEST

#define LINE(threads) "threads " #threads " ready_queue 5000000 plain 4000000.5\n"

START_TEST(curve)
{
    struct queue_point points[3];
    ck_assert_uint_eq(queue_curve_parse("a heading\n" LINE(1) "\n" LINE(16) "an end", points, 3),
                      2);
    ck_assert_uint_eq(points[0].threads, 1);
    ck_assert_uint_eq(points[1].threads, 16);
    ck_assert_double_eq(points[1].ready_queue, 5000000);
    ck_assert_double_eq(points[1].plain, 4000000.5);
    ck_assert_uint_eq(queue_curve_parse(LINE(1) LINE(2) LINE(4), points, 3), 3);
}
END_TEST

static const char *const no_curves[] = {
    "",
    "nothing of the kind\n",
    LINE(1) LINE(2) LINE(4) LINE(8),
    LINE(1) "threads 2 ready_queue 5 plain\n",
    LINE(1) "threads 2 ready_queue five plain 4\n",
    "threads x ready_queue 5 plain 4\n",
    "threads 2 plain 4 ready_queue 5\n",
};

START_TEST(no_curve)
{
    struct queue_point points[3];
    ck_assert_uint_eq(queue_curve_parse(no_curves[_i], points, 3), 0);
}
END_TEST

Suite *peer_benchmark_suite(void)
{
    Suite *suite = suite_create("peer_benchmark");
    TCase *tests = tcase_create("outputs");
    tcase_add_loop_test(tests, benchmark_output, 0, COUNT(outputs));
    tcase_add_loop_test(tests, benchmark_length, 0, COUNT(lengths));
    tcase_add_test(tests, curve);
    tcase_add_loop_test(tests, no_curve, 0, COUNT(no_curves));
    suite_add_tcase(suite, tests);
    return suite;
}
