/* SPDX-License-Identifier: MIT */
/* crew-bench compare with files that are good, damaged, of other kinds, or not there. */
#include "bench/base/bench_json.h"
#include "bench/results/json_value.h"
#include "bench/results/load_file.h"
#include "bench/results/measurement_json.h"
#include "bench/results/results_file.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"
#include "tests/system/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCKS = 4, COUNTS = 2, EXIT_INCOMPLETE = 1, EXIT_USAGE = 2 };

static char folder[] = "/tmp/crew-compare-XXXXXX";

/* The path of a file in the test's folder; static storage, one for each of a few calls. */
static const char *path_of(const char *name)
{
    static char paths[4][64];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const struct byte_buffer *text)
{
    ck_assert(!text->failed);
    FILE *file = fopen(path_of(name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text->bytes, 1, text->size, file), text->size);
    ck_assert_int_eq(fclose(file), 0);
}

/* Rates of 100 per worker, times `factor`, a little different in each block. */
struct sweep {
    const char *workload;
    double factor;
    uint64_t seed;       /* another run has another one */
    const char *problem; /* of all trials; NULL for none */
};

static void fill_trials(struct trial trials[COUNTS * BLOCKS], const struct sweep *sweep)
{
    for (unsigned i = 0; i < COUNTS * BLOCKS; i++) {
        struct trial *trial = &trials[i];
        *trial = (struct trial){.workers = 1 + i % COUNTS,
                                .rate_rps = NAN,
                                .block = 1 + i / COUNTS,
                                .place = 1 + i % COUNTS,
                                .complete = sweep->problem == NULL,
                                .stopped_cleanly = true};
        if (sweep->problem != NULL)
            snprintf(trial->problem, sizeof(trial->problem), "%s", sweep->problem);
        trial->measurement.throughput_rps =
            100 * sweep->factor * trial->workers + 0.1 * trial->block;
    }
}

static void write_sweep(const char *name, const struct sweep *sweep)
{
    struct trial trials[COUNTS * BLOCKS];
    struct results results = {.crew_version = "1.2.3",
                              .started_utc = "2026-01-31T12:00:00Z",
                              .host = {2, "a CPU", "6.1", "x86_64"},
                              .elapsed_s = 9,
                              .complete = true,
                              .trials = trials,
                              .trial_count = COUNTS * BLOCKS};
    results.settings = (struct results_settings){.workload_count = 1,
                                                 .workers = {1, 2},
                                                 .count = COUNTS,
                                                 .reference = 1,
                                                 .blocks = BLOCKS,
                                                 .duration_s = 1,
                                                 .seed = sweep->seed};
    snprintf(results.settings.workloads[0], RESULTS_TEXT_SIZE, "%s", sweep->workload);
    fill_trials(trials, sweep);
    struct byte_buffer text = {0};
    results_write_json(&results, NULL, &text);
    write_file(name, &text);
    byte_buffer_free(&text);
}

static void write_load(const char *name, double rate_rps)
{
    struct measurement measurement = {.throughput_rps = rate_rps, .offered_rps = NAN};
    struct bench_host host = {2, "a CPU", "6.1", "x86_64"};
    struct byte_buffer text = {0};
    struct bench_json json = {.out = &text};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", LOAD_SCHEMA);
    bench_json_text(&json, "crew_version", "1.2.3");
    bench_host_write(&json, &host);
    bench_json_text(&json, "target", "tcp://127.0.0.1:1");
    bench_json_open(&json, "settings", '{');
    bench_json_text(&json, "workload", "ping");
    bench_json_close(&json, '}');
    bench_json_bool(&json, "interrupted", false);
    measurement_write(&json, &measurement);
    bench_json_close(&json, '}');
    write_file(name, &text);
    byte_buffer_free(&text);
}

static const struct sweep good = {"ping", 1, 1, NULL};
static const struct sweep faster = {"ping", 1.5, 2, NULL};

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_sweep("a.json", &good);
    write_sweep("b.json", &faster);
    write_load("load.json", 1000);
    write_load("load2.json", 2000);
    struct byte_buffer text = {0};
    byte_buffer_append_text(&text, "{\"schema\": \"crew-bench/sweep/1\", \"trials\": []}\n");
    write_file("old.json", &text);
    byte_buffer_free(&text);
    write_sweep("short.json", &good);
    ck_assert_int_eq(truncate(path_of("short.json"), 1000), 0);
}

static void remove_folder(void)
{
    static const char *const names[] = {"a.json",   "b.json",   "load.json",  "load2.json",
                                        "old.json", "out.json", "short.json", "other.json"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(path_of(names[i]));
    (void)rmdir(folder);
}

static void compare(struct program_run *run, const char *a, const char *b, const char *json,
                    int status)
{
    const char *const words[] = {"compare", a, b, json != NULL ? "--json" : NULL, json, NULL};
    program_expect(run, program_path("crew-bench"), words, NULL, status);
}

static void expect_piece(const char *text, const char *piece)
{
    ck_assert_msg(strstr(text, piece) != NULL, "no '%s' in '%s'", piece, text);
}

/* Two runs: what differs, and that the JSON says the same. */
START_TEST(two_runs)
{
    struct program_run run;
    compare(&run, path_of("a.json"), path_of("b.json"), path_of("out.json"), 0);
    expect_piece(run.output, "\nping: B is faster with 1 (+50 % [");
    expect_piece(run.output, "Blocks are not paired");
    ck_assert_str_eq(run.errors, "");
    program_run_free(&run);
    char json[65536];
    FILE *file = fopen(path_of("out.json"), "r");
    ck_assert_ptr_nonnull(file);
    json[fread(json, 1, sizeof(json) - 1, file)] = '\0';
    ck_assert_int_eq(fclose(file), 0);
    expect_piece(json, "\"schema\": \"crew-bench/compare/1\"");
    expect_piece(json, "\"verdict\": \"faster\"");
}
END_TEST

START_TEST(the_same_file_twice)
{
    struct program_run run;
    compare(&run, path_of("a.json"), path_of("a.json"), NULL, 0);
    expect_piece(run.output, "note: Both files hold the same run\n");
    expect_piece(run.output, "\nping: no difference detected with 1 and 2 workers");
    ck_assert_ptr_null(strstr(run.output, "faster"));
    program_run_free(&run);
}
END_TEST

START_TEST(two_loads)
{
    struct program_run run;
    compare(&run, path_of("load.json"), path_of("load2.json"), NULL, 0);
    expect_piece(run.output, "One run each supports no statement");
    expect_piece(run.output, "1,000");
    expect_piece(run.output, "2,000");
    program_run_free(&run);
}
END_TEST

/* The error names the file that is to blame, whichever of the two it is. */
static const struct {
    const char *bad;
    const char *reason;
} unusable[] = {
    {"missing.json", ": No such file or directory\n"},
    {"", ": Is a directory\n"},
    {"short.json", ": it is cut short"},
    {"old.json",
     ": schema: it is 'crew-bench/sweep/1', and this version reads 'crew-bench/sweep/2'"},
    {"load.json", " hold different things: one a sweep, the other a load\n"},
};

START_TEST(a_file_that_cannot_be_used)
{
    for (int first = 0; first < 2; first++) {
        struct program_run run;
        const char *bad = path_of(unusable[_i].bad);
        const char *other = path_of("a.json");
        compare(&run, first ? bad : other, first ? other : bad, NULL, EXIT_USAGE);
        expect_piece(run.errors, "crew-bench compare: ");
        expect_piece(run.errors, bad);
        expect_piece(run.errors, unusable[_i].reason);
        ck_assert_str_eq(run.output, "");
        program_run_free(&run);
    }
}
END_TEST

static const struct {
    struct sweep other;
    const char *output;
} incomparable[] = {
    {{"echo:1k", 1, 1, NULL}, "missing: the files have no workload in common\n"},
    {{"ping", 1, 1, "it broke"},
     "missing: ping with 1 worker: B has 0 usable trials of 4, and 2 are needed (it broke)\n"},
};

START_TEST(nothing_to_compare)
{
    struct program_run run;
    write_sweep("other.json", &incomparable[_i].other);
    compare(&run, path_of("a.json"), path_of("other.json"), NULL, EXIT_INCOMPLETE);
    expect_piece(run.output, incomparable[_i].output);
    expect_piece(run.errors, "crew-bench compare: nothing can be compared");
    program_run_free(&run);
}
END_TEST

START_TEST(wrong_use)
{
    static const char *const uses[][5] = {
        {"compare", NULL},
        {"compare", "a.json", NULL},
        {"compare", "a.json", "b.json", "c.json", NULL},
        {"compare", "a.json", "b.json", "--treshold", NULL},
    };
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        struct program_run run;
        program_expect(&run, program_path("crew-bench"), uses[i], NULL, EXIT_USAGE);
        expect_piece(run.errors, "crew-bench compare: ");
        program_run_free(&run);
    }
    struct program_run run;
    compare(&run, path_of("a.json"), path_of("b.json"), "/nonexistent/out.json", EXIT_USAGE);
    expect_piece(run.errors, "cannot write /nonexistent/out.json: No such file or directory");
    program_run_free(&run);
}
END_TEST

START_TEST(without_a_reader)
{
    struct program_run run;
    compare(&run, path_of("a.json"), path_of("b.json"), NULL, EXIT_USAGE);
    expect_piece(run.errors, "crew-bench was built without jansson: it cannot read results files");
    program_run_free(&run);
}
END_TEST

Suite *compare_suite(void)
{
    Suite *suite = suite_create("compare");
    TCase *tests = tcase_create("compare");
    tcase_add_unchecked_fixture(tests, make_folder, remove_folder);
    if (json_value_available()) {
        tcase_add_test(tests, two_runs);
        tcase_add_test(tests, the_same_file_twice);
        tcase_add_test(tests, two_loads);
        tcase_add_loop_test(tests, a_file_that_cannot_be_used, 0,
                            (int)(sizeof(unusable) / sizeof(unusable[0])));
        tcase_add_loop_test(tests, nothing_to_compare, 0,
                            (int)(sizeof(incomparable) / sizeof(incomparable[0])));
        tcase_add_test(tests, wrong_use);
    } else {
        tcase_add_test(tests, without_a_reader);
    }
    suite_add_tcase(suite, tests);
    return suite;
}
