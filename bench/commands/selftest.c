/* SPDX-License-Identifier: MIT */
#include "bench/commands/selftest.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/report_file.h"
#include "bench/commands/selftest_report.h"
#include "bench/commands/selftest_settings.h"
#include "bench/selftest/checks.h"
#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct watch {
    struct progress progress;
    double before_s; /* that the checks before take in full */
    double total_s;
    const struct selftest_check *check;
};

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench selftest: %s\n", error);
    return status;
}

static void show(void *context, double done, uint64_t replies)
{
    struct watch *watch = context;
    progress_show(&watch->progress,
                  (watch->before_s + watch->check->seconds * done) / watch->total_s, replies,
                  watch->check->name);
}

static bool is_chosen(const struct selftest_settings *settings, const struct selftest_check *check)
{
    return settings->only.count == 0 || selftest_settings_names(&settings->only, check->name);
}

static void run_check(const struct selftest_settings *settings, struct watch *watch,
                      struct selftest_line *line)
{
    line->selftest = (struct selftest){
        .seed = (uint64_t)settings->seed,
        .quick = settings->quick,
        .broken = selftest_settings_names(&settings->broken, line->check->name),
        .progress = show,
        .context = watch,
    };
    uint64_t begin_ns = monotonic_ns();
    watch->check = line->check;
    line->tries = selftest_check_run(line->check, &line->selftest);
    line->seconds = (double)(monotonic_ns() - begin_ns) / NS_PER_S;
    watch->before_s += line->check->seconds;
}

/* Returns how many ran. */
static size_t run_checks(const struct selftest_settings *settings, struct selftest_line *lines)
{
    struct watch watch = {0};
    size_t count = 0;
    for (size_t i = 0; i < selftest_check_count; i++)
        watch.total_s += is_chosen(settings, &selftest_checks[i]) ? selftest_checks[i].seconds : 0;
    progress_begin(&watch.progress);
    bool interrupted = false; /* between two checks, it is the second that says so */
    for (size_t i = 0; i < selftest_check_count && !interrupted; i++) {
        if (!is_chosen(settings, &selftest_checks[i]))
            continue;
        struct selftest_line *line = &lines[count++];
        line->check = &selftest_checks[i];
        run_check(settings, &watch, line);
        progress_end(&watch.progress);
        selftest_report_print(line);
        interrupted = line->selftest.result == SELFTEST_INTERRUPTED;
    }
    return count;
}

static int run(const struct selftest_settings *settings, struct report_file *json,
               struct selftest_line *lines)
{
    char error[BENCH_ERROR_SIZE];
    size_t count = run_checks(settings, lines);
    selftest_report_sum(lines, count);
    struct byte_buffer text = {0};
    selftest_report_write(lines, count, (uint64_t)settings->seed, &text);
    bool written = report_file_write(json, &text, error);
    byte_buffer_free(&text);
    if (!written)
        return complain(error, EXIT_FAILED);
    bool failed = bench_interrupted() || selftest_report_count(lines, count, SELFTEST_FAILED) > 0;
    return failed ? EXIT_FAILED : 0;
}

int selftest_command(int argc, char **argv)
{
    struct selftest_settings settings;
    int status = selftest_settings_read(&settings, argc, argv);
    if (status >= 0)
        return status;
    if (settings.list) {
        selftest_report_list();
        return 0;
    }
    char error[BENCH_ERROR_SIZE];
    struct report_file json = {.fd = -1};
    struct selftest_line *lines = calloc(selftest_check_count, sizeof(*lines));
    if (lines == NULL)
        return complain("out of memory", EXIT_FAILED);
    if (report_file_open(&json, settings.json, error)) {
        bench_interrupt_install();
        status = run(&settings, &json, lines);
    } else {
        status = complain(error, EXIT_USAGE);
    }
    free(lines);
    return status;
}
