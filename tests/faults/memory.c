/* SPDX-License-Identifier: MIT */
/* Memory that cannot be had: at each allocation of a session in turn, and from each on. */
#include "common/block_cache.h"
#include "common/clock.h"
#include "common/sanitized.h"
#include "tests/faults/faults.h"
#include "tests/faults/faulty_server.h"
#include "tests/faults/session.h"
#include "tests/system/wire.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ALLOCATIONS = 5000, POLLED_MS = 50 };

static bool skips(char *observed)
{
    if (SANITIZED)
        snprintf(observed, OBSERVED_SIZE, "skipped: with sanitizers the allocator is theirs");
    return SANITIZED;
}

/* How many blocks of memory the server holds once its spare ones are freed: the number that no
 * longer changes. */
static int64_t settled_blocks(const struct faulty_server *server)
{
    uint64_t since_ns = monotonic_ns();
    int64_t blocks = server->shim->blocks;
    while (monotonic_ns() - since_ns < UINT64_C(2) * BLOCK_CACHE_KEEP_NS + NS_PER_S) {
        struct timespec moment = {.tv_nsec = (long)POLLED_MS * NS_PER_MS};
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
        if (blocks != server->shim->blocks)
            since_ns = monotonic_ns();
        blocks = server->shim->blocks;
    }
    return blocks;
}

/* Waits until descriptors and memory are back where they were. */
static void expect_nothing_kept(const struct faulty_server *server, size_t descriptors,
                                int64_t blocks)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (descriptor_count(&server->fixture) > descriptors || server->shim->blocks > blocks)
        ck_assert_msg(monotonic_ns() < deadline_ns,
                      "%zu descriptors of %zu and %ld blocks of %ld are left",
                      descriptor_count(&server->fixture), descriptors, (long)server->shim->blocks,
                      (long)blocks);
}

/* The n-th allocation of a session fails, for n = 1, 2, ... until a session needs no n-th; for ever
 * from it on, if `persistent`. */
static void check_allocations(char *observed, bool persistent)
{
    struct faulty_server server;
    struct session_result result;
    char options[256];
    char raw[ENDPOINT_TEXT_SIZE];
    char local[ENDPOINT_TEXT_SIZE];
    uint64_t number = 0;
    uint64_t hits = 0;
    unsigned errors = 0;
    unsigned closed = 0;
    if (skips(observed))
        return;
    snprintf(options, sizeof(options),
             "--workers 1 --raw-command ECHO --listen tcp://127.0.0.1:0 --listen raw://127.0.0.1:0"
             " --listen unix:///tmp/crew-faults-%d",
             (int)getpid());
    faulty_start(&server, options);
    fixture_url(&server.fixture, 1, raw);
    fixture_url(&server.fixture, 2, local);
    const struct session_urls urls = {server.fixture.url, raw, local};
    size_t descriptors = descriptor_count(&server.fixture);
    for (int i = 0; i < 3; i++) /* the first one grows what is kept */
        session_run(&urls, false, &result);
    int64_t blocks = settled_blocks(&server);
    do {
        number++;
        ck_assert_uint_lt(number, MOST_ALLOCATIONS);
        shim_arm(&server, SHIM_ALLOCATE,
                 (struct shim_fault){
                     .from = number, .until = persistent ? 0 : number + 1, .error = ENOMEM});
        session_run(&urls, true, &result);
        hits = shim_hits(&server, SHIM_ALLOCATE);
        shim_disarm(&server, SHIM_ALLOCATE);
        errors += result.errors;
        closed += result.closed;
        session_run(&urls, false, &result);
    } while (hits > 0);
    expect_nothing_kept(&server, descriptors, blocks);
    faulty_stop(&server);
    snprintf(observed, OBSERVED_SIZE,
             "%lu allocations tried, 0 crashes, %u error replies, %u closed",
             (unsigned long)number - 1, errors, closed);
}

void every_allocation_fails_in_turn(char observed[OBSERVED_SIZE])
{
    check_allocations(observed, false);
}

void every_allocation_fails_from_then_on(char observed[OBSERVED_SIZE])
{
    check_allocations(observed, true);
}

/* No memory any more, and then the order to stop. A single worker, which has its buffers. */
void sigterm_without_memory(char observed[OBSERVED_SIZE])
{
    struct faulty_server server;
    if (skips(observed))
        return;
    faulty_start(&server, "--workers 1");
    int fd = wire_connect(server.fixture.url);
    int half = wire_connect(server.fixture.url);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    wire_exchange(half, "PING\r\nECHO unfin", "+PONG\r\n");
    shim_arm(&server, SHIM_ALLOCATE, (struct shim_fault){.error = ENOMEM});
    wire_send_text(fd, "PING\r\n");
    server_process_signal(&server.fixture.process, SIGTERM);
    wire_expect(fd, "+PONG\r\n");
    wire_expect_end(fd);
    wire_expect_end(half);
    close(fd);
    close(half);
    fixture_expect_exit(&server.fixture, 0);
    faulty_release(&server);
    snprintf(observed, OBSERVED_SIZE, "what was received was answered, exit status 0");
}

/* Every allocation of the start, which either succeeds nevertheless or says what failed. */
void every_allocation_fails_at_start(char observed[OBSERVED_SIZE])
{
    static const char *const words[] = {"--listen", "tcp://127.0.0.1:0", "--workers", "1", NULL};
    uint64_t number = 0;
    uint64_t hits = 0;
    unsigned failed = 0;
    if (skips(observed))
        return;
    do {
        struct faulty_server server;
        char error[BENCH_ERROR_SIZE];
        int status = 0;
        struct server_process *process = &server.fixture.process;
        faulty_prepare(&server);
        number++;
        shim_arm(&server, SHIM_ALLOCATE,
                 (struct shim_fault){.from = number, .until = number + 1, .error = ENOMEM});
        ck_assert_msg(server_process_start(process, program_path("crew-server"), words, error),
                      "%s", error);
        faulty_end_preparation();
        if (server_process_wait_log(process, " info ready ", PATIENCE_MS)) {
            shim_disarm(&server, SHIM_ALLOCATE); /* it was needed to start, or comes later */
            fixture_url(&server.fixture, 0, server.fixture.url);
            int fd = wire_connect(server.fixture.url);
            wire_exchange(fd, "PING\r\n", "+PONG\r\n");
            close(fd);
            server_process_signal(process, SIGTERM);
            fixture_expect_exit(&server.fixture, 0);
        } else {
            ck_assert(server_process_wait_exit(process, PATIENCE_MS, &status));
            ck_assert_msg(WIFEXITED(status) &&
                              (WEXITSTATUS(status) == 1 || WEXITSTATUS(status) == 2),
                          "allocation %lu: wait status %d", (unsigned long)number, status);
            /* A thread whose stack cannot be had is EAGAIN, says pthread_create(3). */
            ck_assert_msg(log_count(&server.fixture, "emory") +
                                  log_count(&server.fixture, "Resource temporarily") >
                              0,
                          "allocation %lu: it does not say why it ended", (unsigned long)number);
            failed++;
            (void)server_process_stop(process, PATIENCE_MS);
        }
        hits = shim_hits(&server, SHIM_ALLOCATE);
        faulty_release(&server);
    } while (hits > 0);
    snprintf(observed, OBSERVED_SIZE, "%lu allocations tried: %u ended the start with a message",
             (unsigned long)number - 1, failed);
}
