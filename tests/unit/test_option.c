/* SPDX-License-Identifier: MIT */
#include "common/option.h"
#include "common/version.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"

#include <signal.h>
#include <string.h>

struct settings {
    bool verbose;
    int64_t workers;
    int64_t memory;
    int64_t timeout;
    const char *name;
    int64_t level;
    struct option_list listen;
};

#define FIELD(field) .offset = offsetof(struct settings, field)
#define SECOND       INT64_C(1000000000)

static const struct option options[] = {
    {"verbose", 'v', OPTION_FLAG, FIELD(verbose), .help = "Say more."},
    {"workers", 'w', OPTION_INTEGER, FIELD(workers), -2, 64, .fallback = "4", .unit = "threads",
     .help = "Threads that run commands."},
    {"memory", 'm', OPTION_BYTES, FIELD(memory), 1024, 1 << 20, .fallback = "64k", .unit = "bytes",
     .help = "Most memory."},
    {"timeout", 't', OPTION_DURATION, FIELD(timeout), SECOND / 1000, 60 * SECOND,
     .fallback = "1.5s", .unit = "time", .help = "Longest wait."},
    {"name", 'n', OPTION_TEXT, FIELD(name), .unit = "text", .help = "Name to show."},
    {"level", 0, OPTION_CHOICE, FIELD(level), .choices = "low|mid|high", .fallback = "mid",
     .unit = "level", .help = "How much."},
    {"listen", 'l', OPTION_LIST, FIELD(listen), .fallback = "here", .unit = "url",
     .help = "Where to listen."},
    {"help", 'h', OPTION_HELP, .help = "Show this help."},
    {"version", 0, OPTION_VERSION, .help = "Show the version."},
};

enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static const struct option_table table = {
    .program = "tool",
    .synopsis = "[options] [word...]",
    .description = "Does things.",
    .options = options,
    .count = OPTION_COUNT,
    .examples = "  tool --workers 2\n",
};

enum { MOST_WORDS = 48 };

/* An argument vector out of words separated by spaces; "''" stands for an empty word. */
struct command_line {
    char text[512];
    char *argv[MOST_WORDS];
    int argc;
};

static void split(struct command_line *line, const char *words)
{
    line->argc = 0;
    line->argv[line->argc++] = "tool";
    snprintf(line->text, sizeof(line->text), "%s", words);
    char *rest = NULL;
    for (char *word = strtok_r(line->text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        ck_assert_int_lt(line->argc, MOST_WORDS);
        line->argv[line->argc++] = strcmp(word, "''") == 0 ? "" : word;
    }
}

static const struct option *option_named(const char *name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    ck_abort_msg("no option '%s'", name);
    return NULL;
}

static void check_value(const struct settings *settings, const char *name, const char *expected)
{
    struct byte_buffer text = {0};
    option_format(option_named(name), settings, &text);
    byte_buffer_append(&text, "", 1);
    ck_assert_msg(strcmp(text.bytes, expected) == 0, "--%s is '%s' and not '%s'", name, text.bytes,
                  expected);
    byte_buffer_free(&text);
}

START_TEST(defaults)
{
    struct settings settings = {0};
    options_set_defaults(&table, &settings);
    ck_assert(!settings.verbose);
    ck_assert_int_eq(settings.workers, 4);
    ck_assert_int_eq(settings.memory, 64 << 10);
    ck_assert_int_eq(settings.timeout, SECOND + SECOND / 2);
    ck_assert_ptr_null(settings.name);
    ck_assert_int_eq(settings.level, 1);
    ck_assert_uint_eq(settings.listen.count, 1);
    ck_assert_str_eq(settings.listen.items[0], "here");
    ck_assert(settings.listen.is_default);
}
END_TEST

static const struct {
    const char *words;
    const char *option;
    const char *value; /* as option_format shows it */
} accepted[] = {
    {"''", "workers", "4"},
    {"--verbose", "verbose", "yes"},
    {"-v", "verbose", "yes"},
    {"--workers 8", "verbose", "no"},
    {"--workers 8", "workers", "8"},
    {"--workers=8", "workers", "8"},
    {"-w 8", "workers", "8"},
    {"-w 8 -w 9", "workers", "9"},
    {"--workers -2", "workers", "-2"},
    {"--workers 64", "workers", "64"},
    {"--memory 1024", "memory", "1024"},
    {"--memory 1k", "memory", "1024"},
    {"--memory=1m", "memory", "1048576"},
    {"-m 1MiB", "memory", "1048576"},
    {"--timeout 1ms", "timeout", "1ms"},
    {"--timeout 60", "timeout", "60s"},
    {"--timeout 1m", "timeout", "60s"},
    {"-t 0.25", "timeout", "250ms"},
    {"-v", "name", ""},
    {"--name x=y", "name", "x=y"},
    {"--name=x=y", "name", "x=y"},
    {"--name=", "name", ""},
    {"--name --workers", "name", "--workers"},
    {"-n -", "name", "-"},
    {"-v", "level", "mid"},
    {"--level low", "level", "low"},
    {"--level=high", "level", "high"},
    {"-v", "listen", "here"},
    {"--listen a", "listen", "a"},
    {"--listen a -l b --listen=c", "listen", "a b c"},
    {"-- --workers 8", "workers", "4"},
    {"word --workers 8", "workers", "4"},
    {"- --workers 8", "workers", "4"},
};

START_TEST(accepts)
{
    struct settings settings = {0};
    struct command_line line;
    char error[OPTION_ERROR_SIZE] = "";
    int next = 0;
    options_set_defaults(&table, &settings);
    split(&line, accepted[_i].words);
    ck_assert_msg(options_parse(&table, &settings, line.argc, line.argv, &next, error) ==
                      OPTIONS_OK,
                  "%s", error);
    check_value(&settings, accepted[_i].option, accepted[_i].value);
}
END_TEST

#define WORKERS_TAKES ": it takes an integer from -2 to 64"
#define MEMORY_TAKES  ": it takes a size from 1KiB to 1MiB, such as 4096, 64k or 1m"
#define TIMEOUT_TAKES ": it takes a time from 1ms to 60s, such as 250ms or 1.5s"
#define LEVEL_TAKES   ": it takes one of low|mid|high"
#define FOUR_LISTEN   "-l a -l b -l c -l d "

static const struct {
    const char *words;
    const char *error;
} refused[] = {
    {"--workers -3", "--workers: '-3' is not allowed" WORKERS_TAKES},
    {"--workers 65", "--workers: '65' is not allowed" WORKERS_TAKES},
    {"-w 65", "--workers: '65' is not allowed" WORKERS_TAKES},
    {"--workers=many", "--workers: 'many' is not allowed" WORKERS_TAKES},
    {"--workers=", "--workers: '' is not allowed" WORKERS_TAKES},
    {"--workers 9223372036854775808",
     "--workers: '9223372036854775808' is not allowed" WORKERS_TAKES},
    {"--memory 1023", "--memory: '1023' is not allowed" MEMORY_TAKES},
    {"--memory 1048577", "--memory: '1048577' is not allowed" MEMORY_TAKES},
    {"--memory 64q", "--memory: '64q' is not allowed" MEMORY_TAKES},
    {"--timeout 999999ns", "--timeout: '999999ns' is not allowed" TIMEOUT_TAKES},
    {"--timeout 60000000001ns", "--timeout: '60000000001ns' is not allowed" TIMEOUT_TAKES},
    {"--timeout soon", "--timeout: 'soon' is not allowed" TIMEOUT_TAKES},
    {"--level none", "--level: 'none' is not allowed" LEVEL_TAKES},
    {"--level low|mid", "--level: 'low|mid' is not allowed" LEVEL_TAKES},
    {"--level lo", "--level: 'lo' is not allowed" LEVEL_TAKES},
    {"--level ''", "--level: '' is not allowed" LEVEL_TAKES},
    {FOUR_LISTEN FOUR_LISTEN FOUR_LISTEN FOUR_LISTEN "-l 17th",
     "--listen: '17th' is not allowed: it takes at most 16 values"},
    {"--workers", "--workers needs a value: <threads>"},
    {"-l", "--listen needs a value: <url>"},
    {"--verbose=yes", "--verbose takes no value"},
    {"--help=me", "--help takes no value"},
    {"--wrokers 8", "unknown option --wrokers; did you mean --workers?"},
    {"--wrokers=8", "unknown option --wrokers=8; did you mean --workers?"},
    {"--worker 8", "unknown option --worker; did you mean --workers?"},
    {"--timeuot 8", "unknown option --timeuot; did you mean --timeout?"},
    {"--frobnicate", "unknown option --frobnicate; --help lists all options"},
    {"-x", "unknown option -x; --help lists all options"},
    {"-w8", "unknown option -w8; --help lists all options"},
    {"-workers 8", "unknown option -workers; --help lists all options"},
    {"--Workers 8", "unknown option --Workers; did you mean --workers?"},
};

START_TEST(refuses)
{
    struct settings settings = {0};
    struct command_line line;
    char error[OPTION_ERROR_SIZE] = "";
    int next = 0;
    options_set_defaults(&table, &settings);
    split(&line, refused[_i].words);
    ck_assert_int_eq(options_parse(&table, &settings, line.argc, line.argv, &next, error),
                     OPTIONS_BAD);
    ck_assert_str_eq(error, refused[_i].error);
}
END_TEST

static const struct {
    const char *words;
    int next;
} stops[] = {
    {"", 1},         {"-v", 2},     {"word", 1},  {"-v word -v", 2},
    {"-v -- -v", 3}, {"-w 8 -", 3}, {"-v ''", 2},
};

START_TEST(stops_before_other_words)
{
    struct settings settings = {0};
    struct command_line line;
    char error[OPTION_ERROR_SIZE];
    int next = 0;
    split(&line, stops[_i].words);
    ck_assert_int_eq(options_parse(&table, &settings, line.argc, line.argv, &next, error),
                     OPTIONS_OK);
    ck_assert_int_eq(next, stops[_i].next);
}
END_TEST

/* What option_format writes can be given back, and means the same. */
START_TEST(format_round_trips)
{
    struct settings settings = {
        .workers = -1, .memory = 65537, .timeout = 1234567, .name = "a name", .level = 2};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        enum option_type type = options[i].type;
        if (type == OPTION_FLAG || type == OPTION_HELP || type == OPTION_VERSION)
            continue;
        struct byte_buffer word = {0};
        byte_buffer_printf(&word, "--%s=", options[i].name);
        option_format(&options[i], &settings, &word);
        byte_buffer_append(&word, "", 1);
        struct settings copy = settings;
        char *argv[] = {"tool", word.bytes, NULL};
        char error[OPTION_ERROR_SIZE] = "";
        int next = 0;
        ck_assert_msg(options_parse(&table, &copy, 2, argv, &next, error) == OPTIONS_OK, "%s",
                      error);
        check_value(&copy, options[i].name, strchr(word.bytes, '=') + 1);
        ck_assert_int_eq(copy.workers, settings.workers);
        ck_assert_int_eq(copy.memory, settings.memory);
        ck_assert_int_eq(copy.timeout, settings.timeout);
        ck_assert_int_eq(copy.level, settings.level);
        byte_buffer_free(&word);
    }
}
END_TEST

START_TEST(help_tells_everything)
{
    char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stdout);
    options_print_help(&table, stdout);
    captured_text(&captured, text);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof(name), "--%s", options[i].name);
        ck_assert_msg(strstr(text, name) != NULL, "%s is missing in\n%s", name, text);
        ck_assert_msg(strstr(text, options[i].help) != NULL, "no help on %s", name);
    }
    static const char *const pieces[] = {
        "Usage: tool [options] [word...]\n\nDoes things.\n\nOptions:\n",
        "-w, --workers <threads>",
        "Threads that run commands. Default: 4.\n",
        "How much. One of low|mid|high. Default: mid.\n",
        "-v, --verbose",
        "Say more.\n",
        "\nExamples:\n  tool --workers 2\n",
    };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        ck_assert_msg(strstr(text, pieces[i]) != NULL, "'%s' is missing in\n%s", pieces[i], text);
}
END_TEST

static const struct {
    const char *words;
    int status;
    const char *out;
    const char *err;
} handled[] = {
    {"-v", -1, "", ""},
    {"--version", 0, "crew " CREW_VERSION "\n", ""},
    {"--workers 65 --help", 2, "", "tool: --workers: '65' is not allowed" WORKERS_TAKES "\n"},
    {"-v word", 2, "", "tool: unexpected word 'word'; --help lists all options\n"},
    {"-- -v", 2, "", "tool: unexpected word '-v'; --help lists all options\n"},
};

START_TEST(handles)
{
    struct settings settings = {0};
    struct command_line line;
    char out[CAPTURED_OUTPUT_SIZE];
    char err[CAPTURED_OUTPUT_SIZE];
    split(&line, handled[_i].words);
    struct captured_output captured_out = capture_output(stdout);
    struct captured_output captured_err = capture_output(stderr);
    int status = options_handle(&table, &settings, line.argc, line.argv);
    captured_text(&captured_err, err);
    captured_text(&captured_out, out);
    ck_assert_int_eq(status, handled[_i].status);
    ck_assert_str_eq(out, handled[_i].out);
    ck_assert_str_eq(err, handled[_i].err);
}
END_TEST

START_TEST(help_wins_and_succeeds)
{
    struct settings settings = {0};
    struct command_line line;
    char out[CAPTURED_OUTPUT_SIZE];
    split(&line, "-v -h --workers 65");
    struct captured_output captured = capture_output(stdout);
    int status = options_handle(&table, &settings, line.argc, line.argv);
    captured_text(&captured, out);
    ck_assert_int_eq(status, 0);
    ck_assert_msg(strncmp(out, "Usage: tool ", 12) == 0, "%s", out);
}
END_TEST

START_TEST(bad_default_aborts)
{
    static const struct option bad = {"workers", 0, OPTION_INTEGER, FIELD(workers),
                                      1,         2, .fallback = "3"};
    static const struct option_table bad_table = {.program = "tool", .options = &bad, .count = 1};
    struct settings settings = {0};
    capture_output(stderr);
    options_set_defaults(&bad_table, &settings);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *option_suite(void)
{
    Suite *suite = suite_create("option");
    TCase *tests = tcase_create("option");
    tcase_add_test(tests, defaults);
    tcase_add_loop_test(tests, accepts, 0, COUNT(accepted));
    tcase_add_loop_test(tests, refuses, 0, COUNT(refused));
    tcase_add_loop_test(tests, stops_before_other_words, 0, COUNT(stops));
    tcase_add_test(tests, format_round_trips);
    tcase_add_test(tests, help_tells_everything);
    tcase_add_loop_test(tests, handles, 0, COUNT(handled));
    tcase_add_test(tests, help_wins_and_succeeds);
    tcase_add_test_raise_signal(tests, bad_default_aborts, SIGABRT);
    suite_add_tcase(suite, tests);
    return suite;
}
