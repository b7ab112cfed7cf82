/* SPDX-License-Identifier: MIT */
/* The times of work that requests draw: exponential and bimodal laws. */
#include "bench/engine/request_kind.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char error[BENCH_ERROR_SIZE];

static void parse(const char *spec, struct request_kind *kind)
{
    ck_assert_msg(request_kind_parse(spec, strlen(spec), kind, error), "%s", error);
}

enum { DRAWS = 100000 };

/* The time in one request, which has to be framed as a bulk of decimal digits. */
static double drawn_us(const struct request_kind *kind, struct bench_random *random)
{
    struct byte_buffer out = {0};
    request_kind_encode(kind, 0, random, &out);
    byte_buffer_append(&out, "", 1);
    size_t head = kind->request.size;
    ck_assert_mem_eq(out.bytes, kind->request.bytes, head);
    char *digits = NULL;
    ck_assert_int_eq(out.bytes[head], '$');
    size_t size = strtoul(out.bytes + head + 1, &digits, 10);
    ck_assert_mem_eq(digits, "\r\n", 2);
    ck_assert_uint_eq(strspn(digits + 2, "0123456789"), size);
    ck_assert_str_eq(digits + 2 + size, "\r\n");
    double us = strtod(digits + 2, NULL);
    byte_buffer_free(&out);
    return us;
}

/*
 * Mean and deviation of an exponential time are both its mean; rounding adds nothing to the mean
 * and 1/12 to the variance. Each limit is over four standard errors of 100,000 draws.
 */
START_TEST(exponential_times)
{
    struct request_kind kind;
    struct bench_random random = {42};
    double sum = 0;
    double squares = 0;
    size_t above = 0;
    parse("sleep:exp:2ms", &kind);
    ck_assert_int_eq(kind.law, REQUEST_EXPONENTIAL);
    ck_assert_int_eq(
        memcmp(kind.request.bytes, "*3\r\n$4\r\nWORK\r\n$5\r\nSLEEP\r\n", kind.request.size), 0);
    for (int i = 0; i < DRAWS; i++) {
        double us = drawn_us(&kind, &random);
        sum += us;
        squares += us * us;
        above += us > 2000 * log(2) ? 1 : 0;
    }
    double mean = sum / DRAWS;
    ck_assert_double_eq_tol(mean, 2000, 30);
    ck_assert_double_eq_tol(sqrt(squares / DRAWS - mean * mean), 2000, 60);
    ck_assert_double_eq_tol((double)above / DRAWS, 0.5, 0.007);
    request_kind_free(&kind);
}
END_TEST

START_TEST(bimodal_times)
{
    struct request_kind kind;
    struct bench_random random = {42};
    size_t longer = 0;
    parse("cpu:bimodal:1ms:20ms:5%", &kind);
    ck_assert_int_eq(kind.law, REQUEST_BIMODAL);
    ck_assert(kind.burns_cpu);
    ck_assert_str_eq(kind.reply, "+OK\r\n");
    for (int i = 0; i < DRAWS; i++) {
        double us = drawn_us(&kind, &random);
        ck_assert(us == 1000 || us == 20000);
        longer += us == 20000 ? 1 : 0;
    }
    ck_assert_double_eq_tol((double)longer / DRAWS, 0.05, 0.003);
    request_kind_free(&kind);
}
END_TEST

/* The server refuses more than a minute, so the tail ends there: e^-1 of the draws. */
START_TEST(longest_time)
{
    struct request_kind kind;
    struct bench_random random = {7};
    size_t longest = 0;
    parse("LOCK:EXP:60s", &kind);
    for (int i = 0; i < DRAWS; i++) {
        double us = drawn_us(&kind, &random);
        ck_assert_double_le(us, 60e6);
        longest += us == 60e6 ? 1 : 0;
    }
    ck_assert_double_eq_tol((double)longest / DRAWS, exp(-1), 0.007);
    request_kind_free(&kind);
}
END_TEST

START_TEST(same_seed_same_times)
{
    struct request_kind kind;
    struct bench_random first = {9};
    struct bench_random second = {9};
    struct bench_random other = {10};
    size_t equal = 0;
    parse("cpu:exp:1s", &kind);
    for (int i = 0; i < 100; i++) {
        double us = drawn_us(&kind, &first);
        ck_assert_double_eq(drawn_us(&kind, &second), us);
        equal += drawn_us(&kind, &other) == us ? 1 : 0;
    }
    ck_assert_uint_lt(equal, 3);
    request_kind_free(&kind);
}
END_TEST

Suite *request_times_suite(void)
{
    Suite *suite = suite_create("request_times");
    TCase *times = tcase_create("times");
    tcase_add_test(times, exponential_times);
    tcase_add_test(times, bimodal_times);
    tcase_add_test(times, longest_time);
    tcase_add_test(times, same_seed_same_times);
    suite_add_tcase(suite, times);
    return suite;
}
