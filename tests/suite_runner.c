/* SPDX-License-Identifier: MIT */
#include "tests/suite_runner.h"

#include "common/clock.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A suite that runs in a process of its own. */
struct job {
    const struct suite_entry *suite;
    pid_t pid;
    FILE *output; /* owned; what the process prints */
    uint64_t begin_ns;
};

/* As many as may run at a time; where `suite` is NULL, there is room for one more. */
enum { JOBS_LIMIT = 16 };

/* Seconds that a test may take which does not ask for more; Check's four are too few where
 * sanitizers or others need the CPUs. */
static const char patience[] = "60";

static int run_here(const struct suite_entry *suite)
{
    (void)setenv("CK_DEFAULT_TIMEOUT", patience, 0); /* failing, the tests would just be hastier */
    SRunner *runner = srunner_create(suite->create());
    srunner_run_all(runner, CK_ENV);
    int status = srunner_ntests_failed(runner) > 0 ? 1 : 0;
    srunner_free(runner);
    return status;
}

/* Without a process or a file for its output, nothing would be proven: that ends the program. */
static void start(struct job *job, const struct suite_entry *suite)
{
    *job = (struct job){.suite = suite, .output = tmpfile(), .begin_ns = monotonic_ns()};
    fflush(NULL);
    job->pid = job->output == NULL ? -1 : fork();
    if (job->pid < 0) {
        fprintf(stderr, "cannot run suite '%s': %s\n", suite->name, strerror(errno));
        exit(1);
    }
    if (job->pid == 0) {
        bool redirected = dup2(fileno(job->output), STDOUT_FILENO) >= 0 &&
                          dup2(fileno(job->output), STDERR_FILENO) >= 0;
        exit(redirected ? run_here(suite) : 1);
    }
}

/* Prints what a suite that ended has printed. */
static void print_output(struct job *job, bool passed)
{
    char text[4096];
    size_t size = 0;
    rewind(job->output);
    while ((size = fread(text, 1, sizeof(text), job->output)) > 0)
        fwrite(text, 1, size, stdout);
    printf("%s: %s after %.1f s\n", job->suite->name, passed ? "ok" : "FAILED",
           (double)(monotonic_ns() - job->begin_ns) / NS_PER_S);
    fflush(stdout);
}

/* Waits until one of the jobs ends and makes room where it was; true if its tests passed. */
static bool finish_one(struct job *jobs)
{
    int status = 0;
    pid_t ended = wait(&status);
    bool passed = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    for (size_t i = 0; i < JOBS_LIMIT; i++) {
        if (jobs[i].suite == NULL || jobs[i].pid != ended)
            continue;
        print_output(&jobs[i], passed);
        fclose(jobs[i].output);
        jobs[i].suite = NULL;
    }
    return passed;
}

static struct job *find_room(struct job *jobs)
{
    while (jobs->suite != NULL)
        jobs++;
    return jobs;
}

/* Runs the suites that measure, or all others; true if all passed. */
static bool run_group(const struct suite_entry *suites, size_t count, bool measures, size_t at_once)
{
    struct job jobs[JOBS_LIMIT] = {{0}};
    size_t running = 0;
    bool passed = true;
    for (size_t i = 0; i < count; i++) {
        if (suites[i].measures != measures)
            continue;
        if (running == at_once) {
            passed = finish_one(jobs) && passed;
            running--;
        }
        start(find_room(jobs), &suites[i]);
        running++;
    }
    for (; running > 0; running--)
        passed = finish_one(jobs) && passed;
    return passed;
}

static int run_all(const struct suite_entry *suites, size_t count)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t at_once = cpus < 1 ? 1 : cpus > JOBS_LIMIT ? JOBS_LIMIT : (size_t)cpus;
    bool passed = run_group(suites, count, false, at_once);
    passed = run_group(suites, count, true, at_once) && passed;
    return passed ? 0 : 1;
}

int run_suites(const struct suite_entry *suites, size_t count, int argc, char **argv)
{
    if (argc < 2)
        return run_all(suites, count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(argv[1], suites[i].name) == 0)
            return run_here(&suites[i]);
    fprintf(stderr, "%s: no suite '%s'; there are:", argv[0], argv[1]);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s", suites[i].name);
    fputc('\n', stderr);
    return 2;
}
