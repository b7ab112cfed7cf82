/* SPDX-License-Identifier: MIT */
#include "bench/peers/child_program.h"

#include "bench/base/bench_interrupt.h"
#include "bench/trial/server_process.h"
#include "common/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { GLANCE_MS = 50, STOP_MS = 2000 };

/* CPU time of all children that have ended. */
static double ended_children_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * NS_PER_US / NS_PER_S;
}

/* False when the time is up, or after Ctrl-C. */
static bool wait_for_end(struct server_process *process, int timeout_ms, int *status)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    while (!server_process_wait_exit(process, GLANCE_MS, status))
        if (bench_interrupted() || monotonic_ns() >= deadline_ns)
            return false;
    return true;
}

static bool explain(const char *path, const char *what, const struct byte_buffer *output,
                    char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "%.500s %s: %.1000s", path, what,
             output->failed || output->size <= 1 ? "it printed nothing" : output->bytes);
    return false;
}

bool child_program_run(const char *path, const char *const *arguments, int timeout_ms,
                       struct byte_buffer *output, double *cpu_seconds,
                       char error[BENCH_ERROR_SIZE])
{
    struct server_process process;
    int status = 0;
    double before_s = ended_children_s();
    if (!server_process_start(&process, path, arguments, error))
        return false;
    bool ended = wait_for_end(&process, timeout_ms, &status);
    server_process_log(&process, output);
    byte_buffer_append(output, "", 1);
    server_process_stop(&process, STOP_MS);
    *cpu_seconds = ended_children_s() - before_s;
    error[0] = '\0';
    if (bench_interrupted())
        return false;
    if (!ended)
        return explain(path, "did not end in time", output, error);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return explain(path, "failed", output, error);
    return !output->failed || explain(path, "printed more than fits into memory", output, error);
}
