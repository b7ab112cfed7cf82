/* SPDX-License-Identifier: MIT */
#include "tests/system/fixture.h"

#include "common/clock.h"
#include "tests/system/wire.h"

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORD_LIMIT = 32 };

const char *program_path(const char *name)
{
    static char path[512];
    const char *folder = getenv("CREW_BIN");
    ck_assert_msg(folder != NULL, "CREW_BIN must name the folder of the programs");
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void fail_with_log(const struct fixture *fixture, const char *what)
{
    char error[BENCH_ERROR_SIZE];
    server_process_explain(&fixture->process, what, error);
    ck_abort_msg("%s", error);
}

void fixture_start(struct fixture *fixture, const char *options)
{
    char text[512];
    const char *words[WORD_LIMIT] = {NULL};
    size_t count = 0;
    snprintf(text, sizeof(text), "%s", options);
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    if (strstr(options, "--listen") == NULL) {
        words[count++] = "--listen";
        words[count++] = "tcp://127.0.0.1:0";
    }
    if (strstr(options, "--shed") == NULL) {
        words[count++] = "--shed";
        words[count++] = "off";
    }
    ck_assert(count < WORD_LIMIT);
    char error[BENCH_ERROR_SIZE];
    *fixture = (struct fixture){0};
    ck_assert_msg(
        server_process_start(&fixture->process, program_path("crew-server"), words, error), "%s",
        error);
    fixture_url(fixture, 0, fixture->url);
}

void fixture_url(struct fixture *fixture, size_t index, char url[ENDPOINT_TEXT_SIZE])
{
    char error[BENCH_ERROR_SIZE];
    ck_assert_msg(server_process_url(&fixture->process, index, START_MS, url, error), "%s", error);
}

void fixture_expect_exit(struct fixture *fixture, int status)
{
    int result = 0;
    if (!server_process_wait_exit(&fixture->process, PATIENCE_MS, &result))
        fail_with_log(fixture, "did not end");
    if (!WIFEXITED(result) || WEXITSTATUS(result) != status)
        fail_with_log(fixture, "ended in another way than expected");
    (void)server_process_stop(&fixture->process, PATIENCE_MS);
}

void fixture_stop(struct fixture *fixture)
{
    server_process_signal(&fixture->process, SIGTERM);
    fixture_expect_exit(fixture, 0);
}

double fixture_info(const struct fixture *fixture, const char *field)
{
    int fd = wire_connect(fixture->url);
    double value = wire_info(fd, field);
    close(fd);
    return value;
}

/* A line of /proc/PID/status; see proc_pid_status(5). */
static size_t status_kib(const struct fixture *fixture, const char *key)
{
    char path[64];
    char line[256];
    snprintf(path, sizeof(path), "/proc/%ld/status", (long)fixture->process.pid);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    size_t kib = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtoul(line + strlen(key), NULL, 10);
    }
    fclose(file);
    ck_assert_uint_gt(kib, 0);
    return kib;
}

size_t fixture_resident_kib(const struct fixture *fixture)
{
    return status_kib(fixture, "VmRSS:");
}

size_t fixture_peak_kib(const struct fixture *fixture)
{
    return status_kib(fixture, "VmHWM:");
}

size_t fixture_descriptors(const struct fixture *fixture)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/fd", (long)fixture->process.pid);
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    size_t count = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

void fixture_wait_info(const struct fixture *fixture, const char *field, double least)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    double value = 0;
    while ((value = fixture_info(fixture, field)) < least)
        ck_assert_msg(monotonic_ns() < deadline_ns, "%s stayed at %g, below %g", field, value,
                      least);
}
