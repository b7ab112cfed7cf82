/* SPDX-License-Identifier: MIT */
#include "server/start_warnings.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HERE         "/proc/self/stat"
#define NOWHERE      "/nonexistent/file"

/* What counts about a listener. */
struct sketch {
    enum endpoint_scheme scheme;
    bool beyond_loopback;
};

enum { LISTENERS = 4 };

#define UNUSED                                                                                     \
    " warn tls_certificate problem=\"no tls:// listener shows the certificate " HERE "\"\n"
#define CLEAR                                                                                      \
    " warn clear_passwords url=tcp://there:1 problem=\"clients send passwords unencrypted: "
#define UNREAD " warn reload_will_fail file=\"" NOWHERE "\" error=\"No such file or directory\"\n"

static const struct sketch tcp = {ENDPOINT_TCP, false};
static const struct sketch tcp_beyond = {ENDPOINT_TCP, true};
static const struct sketch tls = {ENDPOINT_TLS, false};
static const struct sketch tls_beyond = {ENDPOINT_TLS, true};
static const struct sketch unix_beyond = {ENDPOINT_UNIX, true};
static const struct sketch raw_beyond = {ENDPOINT_RAW, true};

static const struct {
    const char *name;
    struct settings settings;
    const struct sketch *listeners[LISTENERS];
    size_t lines;
    const char *line; /* one of them */
} rows[] = {
    {"nothing", {.insecure = true}, {&tcp_beyond, &raw_beyond}, 0, ""},
    {"a certificate that is shown",
     {.tls_certificate = HERE, .tls_key = HERE},
     {&tcp_beyond, &tls},
     0,
     ""},
    {"a certificate that is not",
     {.tls_certificate = HERE, .tls_key = HERE},
     {&tcp_beyond, &unix_beyond},
     1,
     UNUSED},
    {"a password beyond loopback",
     {.password_file = HERE},
     {&tcp, &tls_beyond, &tcp_beyond},
     1,
     CLEAR},
    {"two of them", {.password_file = HERE}, {&tcp_beyond, &tcp_beyond}, 2, CLEAR},
    {"a password that nobody sees, or that is not asked for",
     {.password_file = HERE},
     {&tcp, &tls_beyond, &unix_beyond, &raw_beyond},
     0,
     ""},
    {"no access to the passwords", {.password_file = NOWHERE}, {&tcp}, 1, UNREAD},
    {"no access to the certificate", {.tls_certificate = NOWHERE}, {&tls}, 1, UNREAD},
    {"no access to the key", {.tls_key = NOWHERE}, {&tls}, 1, UNREAD},
    {"no access to the authorities", {.tls_ca = NOWHERE}, {&tls}, 1, UNREAD},
};

START_TEST(a_row)
{
    static struct listener_set listeners;
    listeners.count = 0;
    for (size_t i = 0; i < LISTENERS && rows[_i].listeners[i] != NULL; i++)
        listeners.items[listeners.count++] =
            (struct listener){.endpoint.scheme = rows[_i].listeners[i]->scheme,
                              .beyond_loopback = rows[_i].listeners[i]->beyond_loopback,
                              .url = "tcp://there:1"};
    char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stderr);
    start_warnings_log(&rows[_i].settings, &listeners);
    captured_text(&captured, text);
    ck_assert_msg(strstr(text, rows[_i].line) != NULL, "%s: '%s'", rows[_i].name, text);
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n';
    ck_assert_msg(lines == rows[_i].lines, "%s: '%s'", rows[_i].name, text);
}
END_TEST

Suite *start_warnings_suite(void)
{
    Suite *suite = suite_create("start_warnings");
    TCase *tests = tcase_create("start_warnings");
    tcase_add_loop_test(tests, a_row, 0, COUNT(rows));
    suite_add_tcase(suite, tests);
    return suite;
}
