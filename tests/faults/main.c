/* SPDX-License-Identifier: MIT */
/*
 * fault-tests [FAULT]: runs all faults or the one that is named, FAULT_RUNS times each (once,
 * unless the environment says otherwise), and prints a table of what came of them. Exits with 1
 * when one was not survived, with 2 for wrong use.
 */
#include "tests/faults/faults.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { TIMEOUT_S = 300, RUNS_LIMIT = 10000, EXIT_USAGE = 2 };

static const struct {
    const char *name;
    void (*run)(char observed[OBSERVED_SIZE]);
} faults[] = {
#define LIST_FAULT(name) {#name, name},
    FAULTS(LIST_FAULT)
#undef LIST_FAULT
};

/* Written by the tests' processes, one after the other, and read by this one. */
struct result {
    unsigned runs;
    unsigned survived;
    char observed[OBSERVED_SIZE]; /* in the last run */
};
static struct result *results; /* one for each fault */

START_TEST(is_survived)
{
    struct result *result = &results[_i];
    result->runs++;
    snprintf(result->observed, sizeof(result->observed), "see the failure above");
    faults[_i].run(result->observed);
    result->survived++;
}
END_TEST

/* One test case per fault, called like it, so that a failure says which. */
static Suite *make_suite(const char *wanted, int runs)
{
    Suite *suite = suite_create("faults");
    for (size_t i = 0; i < COUNT(faults); i++) {
        if (wanted != NULL && strcmp(wanted, faults[i].name) != 0)
            continue;
        TCase *fault = tcase_create(faults[i].name);
        tcase_set_timeout(fault, TIMEOUT_S);
        for (int run = 0; run < runs; run++)
            tcase_add_loop_test(fault, is_survived, (int)i, (int)i + 1);
        suite_add_tcase(suite, fault);
    }
    return suite;
}

/* True when all runs were survived. */
static bool print_table(void)
{
    bool all = true;
    printf("%-38s %5s %8s  %s\n", "fault", "runs", "survived", "observed");
    for (size_t i = 0; i < COUNT(faults); i++) {
        if (results[i].runs == 0)
            continue;
        printf("%-38s %5u %8u  %s\n", faults[i].name, results[i].runs, results[i].survived,
               results[i].observed);
        all &= results[i].survived == results[i].runs;
    }
    return all;
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < COUNT(faults); i++) {
        if (strcmp(name, faults[i].name) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : NULL;
    const char *runs_text = getenv("FAULT_RUNS");
    long runs = runs_text != NULL && *runs_text != '\0' ? strtol(runs_text, NULL, 10) : 1;
    if (runs < 1 || runs > RUNS_LIMIT) {
        fprintf(stderr, "%s: FAULT_RUNS='%s' is not allowed: it takes an integer from 1 to %d\n",
                argv[0], runs_text, RUNS_LIMIT);
        return EXIT_USAGE;
    }
    if (wanted != NULL && !is_known(wanted)) {
        fprintf(stderr, "%s: no fault '%s'; there are:", argv[0], wanted);
        for (size_t i = 0; i < COUNT(faults); i++)
            fprintf(stderr, " %s", faults[i].name);
        fputc('\n', stderr);
        return EXIT_USAGE;
    }
    results = mmap(NULL, COUNT(faults) * sizeof(*results), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED) {
        perror("mmap");
        return EXIT_FAILURE;
    }
    SRunner *runner = srunner_create(make_suite(wanted, (int)runs));
    srunner_run_all(runner, CK_ENV);
    bool survived = srunner_ntests_failed(runner) == 0;
    srunner_free(runner);
    return print_table() && survived ? EXIT_SUCCESS : EXIT_FAILURE;
}
