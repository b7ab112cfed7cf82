/* SPDX-License-Identifier: MIT */
#include "tests/suite_runner.h"

#include <stdio.h>
#include <string.h>

static int refuse(const struct suite_entry *suites, size_t count, char **argv)
{
    fprintf(stderr, "%s: no suite '%s'; there are:", argv[0], argv[1]);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s", suites[i].name);
    fputc('\n', stderr);
    return 2;
}

int run_suites(const struct suite_entry *suites, size_t count, int argc, char **argv)
{
    SRunner *runner = srunner_create(NULL);
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++) {
        if (argc < 2 || strcmp(argv[1], suites[i].name) == 0) {
            srunner_add_suite(runner, suites[i].create());
            chosen++;
        }
    }
    int status = 0;
    if (chosen == 0) {
        status = refuse(suites, count, argv);
    } else {
        srunner_run_all(runner, CK_ENV);
        status = srunner_ntests_failed(runner) > 0 ? 1 : 0;
    }
    srunner_free(runner);
    return status;
}
