/* SPDX-License-Identifier: MIT */
#include "bench/picture/html.h"
#include "bench/picture/picture.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORKLOADS = 2 };

static struct results results;
static struct analysis *analyses[WORKLOADS];
static struct byte_buffer out;

/* A second workload that was not reached yet, with a name that needs care. */
static void begin(void)
{
    results_fixture_make(&results_fixture_queueing, &results);
    snprintf(results.settings.workloads[1], RESULTS_TEXT_SIZE, "cmd:SET k '<i>' \"&\"");
    results.settings.workload_count = WORKLOADS;
    out = (struct byte_buffer){0};
}

static void end(void)
{
    for (size_t i = 0; i < WORKLOADS; i++)
        analysis_free(analyses[i]);
    memset(analyses, 0, sizeof(analyses));
    results_free(&results);
    byte_buffer_free(&out);
}

static const char *page(void)
{
    for (size_t i = 0; i < results.settings.workload_count; i++) {
        analysis_free(analyses[i]);
        analyses[i] = analysis_take(&results, i);
        ck_assert_ptr_nonnull(analyses[i]);
    }
    byte_buffer_truncate(&out, 0);
    html_write(&results, analyses, &out);
    markup_check(markup_text(&out));
    return out.bytes;
}

static const char *assert_has(const char *text, const char *what)
{
    const char *at = strstr(text, what);
    ck_assert_msg(at != NULL, "there is no %s", what);
    return at;
}

START_TEST(every_workload)
{
    const char *text = page();
    ck_assert_uint_eq(markup_count(text, "<svg "), WORKLOADS * PICTURES);
    ck_assert_uint_eq(markup_count(text, "role=\"img\""), WORKLOADS * PICTURES);
    const char *first = assert_has(text, "<section id=\"w1\" class=\"first\"");
    const char *answer = assert_has(first, "<p class=\"answer\">20 workers</p>");
    const char *picture = assert_has(first, "<svg ");
    const char *table = assert_has(first, "<h3>Capacity</h3>");
    ck_assert(answer < picture && picture < table); /* first what matters most */
    const char *second = assert_has(text, "<section id=\"w2\"");
    assert_has(second, "cmd:SET k &#39;&#60;i&#62;&#39; &#34;&#38;&#34;</h2>");
    assert_has(second, "<p class=\"answer\">not determined</p>");
    assert_has(second, "<section id=\"about\">");
    ck_assert_uint_eq(markup_count(text, "<li><a href=\"#w"), WORKLOADS);
}
END_TEST

START_TEST(one_workload_has_no_cards)
{
    results.settings.workload_count = 1;
    ck_assert_uint_eq(markup_count(page(), "<ul class=\"cards\">"), 0);
}
END_TEST

START_TEST(self_contained)
{
    const char *text = page();
    ck_assert_ptr_eq(strstr(text, "<!DOCTYPE html>\n<html lang=\"en\">"), text);
    assert_has(text, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    assert_has(text, "@media print");
    ck_assert_uint_eq(markup_count(text, "<script"), 0);
    ck_assert_uint_eq(markup_count(text, "<link"), 0);
    ck_assert_uint_eq(markup_count(text, "url("), 0);
    ck_assert_uint_eq(markup_count(text, "src="), 0);
    ck_assert_uint_eq(markup_count(text, "http"),
                      markup_count(text, "xmlns=\"http://www.w3.org/2000/svg\""));
}
END_TEST

/* No two elements have the same id, and each link leads to one. */
START_TEST(ids)
{
    const char *text = page();
    for (const char *at = strstr(text, " id=\""); at != NULL; at = strstr(at + 1, " id=\"")) {
        char id[96];
        snprintf(id, sizeof(id), "%.*s", (int)(strcspn(at + 5, "\"") + 6), at);
        ck_assert_uint_eq(markup_count(text, id), 1);
    }
    for (const char *at = strstr(text, "href=\"#"); at != NULL; at = strstr(at + 1, "href=\"#")) {
        char id[96];
        snprintf(id, sizeof(id), " id=\"%.*s\"", (int)strcspn(at + 7, "\""), at + 7);
        ck_assert_uint_eq(markup_count(text, id), 1);
    }
}
END_TEST

START_TEST(tables)
{
    const char *text = page();
    const char *capacity = assert_has(text, "<h3>Capacity</h3>");
    assert_has(capacity, "<tr class=\"chosen\"><th scope=\"row\">▶ 20</th>");
    assert_has(capacity, "<td>reference</td>");
    const char *latency = assert_has(capacity, "<h3>Latency</h3>");
    assert_has(latency, "unstable: its backlog grew");
    assert_has(latency, "<td>∞</td>");
    const char *models = assert_has(latency, "<h3>Models</h3>");
    assert_has(models, "What the models say");
    ck_assert_uint_eq(markup_count(text, "not counted</h3>"), 0);
}
END_TEST

START_TEST(refused)
{
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 4, "was <too> busy\nsecond line");
    struct trial *trial = results_fixture_trial(&results, EXPERIMENT_LATENCY, 10, 0, 1, false);
    trial->measurement.reason_count = 1;
    snprintf(trial->measurement.reasons[0], MEASUREMENT_REASON_SIZE, "lagged");
    const char *text = page();
    const char *table = assert_has(text, " trials not counted</h3>");
    assert_has(table, "<td class=\"long\" colspan=\"1\">was &#60;too&#62; busy</td>");
    assert_has(table, "<td>latency at 800/s</td><td>1</td>");
    const char *capacity = assert_has(text, "<h3>Capacity</h3>");
    assert_has(capacity, "colspan=\"12\">was &#60;too&#62; busy</td><td>0 of ");
    ck_assert_uint_eq(markup_count(table, "second line"), 0);
}
END_TEST

START_TEST(many_refused)
{
    for (size_t i = 0; i < results.trial_count; i++) {
        results.trials[i].complete = false;
        snprintf(results.trials[i].problem, BENCH_ERROR_SIZE, "the server did not start");
    }
    const char *text = page();
    char more[64];
    snprintf(more, sizeof(more), "And %zu more.", results.trial_count - 20);
    assert_has(text, more);
    ck_assert_uint_eq(markup_count(text, "colspan=\"1\">the server did not start</td>"), 20);
}
END_TEST

START_TEST(how_to_repeat)
{
    results.settings.slo_quantile = 0.99;
    results.settings.slo_limit_us = 20000;
    results.settings.slo_rate_rps = 950;
    results.settings.latency_blocks = 3;
    const char *text = page();
    char command[512];
    snprintf(command, sizeof(command),
             "crew-bench sweep --workers 4,10,20 --workload %s --workload "
             "&#39;cmd:SET k &#39;\\&#39;&#39;&#60;i&#62;&#39;\\&#39;&#39; &#34;&#38;&#34;&#39; "
             "--blocks %u --duration %gs --connections %zu --threads 1 --latency-blocks 3 --rates ",
             results.settings.workloads[0], results.settings.blocks, results.settings.duration_s,
             results.settings.connections);
    const char *at = assert_has(text, command);
    assert_has(at, " --reference 10 --slo &#39;p99&#60;20ms&#39; --slo-rate 950 --seed ");
    assert_has(text, "<dt>SLO</dt><dd>p99&#60;20ms</dd>");
    assert_has(text, "<dt>CPUs</dt>");
    results.settings.latency_blocks = 0;
    text = page();
    assert_has(text, "<dt>Latency</dt><dd>not measured</dd>");
    ck_assert_uint_eq(markup_count(text, "--rates"), 0);
}
END_TEST

START_TEST(incomplete)
{
    ck_assert_uint_eq(markup_count(page(), "This sweep is incomplete"), 0);
    results.complete = false;
    results.trials[0].complete = false;
    char notice[96];
    snprintf(notice, sizeof(notice), "This sweep is incomplete: %zu of %zu trials ran",
             results.trial_count - 1, results.trial_count);
    assert_has(page(), notice);
}
END_TEST

Suite *html_suite(void)
{
    Suite *suite = suite_create("html");
    TCase *tests = tcase_create("html");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, every_workload);
    tcase_add_test(tests, one_workload_has_no_cards);
    tcase_add_test(tests, self_contained);
    tcase_add_test(tests, ids);
    tcase_add_test(tests, tables);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, many_refused);
    tcase_add_test(tests, how_to_repeat);
    tcase_add_test(tests, incomplete);
    suite_add_tcase(suite, tests);
    return suite;
}
