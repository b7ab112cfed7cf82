/* SPDX-License-Identifier: MIT */
#include "common/log.h"
#include "common/tls.h"
#include "server/cpus.h"
#include "server/limits/overload.h"
#include "server/settings.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define SECOND       INT64_C(1000000000)

static struct settings settings;

static enum options_result parse(const char *option, const char *value,
                                 char error[OPTION_ERROR_SIZE])
{
    char word[64];
    char copy[64];
    snprintf(word, sizeof(word), "%s", option);
    snprintf(copy, sizeof(copy), "%s", value);
    char *argv[] = {"crew-server", word, copy, NULL};
    int next = 0;
    options_set_defaults(&settings_table, &settings);
    return options_parse(&settings_table, &settings, 3, argv, &next, error);
}

START_TEST(defaults)
{
    char *argv[] = {"crew-server", NULL};
    ck_assert_int_eq(settings_parse(&settings, 1, argv), -1);
    ck_assert_uint_eq(settings.listen.count, 1);
    ck_assert_str_eq(settings.listen.items[0], "tcp://127.0.0.1:12345");
    ck_assert_int_eq(settings.workers, usable_cpus());
    ck_assert_int_eq(settings.max_connections, 16384);
    ck_assert_int_eq(settings.max_connections_per_peer, 0);
    ck_assert_int_eq(settings.max_request_bytes, 1 << 20);
    ck_assert_int_eq(settings.max_output_bytes, 64 << 20);
    ck_assert_int_eq(settings.max_client_memory, 256 << 20);
    ck_assert_int_eq(settings.max_arguments, 1 << 20);
    ck_assert_ptr_null(settings.password_file);
    ck_assert_ptr_null(settings.user);
    ck_assert(!settings.insecure);
    ck_assert(!settings.hash_password);
    ck_assert_int_eq(settings.backlog, 1024);
    ck_assert_str_eq(settings.raw_command, "GREET");
    ck_assert_ptr_null(settings.tls_certificate);
    ck_assert_ptr_null(settings.tls_key);
    ck_assert_ptr_null(settings.tls_ca);
    ck_assert_int_eq(settings.tls_client_certificates, TLS_VERIFY_NONE);
    ck_assert_int_eq(settings.cpu_iterations, 0);
    ck_assert_int_eq(settings.idle_timeout_ns, 0);
    ck_assert_int_eq(settings.request_timeout_ns, 30 * SECOND);
    ck_assert_int_eq(settings.login_timeout_ns, 30 * SECOND);
    ck_assert_int_eq(settings.output_timeout_ns, 60 * SECOND);
    ck_assert_int_eq(settings.drain_timeout_ns, 10 * SECOND);
    ck_assert_int_eq(settings.stuck_after_ns, 10 * SECOND);
    ck_assert_int_eq(settings.shed, SHED_QUEUE_WAIT);
    ck_assert_int_eq(settings.shed_interval_ns, SECOND / 10);
    ck_assert_int_eq(settings.shed_target_ns, SECOND / 200);
    ck_assert_int_eq(settings.log_level, LOG_LEVEL_INFO);
}
END_TEST

START_TEST(everything_given)
{
    char *argv[] = {
        "crew-server",
        "-l",
        "tcp://[::1]:0",
        "--listen=unix:///tmp/crew",
        "-w",
        "3",
        "--max-connections",
        "7",
        "--max-arguments=99",
        "--password-file=/etc/crew.passwords",
        "--user",
        "nobody:nogroup",
        "--insecure",
        "--hash-password",
        "--backlog=9",
        "--cpu-iterations",
        "11",
        "--max-request-bytes",
        "64k",
        "--raw-command",
        "ECHO a",
        "--tls-certificate=c.pem",
        "--tls-key=k.pem",
        "--tls-ca=a.pem",
        "--tls-client-certificates=required",
        "--drain-timeout=1500ms",
        "--log-level=error",
        NULL,
    };
    ck_assert_int_eq(settings_parse(&settings, COUNT(argv) - 1, argv), -1);
    ck_assert_uint_eq(settings.listen.count, 2);
    ck_assert_str_eq(settings.listen.items[0], "tcp://[::1]:0");
    ck_assert_str_eq(settings.listen.items[1], "unix:///tmp/crew");
    ck_assert_int_eq(settings.workers, 3);
    ck_assert_int_eq(settings.max_connections, 7);
    ck_assert_int_eq(settings.max_request_bytes, 64 << 10);
    ck_assert_int_eq(settings.max_arguments, 99);
    ck_assert_str_eq(settings.password_file, "/etc/crew.passwords");
    ck_assert_str_eq(settings.user, "nobody:nogroup");
    ck_assert(settings.insecure);
    ck_assert(settings.hash_password);
    ck_assert_int_eq(settings.backlog, 9);
    ck_assert_str_eq(settings.raw_command, "ECHO a");
    ck_assert_str_eq(settings.tls_certificate, "c.pem");
    ck_assert_str_eq(settings.tls_key, "k.pem");
    ck_assert_str_eq(settings.tls_ca, "a.pem");
    ck_assert_int_eq(settings.tls_client_certificates, TLS_VERIFY_REQUIRED);
    ck_assert_int_eq(settings.cpu_iterations, 11);
    ck_assert_int_eq(settings.drain_timeout_ns, SECOND + SECOND / 2);
    ck_assert_int_eq(settings.log_level, LOG_LEVEL_ERROR);
}
END_TEST

/* The first and the last value that is allowed, as stored, and the error for the next one. */
static const struct {
    const char *option;
    const int64_t *field;
    const char *least;
    int64_t minimum;
    const char *most;
    int64_t maximum;
    const char *bad[4]; /* others are NULL */
    const char *allowed;
} ranges[] = {
    {"--workers",
     &settings.workers,
     "0",
     0,
     "1024",
     1024,
     {"-1", "1025", "two", "2.5"},
     "an integer from 0 to 1024"},
    {"--max-connections",
     &settings.max_connections,
     "1",
     1,
     "1000000",
     1000000,
     {"0", "1000001", "", "1k"},
     "an integer from 1 to 1000000"},
    {"--max-connections-per-peer",
     &settings.max_connections_per_peer,
     "0",
     0,
     "1000000",
     1000000,
     {"-1", "1000001", "", "1k"},
     "an integer from 0 to 1000000"},
    {"--max-request-bytes",
     &settings.max_request_bytes,
     "1024",
     1024,
     "512m",
     512 << 20,
     {"1023", "513m", "-1", "big"},
     "a size from 1KiB to 512MiB, such as 4096, 64k or 1m"},
    {"--max-output-bytes",
     &settings.max_output_bytes,
     "64k",
     64 << 10,
     "4g",
     INT64_C(4) << 30,
     {"65535", "5g", "-1", "big"},
     "a size from 64KiB to 4GiB, such as 4096, 64k or 1m"},
    {"--max-client-memory",
     &settings.max_client_memory,
     "0",
     0,
     "1024g",
     INT64_C(1) << 40,
     {"-1", "1025g", "", "big"},
     "a size from 0 to 1024GiB, such as 4096, 64k or 1m"},
    {"--max-arguments",
     &settings.max_arguments,
     "16",
     16,
     "16777216",
     1 << 24,
     {"15", "16777217", "", "1m"},
     "an integer from 16 to 16777216"},
    {"--backlog",
     &settings.backlog,
     "1",
     1,
     "65535",
     65535,
     {"0", "65536", "0x10", " 1"},
     "an integer from 1 to 65535"},
    {"--tls-client-certificates",
     &settings.tls_client_certificates,
     "none",
     TLS_VERIFY_NONE,
     "required",
     TLS_VERIFY_REQUIRED,
     {"never", "NONE", "", "none|optional"},
     "one of none|optional|required"},
    {"--idle-timeout",
     &settings.idle_timeout_ns,
     "0",
     0,
     "24h",
     24 * 3600 * SECOND,
     {"25h", "-1s", "never", "1d"},
     "a time from 0s to 86400s, such as 250ms or 1.5s"},
    {"--request-timeout",
     &settings.request_timeout_ns,
     "0",
     0,
     "1h",
     3600 * SECOND,
     {"3601s", "-1s", "never", "1d"},
     "a time from 0s to 3600s, such as 250ms or 1.5s"},
    {"--login-timeout",
     &settings.login_timeout_ns,
     "1s",
     SECOND,
     "1h",
     3600 * SECOND,
     {"0", "3601s", "never", "-1"},
     "a time from 1s to 3600s, such as 250ms or 1.5s"},
    {"--output-timeout",
     &settings.output_timeout_ns,
     "1s",
     SECOND,
     "1h",
     3600 * SECOND,
     {"999ms", "3601s", "never", "-1"},
     "a time from 1s to 3600s, such as 250ms or 1.5s"},
    {"--drain-timeout",
     &settings.drain_timeout_ns,
     "0",
     0,
     "1h",
     3600 * SECOND,
     {"3601s", "-1s", "soon", "1d"},
     "a time from 0s to 3600s, such as 250ms or 1.5s"},
    {"--stuck-after",
     &settings.stuck_after_ns,
     "0",
     0,
     "1h",
     3600 * SECOND,
     {"3601s", "-1s", "never", "1d"},
     "a time from 0s to 3600s, such as 250ms or 1.5s"},
    {"--cpu-iterations",
     &settings.cpu_iterations,
     "0",
     0,
     "10000000",
     10000000,
     {"-1", "10000001", "1e3", "fast"},
     "an integer from 0 to 10000000"},
    {"--poll-nap",
     &settings.poll_nap_ns,
     "0",
     0,
     "10ms",
     SECOND / 100,
     {"11ms", "-1us", "short", "1d"},
     "a time from 0s to 10ms, such as 250ms or 1.5s"},
    {"--shed",
     &settings.shed,
     "off",
     SHED_OFF,
     "queue-wait",
     SHED_QUEUE_WAIT,
     {"on", "QUEUE-WAIT", "", "off|queue-wait"},
     "one of off|queue-wait"},
    {"--shed-interval",
     &settings.shed_interval_ns,
     "1ms",
     SECOND / 1000,
     "60s",
     60 * SECOND,
     {"0", "999us", "61s", "long"},
     "a time from 1ms to 60s, such as 250ms or 1.5s"},
    {"--shed-target",
     &settings.shed_target_ns,
     "0",
     0,
     "60s",
     60 * SECOND,
     {"61s", "-1ms", "soon", "1d"},
     "a time from 0s to 60s, such as 250ms or 1.5s"},
    {"--log-level",
     &settings.log_level,
     "debug",
     LOG_LEVEL_DEBUG,
     "error",
     LOG_LEVEL_ERROR,
     {"loud", "INFO", "", "debug|info"},
     "one of debug|info|warn|error"},
};

START_TEST(range)
{
    const char *option = ranges[_i].option;
    char error[OPTION_ERROR_SIZE];
    ck_assert_int_eq(parse(option, ranges[_i].least, error), OPTIONS_OK);
    ck_assert_int_eq(*ranges[_i].field, ranges[_i].minimum);
    ck_assert_int_eq(parse(option, ranges[_i].most, error), OPTIONS_OK);
    ck_assert_int_eq(*ranges[_i].field, ranges[_i].maximum);
    for (int i = 0; i < COUNT(ranges[_i].bad); i++) {
        char expected[OPTION_ERROR_SIZE];
        snprintf(expected, sizeof(expected), "%s: '%s' is not allowed: it takes %s", option,
                 ranges[_i].bad[i], ranges[_i].allowed);
        ck_assert_int_eq(parse(option, ranges[_i].bad[i], error), OPTIONS_BAD);
        ck_assert_str_eq(error, expected);
    }
}
END_TEST

/* A new option must get a row above, unless any text will do for it or it takes none. */
START_TEST(every_option_is_tested)
{
    for (size_t i = 0; i < settings_table.count; i++) {
        const struct option *option = &settings_table.options[i];
        bool tested = option->type == OPTION_TEXT || option->type == OPTION_LIST ||
                      option->type == OPTION_FLAG || option->type == OPTION_HELP ||
                      option->type == OPTION_VERSION;
        for (int j = 0; j < COUNT(ranges); j++)
            tested = tested || strcmp(ranges[j].option + 2, option->name) == 0;
        ck_assert_msg(tested, "--%s is in no test", option->name);
        ck_assert(option->help != NULL && option->help[strlen(option->help) - 1] == '.');
    }
}
END_TEST

static const struct {
    const char *word;
    int status;
    FILE *const *stream;
    const char *says;
} endings[] = {
    {"--help", 0, &stdout, "--max-connections"},
    {"--version", 0, &stdout, "crew "},
    {"--workers=x", 2, &stderr, "--workers: 'x' is not allowed"},
    {"--worker", 2, &stderr, "did you mean --workers?"},
    {"--workers", 2, &stderr, "--workers needs a value: <threads>"},
    {"extra", 2, &stderr, "unexpected word 'extra'"},
};

START_TEST(ending)
{
    char word[32];
    char text[CAPTURED_OUTPUT_SIZE];
    snprintf(word, sizeof(word), "%s", endings[_i].word);
    char *argv[] = {"crew-server", word, NULL};
    struct captured_output captured = capture_output(*endings[_i].stream);
    ck_assert_int_eq(settings_parse(&settings, 2, argv), endings[_i].status);
    captured_text(&captured, text);
    ck_assert_msg(strstr(text, endings[_i].says) != NULL, "it says: %s", text);
}
END_TEST

Suite *settings_suite(void)
{
    Suite *suite = suite_create("settings");
    TCase *tests = tcase_create("settings");
    tcase_add_test(tests, defaults);
    tcase_add_test(tests, everything_given);
    tcase_add_loop_test(tests, range, 0, COUNT(ranges));
    tcase_add_test(tests, every_option_is_tested);
    tcase_add_loop_test(tests, ending, 0, COUNT(endings));
    suite_add_tcase(suite, tests);
    return suite;
}
