/* SPDX-License-Identifier: MIT */
/* Handlers that do not return, and those that crash. */
#include "common/clock.h"
#include "common/sanitized.h"
#include "tests/faults/faults.h"
#include "tests/faults/faulty_server.h"
#include "tests/system/wire.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define LONG_SLEEP "WORK SLEEP 2500000\r\n"

void handler_never_returns(char observed[OBSERVED_SIZE])
{
    enum { STUCK_AFTER_MS = 200 };
    struct fixture server;
    uint64_t slowest_ns = 0;
    int served = 0;
    fixture_start(&server, "--workers 2 --stuck-after 200ms");
    int stuck = wire_connect(server.url);
    int other = wire_connect(server.url);
    ck_assert_double_eq(wire_info(other, "workers_stuck"), 0);
    ck_assert_double_eq(wire_info(other, "stuck_longest_ms"), 0);
    wire_send_text(stuck, LONG_SLEEP);
    while (log_count(&server, "warn worker_stuck worker=") == 0) {
        uint64_t began_ns = monotonic_ns();
        wire_exchange(other, "PING\r\n", "+PONG\r\n");
        uint64_t took_ns = monotonic_ns() - began_ns;
        slowest_ns = took_ns > slowest_ns ? took_ns : slowest_ns;
        ck_assert_int_lt(served++, 10000000);
    }
    ck_assert_uint_eq(log_count(&server, " command=work|sleep for_ms="), 1);
    ck_assert_double_eq(wire_info(other, "workers_stuck"), 1);
    ck_assert_double_ge(wire_info(other, "stuck_longest_ms"), STUCK_AFTER_MS);
    wire_expect(stuck, "+OK\r\n");
    log_wait(&server, "warn worker_back worker=");
    ck_assert_double_eq(wire_info(other, "workers_stuck"), 0);
    ck_assert_uint_eq(log_count(&server, "worker_stuck"), 1);
    ck_assert_uint_eq(log_count(&server, "all_workers_stuck"), 0);
    close(stuck);
    close(other);
    fixture_stop(&server);
    snprintf(observed, OBSERVED_SIZE, "warned once; %d PINGs beside it, the slowest %.1f ms",
             served, (double)slowest_ns / NS_PER_MS);
}

void all_handlers_never_return(char observed[OBSERVED_SIZE])
{
    enum { WORKERS = 2, LATE = 10 };
    struct fixture server;
    int stuck[WORKERS];
    int late[LATE];
    fixture_start(&server, "--workers 2 --stuck-after 200ms");
    size_t before = descriptor_count(&server);
    for (int i = 0; i < WORKERS; i++) {
        stuck[i] = wire_connect(server.url);
        wire_send_text(stuck[i], LONG_SLEEP);
    }
    log_wait(&server, "error all_workers_stuck workers=2");
    for (int i = 0; i < LATE; i++) {
        late[i] = wire_connect(server.url);
        wire_send_text(late[i], "PING\r\n");
    }
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (descriptor_count(&server) < before + WORKERS + LATE)
        ck_assert_msg(monotonic_ns() < deadline_ns, "it does not accept while all are stuck");
    ck_assert_uint_eq(log_count(&server, "worker_back"), 0); /* accepted amid it, not after */
    for (int i = 0; i < LATE; i++) {
        wire_expect(late[i], "+PONG\r\n");
        close(late[i]);
    }
    for (int i = 0; i < WORKERS; i++) {
        wire_expect(stuck[i], "+OK\r\n");
        close(stuck[i]);
    }
    while (log_count(&server, "worker_back") < WORKERS)
        ck_assert(monotonic_ns() < deadline_ns);
    ck_assert_uint_eq(log_count(&server, "all_workers_stuck"), 1);
    fixture_stop(&server);
    snprintf(observed, OBSERVED_SIZE, "said so; %d clients accepted meanwhile, served after it",
             LATE);
}

void sigterm_while_stuck(char observed[OBSERVED_SIZE])
{
    char path[64];
    char options[160];
    char url[ENDPOINT_TEXT_SIZE];
    struct fixture server;
    snprintf(path, sizeof(path), "/tmp/crew-faults-%d", (int)getpid());
    snprintf(options, sizeof(options), "--workers 2 --drain-timeout 300ms --listen unix://%s",
             path);
    fixture_start(&server, options);
    fixture_url(&server, 0, url);
    int stuck = wire_connect(url);
    int other = wire_connect(url);
    wire_send_text(stuck, "WORK SLEEP 60000000\r\n");
    wire_wait_info(other, "workers_in_slow_commands", 2);
    wire_send_text(other, "ECHO last\r\n");
    uint64_t signalled_ns = monotonic_ns();
    server_process_signal(&server.process, SIGTERM);
    wire_expect(other, "$4\r\nlast\r\n");
    wire_expect_end(other);
    close(other);
    log_wait(&server, "drain_timed_out connections=1");
    fixture_expect_exit(&server, 1);
    ck_assert_int_ne(access(path, F_OK), 0);
    close(stuck);
    snprintf(observed, OBSERVED_SIZE, "exit status 1 after %.1f s; the others were answered",
             (double)(monotonic_ns() - signalled_ns) / NS_PER_S);
}

/* ---- crashes ---- */

/* A handler that writes to `address`, or, if that is 0, overflows its stack. */
static void crash_in_handler(char *observed, int64_t address, const char *said)
{
    char path[64];
    char options[128];
    char url[ENDPOINT_TEXT_SIZE];
    struct faulty_server server;
    if (SANITIZED) {
        snprintf(observed, OBSERVED_SIZE, "skipped: with sanitizers their report takes its place");
        return;
    }
    snprintf(path, sizeof(path), "/tmp/crew-faults-%d", (int)getpid());
    snprintf(options, sizeof(options), "--workers 3 --listen unix://%s", path);
    faulty_start(&server, options);
    fixture_url(&server.fixture, 0, url);
    int fd = wire_connect(url);
    wire_exchange(fd, "PING\r\n", "+PONG\r\n");
    shim_arm(&server, SHIM_SLEEP, (struct shim_fault){.until = 2, .amount = address});
    wire_send_text(fd, "WORK SLEEP 1000\r\n");
    expect_killed(&server.fixture, SIGSEGV);
    ck_assert_uint_eq(log_count(&server.fixture, said), 1);
    ck_assert_uint_eq(log_count(&server.fixture, " thread=worker-"), 1);
    ck_assert_uint_eq(log_count(&server.fixture, " command=work|sleep\n"), 1);
    ck_assert_uint_ge(log_count(&server.fixture, "crew-server(+0x"), 2);
    ck_assert_int_eq(access(path, F_OK), 0);
    close(fd);
    (void)server_process_stop(&server.fixture.process, PATIENCE_MS);
    faulty_release(&server);

    struct fixture successor;
    fixture_start(&successor, options);
    fixture_stop(&successor);
    ck_assert_int_ne(access(path, F_OK), 0);
    snprintf(observed, OBSERVED_SIZE,
             "ended by SEGV; named it; the next start replaced its socket");
}

void handler_crashes(char observed[OBSERVED_SIZE])
{
    crash_in_handler(observed, 0x10, " error crashed signal=SEGV address=0x10 ");
}

void handler_overflows_its_stack(char observed[OBSERVED_SIZE])
{
    crash_in_handler(observed, 0, " error crashed signal=SEGV address=0x");
}

void any_fatal_signal(char observed[OBSERVED_SIZE])
{
    static const struct {
        int number;
        const char *said;
    } signals[] = {
        {SIGSEGV, "crashed signal=SEGV thread="}, {SIGBUS, "crashed signal=BUS thread="},
        {SIGFPE, "crashed signal=FPE thread="},   {SIGILL, "crashed signal=ILL thread="},
        {SIGABRT, "crashed signal=ABRT thread="},
    };
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct fixture server;
        fixture_start(&server, "--workers 2");
        log_wait(&server, " ready ");
        server_process_signal(&server.process, signals[i].number);
        if (SANITIZED) {
            int status = 0;
            ck_assert(server_process_wait_exit(&server.process, PATIENCE_MS, &status));
        } else {
            expect_killed(&server, signals[i].number);
            ck_assert_uint_eq(log_count(&server, signals[i].said), 1);
        }
        (void)server_process_stop(&server.process, PATIENCE_MS);
    }
    snprintf(observed, OBSERVED_SIZE, "SEGV BUS FPE ILL ABRT: each ended by itself%s",
             SANITIZED ? "" : ", and named");
}
