/* SPDX-License-Identifier: MIT */
#include "tests/faults/faulty_server.h"

#include "common/clock.h"
#include "common/sanitized.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { POLL_NS = 1000000 }; /* how often a condition is looked at that nothing signals */

static void take_a_moment(void)
{
    struct timespec moment = {.tv_nsec = POLL_NS};
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
}

/* AddressSanitizer's runtime wants to be loaded first, but does not need it. */
static void accept_being_second(void)
{
    static const char asked[] = "verify_asan_link_order=0";
    char options[256];
    const char *given = getenv("ASAN_OPTIONS");
    if (given != NULL && strstr(given, asked) != NULL)
        return; /* by a server before this one */
    snprintf(options, sizeof(options), "%s:%s", given != NULL ? given : "", asked);
    ck_assert_int_eq(setenv("ASAN_OPTIONS", options, 1), 0);
}

void faulty_prepare(struct faulty_server *server)
{
    char path[64];
    *server = (struct faulty_server){0};
    server->shim_fd = memfd_create("shim", MFD_CLOEXEC);
    ck_assert_int_ge(server->shim_fd, 0);
    ck_assert_int_eq(ftruncate(server->shim_fd, sizeof(*server->shim)), 0);
    server->shim =
        mmap(NULL, sizeof(*server->shim), PROT_READ | PROT_WRITE, MAP_SHARED, server->shim_fd, 0);
    ck_assert_ptr_ne(server->shim, MAP_FAILED);
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), server->shim_fd);
    ck_assert_int_eq(setenv(SHIM_FILE, path, 1), 0);
    if (SANITIZED)
        accept_being_second();
    const char *shim = program_path("tests/faults/shim.so");
    ck_assert_msg(access(shim, R_OK) == 0, "%s is not there: make test-faults builds it", shim);
    ck_assert_int_eq(setenv("LD_PRELOAD", shim, 1), 0);
}

void faulty_end_preparation(void)
{
    unsetenv("LD_PRELOAD");
}

void faulty_start(struct faulty_server *server, const char *options)
{
    faulty_prepare(server);
    fixture_start(&server->fixture, options);
    faulty_end_preparation();
}

void faulty_stop(struct faulty_server *server)
{
    fixture_stop(&server->fixture);
    faulty_release(server);
}

void faulty_release(struct faulty_server *server)
{
    munmap(server->shim, sizeof(*server->shim));
    close(server->shim_fd);
}

void shim_arm(struct faulty_server *server, enum shim_call call, struct shim_fault fault)
{
    struct shim_rule *rule = &server->shim->rules[call];
    rule->until = 0;
    rule->calls = 0;
    rule->hits = 0;
    rule->error = fault.error;
    rule->amount = fault.amount;
    rule->every = fault.every > 0 ? fault.every : 1;
    rule->from = fault.from;
    rule->until = fault.until > 0 ? fault.until : UINT64_MAX;
}

void shim_disarm(struct faulty_server *server, enum shim_call call)
{
    server->shim->rules[call].until = 0;
}

uint64_t shim_hits(const struct faulty_server *server, enum shim_call call)
{
    return server->shim->rules[call].hits;
}

void shim_wait_hits(const struct faulty_server *server, enum shim_call call, uint64_t least)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (shim_hits(server, call) < least) {
        ck_assert_msg(monotonic_ns() < deadline_ns, "call %d was hit %lu times, not %lu", (int)call,
                      (unsigned long)shim_hits(server, call), (unsigned long)least);
        take_a_moment();
    }
}

size_t descriptor_count(const struct fixture *fixture)
{
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)fixture->process.pid);
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

size_t log_count(const struct fixture *fixture, const char *text)
{
    struct byte_buffer log = {0};
    size_t count = 0;
    server_process_log(&fixture->process, &log);
    byte_buffer_append(&log, "", 1);
    ck_assert(!log.failed);
    for (const char *at = strstr(log.bytes, text); at != NULL; at = strstr(at + 1, text))
        count++;
    byte_buffer_free(&log);
    return count;
}

void log_wait(struct fixture *fixture, const char *text)
{
    ck_assert_msg(server_process_wait_log(&fixture->process, text, PATIENCE_MS),
                  "the log does not say '%s'", text);
}

void expect_killed(struct fixture *fixture, int number)
{
    int status = 0;
    ck_assert(server_process_wait_exit(&fixture->process, PATIENCE_MS, &status));
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == number,
                  "it ended with wait status %d instead of by signal %d", status, number);
}
