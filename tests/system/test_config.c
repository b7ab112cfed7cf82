/* SPDX-License-Identifier: MIT */
/* CONFIG GET: options as they were set. */
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

START_TEST(config_get_shows_what_was_set)
{
    static const struct {
        const char *option;
        const char *given;
        const char *shown;
    } values[] = {
        {"workers", "3", "3"},
        {"max-connections", "77", "77"},
        {"max-connections-per-peer", "5", "5"},
        {"max-request-bytes", "2m", "2097152"},
        {"max-output-bytes", "1m", "1048576"},
        {"max-client-memory", "1g", "1073741824"},
        {"max-arguments", "99", "99"},
        {"backlog", "9", "9"},
        {"raw-command", "ECHO", "ECHO"},
        {"idle-timeout", "2h", "7200s"},
        {"request-timeout", "20s", "20s"},
        {"output-timeout", "90s", "90s"},
        {"drain-timeout", "1.5s", "1500ms"},
        {"stuck-after", "2s", "2s"},
        {"cpu-iterations", "12", "12"},
        {"shed", "off", "off"},
        {"shed-interval", "0.25s", "250ms"},
        {"shed-target", "7ms", "7ms"},
        {"log-level", "debug", "debug"},
        {"listen", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0"},
    };
    char options[500] = "";
    for (size_t i = 0; i < COUNT(values); i++) {
        size_t used = strlen(options);
        snprintf(options + used, sizeof(options) - used, "--%s=%s ", values[i].option,
                 values[i].given);
    }
    struct fixture fixture;
    fixture_start(&fixture, options);
    int fd = wire_connect(fixture.url);
    for (size_t i = 0; i < COUNT(values); i++) {
        char request[80];
        char reply[160];
        snprintf(request, sizeof(request), "CONFIG GET %s\r\n", values[i].option);
        snprintf(reply, sizeof(reply), "*2\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n",
                 strlen(values[i].option), values[i].option, strlen(values[i].shown),
                 values[i].shown);
        wire_exchange(fd, request, reply);
    }
    close(fd);
    fixture_stop(&fixture);
}
END_TEST

Suite *config_suite(void)
{
    Suite *suite = suite_create("config");
    TCase *tests = tcase_create("config");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, config_get_shows_what_was_set);
    suite_add_tcase(suite, tests);
    return suite;
}
