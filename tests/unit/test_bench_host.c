/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_host.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *cpu_max;
    double cpus;
} limits[] = {
    {"200000 100000\n", 2},     {"150000 100000", 1.5},    {"5000 10000\n", 0.5},
    {"max 100000\n", INFINITY}, {"max\n", INFINITY},       {"", INFINITY},
    {"\n", INFINITY},           {"100000\n", INFINITY},    {"100000 x\n", INFINITY},
    {"0 100000\n", INFINITY},   {"-1 100000\n", INFINITY}, {"50000 0\n", INFINITY},
};

START_TEST(cgroup_limit)
{
    double cpus = bench_host_cgroup_cpus(limits[_i].cpu_max);
    ck_assert_msg(cpus == limits[_i].cpus, "%g", cpus);
}
END_TEST

START_TEST(this_host)
{
    struct bench_host host;
    bench_host_take(&host);
    ck_assert_double_gt(host.cpus, 0);
    ck_assert_double_le(host.cpus, (double)sysconf(_SC_NPROCESSORS_CONF));
    ck_assert_str_ne(host.kernel, "");
    ck_assert_str_ne(host.machine, "");
    ck_assert_str_ne(host.cpu_model, "");
    ck_assert_ptr_null(strchr(host.cpu_model, '\n'));
    ck_assert_int_ne(host.cpu_model[0], ' ');
    ck_assert_int_ne(host.cpu_model[0], ':');
}
END_TEST

START_TEST(written)
{
    static const struct bench_host host = {1.5, "A \"fast\" CPU", "6.1", "x86_64"};
    struct byte_buffer out = {0};
    struct bench_json json = {.out = &out};
    bench_json_open(&json, NULL, '{');
    bench_host_write(&json, &host);
    bench_json_close(&json, '}');
    byte_buffer_append(&out, "", 1);
    ck_assert_ptr_nonnull(strstr(out.bytes, "\"host\": {"));
    ck_assert_ptr_nonnull(strstr(out.bytes, "\"nproc\": 1.5,"));
    ck_assert_ptr_nonnull(strstr(out.bytes, "\"cpu_model\": \"A \\\"fast\\\" CPU\","));
    ck_assert_ptr_nonnull(strstr(out.bytes, "\"kernel\": \"6.1\","));
    ck_assert_ptr_nonnull(strstr(out.bytes, "\"machine\": \"x86_64\"\n"));
    byte_buffer_free(&out);
}
END_TEST

Suite *bench_host_suite(void)
{
    Suite *suite = suite_create("bench_host");
    TCase *tests = tcase_create("bench_host");
    tcase_add_loop_test(tests, cgroup_limit, 0, sizeof(limits) / sizeof(limits[0]));
    tcase_add_test(tests, this_host);
    tcase_add_test(tests, written);
    suite_add_tcase(suite, tests);
    return suite;
}
