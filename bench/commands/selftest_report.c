/* SPDX-License-Identifier: MIT */
#include "bench/commands/selftest_report.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_json.h"
#include "bench/base/bench_terminal.h"
#include "bench/base/text_table.h"
#include "common/version.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDEST = 10000, TEXT_SIZE = 2 * SELFTEST_TEXT_SIZE + 64 };

/* As people read it; programs get the same in lower case. */
static const char *const result_names[] = {
    [SELFTEST_OK] = "ok",
    [SELFTEST_FAILED] = "FAILED",
    [SELFTEST_SKIPPED] = "skipped",
    [SELFTEST_INTERRUPTED] = "interrupted",
};

static const char *const result_keys[] = {
    [SELFTEST_OK] = "ok",
    [SELFTEST_FAILED] = "failed",
    [SELFTEST_SKIPPED] = "skipped",
    [SELFTEST_INTERRUPTED] = "interrupted",
};

void selftest_report_list(void)
{
    for (size_t i = 0; i < selftest_check_count; i++)
        printf("%-16s %s\n", selftest_checks[i].name, selftest_checks[i].shows);
}

void selftest_report_print(const struct selftest_line *line)
{
    static const char *const tries[SELFTEST_TRIES] = {"", "second try: ", "third try: "};
    const struct selftest *selftest = &line->selftest;
    char first[64];
    char text[TEXT_SIZE];
    snprintf(first, sizeof(first), "%-8s %-15s ", result_names[selftest->result],
             line->check->name);
    if (selftest->result == SELFTEST_SKIPPED)
        snprintf(text, sizeof(text), "%s", selftest->found);
    else
        snprintf(text, sizeof(text), "%sexpected %s; found %s", tries[line->tries - 1],
                 selftest->expected, selftest->found);
    size_t width = bench_terminal_is_live(STDOUT_FILENO) ? bench_terminal_width(STDOUT_FILENO)
                                                         : (size_t)WIDEST;
    text_paragraph(stdout, first, text, width);
    fflush(stdout);
}

size_t selftest_report_count(const struct selftest_line *lines, size_t count,
                             enum selftest_result result)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += lines[i].selftest.result == result ? 1 : 0;
    return found;
}

void selftest_report_sum(const struct selftest_line *lines, size_t count)
{
    size_t skipped = selftest_report_count(lines, count, SELFTEST_SKIPPED);
    printf("%zu of %zu checks passed", selftest_report_count(lines, count, SELFTEST_OK), count);
    if (skipped > 0)
        printf(", %zu skipped", skipped);
    putchar('\n');
}

static void write_line(struct bench_json *json, const struct selftest_line *line)
{
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "name", line->check->name);
    bench_json_text(json, "shows", line->check->shows);
    bench_json_text(json, "result", result_keys[line->selftest.result]);
    bench_json_bool(json, "quick", line->selftest.quick);
    bench_json_bool(json, "broken_on_purpose", line->selftest.broken);
    bench_json_count(json, "tries", line->tries);
    bench_json_number(json, "seconds", line->seconds);
    bench_json_text(json, "expected", line->selftest.expected);
    bench_json_text(json, "found", line->selftest.found);
    bench_json_close(json, '}');
}

void selftest_report_write(const struct selftest_line *lines, size_t count, uint64_t seed,
                           struct byte_buffer *out)
{
    struct bench_host host;
    bench_host_take(&host);
    struct bench_json json = {.out = out};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", SELFTEST_SCHEMA);
    bench_json_text(&json, "crew_version", CREW_VERSION);
    bench_host_write(&json, &host);
    bench_json_count(&json, "seed", seed);
    bench_json_bool(&json, "interrupted",
                    selftest_report_count(lines, count, SELFTEST_INTERRUPTED) > 0);
    bench_json_count(&json, "passed", selftest_report_count(lines, count, SELFTEST_OK));
    bench_json_count(&json, "failed", selftest_report_count(lines, count, SELFTEST_FAILED));
    bench_json_count(&json, "skipped", selftest_report_count(lines, count, SELFTEST_SKIPPED));
    bench_json_open(&json, "checks", '[');
    for (size_t i = 0; i < count; i++)
        write_line(&json, &lines[i]);
    bench_json_close(&json, ']');
    bench_json_close(&json, '}');
}
