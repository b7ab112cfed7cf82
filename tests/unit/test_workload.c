/* SPDX-License-Identifier: MIT */
#include "bench/engine/workload.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { DRAWS = 100000 };

static char error[BENCH_ERROR_SIZE];

static void parse(const char *spec, struct workload *workload)
{
    ck_assert_msg(workload_parse(spec, workload, error), "%s", error);
    ck_assert_ptr_eq(workload->spec, spec);
}

static const struct {
    const char *spec;
    double shares[WORKLOAD_PARTS]; /* up to the first 0 */
    bool burns_cpu;
    bool raw;
    size_t request_size; /* of the largest kind */
} accepted[] = {
    {"ping", {1}, false, false, 14},
    {"cpu:1ms", {1}, true, false, 33},
    {"text:Hello", {1}, false, true, 5},
    {"cmd:SET a,b 10%", {1}, false, false, 31}, /* commas mean something only in a mix */
    {"mix:100%ping", {1}, false, false, 14},
    {"mix:100%text:a", {1}, false, true, 1},
    {"mix:90%ping,10%sleep:10ms", {0.9, 0.1}, false, false, 36},
    {"MIX:0.5%cpu:1ms,99.5%echo:1", {0.005, 0.995}, true, false, 33},
    {"mix:10%ping,20%echo:2,30%sleep:1ms,40%cpu:bimodal:1ms:2ms:5%",
     {0.1, 0.2, 0.3, 0.4},
     true,
     false,
     35},
    {"mix:30%ping,10%ping,10%ping,10%ping,10%ping,10%ping,10%ping,10%ping",
     {0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1},
     false,
     false,
     14},
};

static size_t count_shares(const double shares[WORKLOAD_PARTS])
{
    size_t count = 0;
    while (count < WORKLOAD_PARTS && shares[count] > 0)
        count++;
    return count;
}

START_TEST(parts)
{
    struct workload workload;
    parse(accepted[_i].spec, &workload);
    ck_assert_uint_eq(workload.kind_count, count_shares(accepted[_i].shares));
    ck_assert_int_eq(workload.burns_cpu, accepted[_i].burns_cpu);
    ck_assert_int_eq(workload.raw, accepted[_i].raw);
    ck_assert_uint_eq(workload_request_size(&workload), accepted[_i].request_size);
    ck_assert_double_eq(workload.share_up_to[workload.kind_count - 1], 1);
    workload_free(&workload);
}
END_TEST

/* Four standard errors of a share of 0.5 in 100,000 draws are 0.0064. */
START_TEST(draw_frequencies)
{
    struct workload workload;
    struct bench_random random = {1};
    size_t drawn[WORKLOAD_PARTS] = {0};
    parse(accepted[_i].spec, &workload);
    for (int i = 0; i < DRAWS; i++) {
        size_t kind = workload_draw(&workload, &random);
        ck_assert_uint_lt(kind, workload.kind_count);
        drawn[kind]++;
    }
    for (size_t i = 0; i < workload.kind_count; i++) {
        double share = accepted[_i].shares[i];
        ck_assert_double_eq_tol((double)drawn[i] / DRAWS, share, share < 0.01 ? 0.001 : 0.0064);
    }
    workload_free(&workload);
}
END_TEST

START_TEST(same_seed_same_kinds)
{
    struct workload workload;
    struct bench_random first = {3};
    struct bench_random second = {3};
    parse("mix:50%ping,50%echo:1", &workload);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(workload_draw(&workload, &first), workload_draw(&workload, &second));
    workload_free(&workload);
}
END_TEST

#define MIX_RULE "needs up to 8 shares that add up to 100 %: mix:90%ping,10%sleep:10ms"

static const struct {
    const char *spec;
    const char *named; /* in the error; NULL for all of it */
    const char *reason;
} refused[] = {
    {"pong", NULL, "is unknown: it takes " REQUEST_KIND_HELP},
    {"mix", NULL, "is unknown: it takes " REQUEST_KIND_HELP},
    {"mix:", NULL, MIX_RULE},
    {"mix:ping", NULL, MIX_RULE},
    {"mix:90ping,10ping", NULL, MIX_RULE},
    {"mix:90%ping", NULL, MIX_RULE},
    {"mix:90%ping,20%ping", NULL, MIX_RULE},
    {"mix:100%ping,", NULL, MIX_RULE},
    {"mix:,100%ping", NULL, MIX_RULE},
    {"mix:100%ping,0%ping", NULL, MIX_RULE},
    {"mix:150%ping,-50%ping", NULL, MIX_RULE},
    {"mix:nan%ping", NULL, MIX_RULE},
    {"mix:20%ping,10%ping,10%ping,10%ping,10%ping,10%ping,10%ping,10%ping,10%ping", NULL, MIX_RULE},
    {"mix:90%ping,10%pong", "pong", "is unknown: it takes " REQUEST_KIND_HELP},
    {"mix:90%ping,10%", "", "is unknown: it takes " REQUEST_KIND_HELP},
    {"mix:50%ping,50%mix:100%ping", "mix:100%ping", "is unknown: it takes " REQUEST_KIND_HELP},
    {"mix:90%ping,10%ping:x", "ping:x", "takes nothing after 'ping'"},
};

START_TEST(refusal)
{
    struct workload workload;
    char expected[BENCH_ERROR_SIZE];
    const char *named = refused[_i].named != NULL ? refused[_i].named : refused[_i].spec;
    snprintf(expected, sizeof(expected), "workload '%s' %s", named, refused[_i].reason);
    ck_assert(!workload_parse(refused[_i].spec, &workload, error));
    ck_assert_str_eq(error, expected);
    ck_assert_uint_eq(workload.kind_count, 0);
}
END_TEST

START_TEST(no_raw_text_in_a_mix)
{
    static const char *const specs[] = {"mix:50%text:a,50%ping", "mix:50%ping,50%text:a"};
    for (size_t i = 0; i < 2; i++) {
        struct workload workload;
        char expected[BENCH_ERROR_SIZE];
        snprintf(expected, sizeof(expected),
                 "workload '%s': text: is not allowed in a mix: it is for raw:// servers",
                 specs[i]);
        ck_assert(!workload_parse(specs[i], &workload, error));
        ck_assert_str_eq(error, expected);
    }
}
END_TEST

Suite *workload_suite(void)
{
    Suite *suite = suite_create("workload");
    TCase *tests = tcase_create("workload");
    tcase_add_loop_test(tests, parts, 0, COUNT(accepted));
    tcase_add_loop_test(tests, draw_frequencies, 0, COUNT(accepted));
    tcase_add_test(tests, same_seed_same_kinds);
    tcase_add_loop_test(tests, refusal, 0, COUNT(refused));
    tcase_add_test(tests, no_raw_text_in_a_mix);
    suite_add_tcase(suite, tests);
    return suite;
}
