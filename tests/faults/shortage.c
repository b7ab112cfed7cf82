/* SPDX-License-Identifier: MIT */
/* Descriptors, memory and threads that cannot be had. */
#include "bench/trial/kernel_accounting.h"
#include "common/clock.h"
#include "common/dial.h"
#include "common/sanitized.h"
#include "tests/faults/faults.h"
#include "tests/faults/faulty_server.h"
#include "tests/system/wire.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    WAITING = 8,
    STARVED_MS = 3000,
    GLIMPSE_MS = 1000,
    PAUSE_MS = 20,
    RECOVERY_MS = 1000,
};
static const double most_cpu = 0.02;

/* ---- a limit that is reached in earnest ---- */

/* The limit that leaves the server no descriptor: the number of its lowest free one. */
static rlim_t lowest_free_descriptor(pid_t pid)
{
    char path[64];
    rlim_t number = 0;
    do {
        snprintf(path, sizeof(path), "/proc/%d/fd/%lu", (int)pid, (unsigned long)number++);
    } while (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    return number - 1;
}

static void set_limit(pid_t pid, rlim_t number)
{
    struct rlimit limit;
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
    limit.rlim_cur = number < limit.rlim_max ? number : limit.rlim_max;
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

static void connect_waiting(const char *url, int waiting[WAITING])
{
    for (int i = 0; i < WAITING; i++) {
        waiting[i] = wire_connect(url);
        wire_send_text(waiting[i], "PING\r\n");
    }
}

/* For `length_ms` clients keep connecting while one that is inside is served; the share of a CPU
 * that the server needed. */
static double cpu_while_starved(const struct fixture *server, int inside, int length_ms)
{
    uint64_t before_ns = 0;
    uint64_t after_ns = 0;
    uint64_t began_ns = monotonic_ns();
    uint64_t length_ns = (uint64_t)length_ms * NS_PER_MS;
    ck_assert(server_process_cpu_ns(&server->process, &before_ns));
    while (monotonic_ns() - began_ns < length_ns) {
        close(wire_connect(server->url));
        wire_exchange(inside, "PING\r\n", "+PONG\r\n");
        ck_assert(!wait_for_socket(inside, POLLIN, PAUSE_MS));
    }
    ck_assert(server_process_cpu_ns(&server->process, &after_ns));
    return (double)(after_ns - before_ns) / (double)(monotonic_ns() - began_ns);
}

/* All who waited are served; how long the first of them took. */
static int expect_recovery(int waiting[WAITING])
{
    uint64_t began_ns = monotonic_ns();
    wire_expect(waiting[0], "+PONG\r\n");
    int took_ms = (int)((monotonic_ns() - began_ns) / NS_PER_MS);
    for (int i = 0; i < WAITING; i++) {
        if (i > 0)
            wire_expect(waiting[i], "+PONG\r\n");
        close(waiting[i]);
    }
    ck_assert_msg(took_ms < RECOVERY_MS, "it took %d ms to accept again", took_ms);
    return took_ms;
}

static void tell(char *observed, double cpu, double failed, int took_ms)
{
    ck_assert_msg(cpu < most_cpu, "it used %.1f %% of a CPU", cpu * 100);
    snprintf(observed, OBSERVED_SIZE, "%.2f %% CPU, %.0f failed accepts, went on after %d ms",
             cpu * 100, failed, took_ms);
}

void emfile(char observed[OBSERVED_SIZE])
{
    struct fixture server;
    int waiting[WAITING];
    struct rlimit before;
    fixture_start(&server, "--workers 2");
    pid_t pid = server.process.pid;
    int inside = wire_connect(server.url);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, NULL, &before), 0);
    set_limit(pid, lowest_free_descriptor(pid));
    connect_waiting(server.url, waiting);
    wire_wait_info(inside, "accept_errors_process_fds", 1);
    double cpu = cpu_while_starved(&server, inside, STARVED_MS);
    double failed = wire_info(inside, "accept_errors_process_fds");
    set_limit(pid, before.rlim_cur);
    tell(observed, cpu, failed, expect_recovery(waiting));
    close(inside);
    fixture_stop(&server);
}

/* Who came before the stop is served although descriptors become free only by it. */
void sigterm_while_starved(char observed[OBSERVED_SIZE])
{
    struct fixture server;
    int waiting[WAITING];
    fixture_start(&server, "--workers 2");
    int inside = wire_connect(server.url);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    set_limit(server.process.pid, lowest_free_descriptor(server.process.pid));
    connect_waiting(server.url, waiting);
    wire_wait_info(inside, "accept_errors_process_fds", 1);
    wire_send_text(inside, "ECHO last\r\n");
    server_process_signal(&server.process, SIGTERM);
    wire_expect(inside, "$4\r\nlast\r\n");
    wire_expect_end(inside);
    close(inside);
    for (int i = 0; i < WAITING; i++) {
        wire_expect(waiting[i], "+PONG\r\n");
        wire_expect_end(waiting[i]);
        close(waiting[i]);
    }
    fixture_expect_exit(&server, 0);
    snprintf(observed, OBSERVED_SIZE, "%d that waited were answered, exit status 0", WAITING);
}

/* ---- accept4 that fails ---- */

/* Accepting fails with `error` for a while. */
static void check_shortage(char *observed, int error, const char *counter)
{
    struct faulty_server server;
    int waiting[WAITING];
    faulty_start(&server, "--workers 2");
    const struct fixture *fixture = &server.fixture;
    int inside = wire_connect(fixture->url);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    shim_arm(&server, SHIM_ACCEPT, (struct shim_fault){.error = error});
    connect_waiting(fixture->url, waiting);
    wire_wait_info(inside, counter, 1);
    double cpu = cpu_while_starved(fixture, inside, GLIMPSE_MS);
    double failed = wire_info(inside, counter);
    ck_assert_uint_ge(log_count(fixture, "accept_paused"), 1);
    shim_disarm(&server, SHIM_ACCEPT);
    tell(observed, cpu, failed, expect_recovery(waiting));
    close(inside);
    faulty_stop(&server);
}

void enfile(char observed[OBSERVED_SIZE])
{
    check_shortage(observed, ENFILE, "accept_errors_system_fds");
}

void accept_enomem(char observed[OBSERVED_SIZE])
{
    check_shortage(observed, ENOMEM, "accept_errors_memory");
}

void accept_enobufs(char observed[OBSERVED_SIZE])
{
    check_shortage(observed, ENOBUFS, "accept_errors_memory");
}

/* Trouble of a connection that is gone: the ones behind it are served at once. */
static void check_one_lost(char *observed, int error)
{
    enum { ROUNDS = 50, LOST = 3 };
    struct faulty_server server;
    uint64_t slowest_ns = 0;
    faulty_start(&server, "--workers 2");
    for (int i = 0; i < ROUNDS; i++) {
        shim_arm(&server, SHIM_ACCEPT, (struct shim_fault){.until = 1 + LOST, .error = error});
        uint64_t began_ns = monotonic_ns();
        int fd = wire_connect(server.fixture.url);
        wire_exchange(fd, "PING\r\n", "+PONG\r\n");
        uint64_t took_ns = monotonic_ns() - began_ns;
        slowest_ns = took_ns > slowest_ns ? took_ns : slowest_ns;
        ck_assert_uint_eq(shim_hits(&server, SHIM_ACCEPT), LOST);
        close(fd);
    }
    shim_disarm(&server, SHIM_ACCEPT);
    ck_assert_double_eq(fixture_info(&server.fixture, "accept_errors_aborted"), ROUNDS * LOST);
    ck_assert_uint_eq(log_count(&server.fixture, "accept_paused"), 0);
    snprintf(observed, OBSERVED_SIZE, "%d failed accepts, the next client served within %.1f ms",
             ROUNDS * LOST, (double)slowest_ns / NS_PER_MS);
    faulty_stop(&server);
}

void accept_aborted(char observed[OBSERVED_SIZE])
{
    check_one_lost(observed, ECONNABORTED);
}

void accept_protocol_error(char observed[OBSERVED_SIZE])
{
    check_one_lost(observed, EPROTO);
}

/* No room in epoll for a connection: it is closed, and those after it are served. */
void registration_fails(char observed[OBSERVED_SIZE])
{
    static const int errors[] = {ENOMEM, ENOSPC};
    enum { ERRORS = sizeof(errors) / sizeof(errors[0]), ROUNDS = 20 };
    struct faulty_server server;
    faulty_start(&server, "--workers 2");
    int inside = wire_connect(server.fixture.url);
    wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    size_t descriptors = descriptor_count(&server.fixture);
    for (int i = 0; i < ROUNDS; i++) {
        shim_arm(&server, SHIM_REGISTER,
                 (struct shim_fault){.until = 2, .error = errors[i % ERRORS]});
        int lost = wire_connect(server.fixture.url);
        wire_expect_end(lost);
        close(lost);
        wire_exchange(inside, "PING\r\n", "+PONG\r\n");
    }
    ck_assert_double_eq(wire_info(inside, "accept_errors_other"), ROUNDS);
    ck_assert_double_eq(wire_info(inside, "connected_clients"), 1);
    ck_assert_uint_eq(descriptor_count(&server.fixture), descriptors);
    close(inside);
    faulty_stop(&server);
    snprintf(observed, OBSERVED_SIZE, "%d connections closed and counted, none left open", ROUNDS);
}

/* One accept that fails, whatever for, even for a reason that nobody has heard of. */
void accepting_stops_after_one_bad_accept(char observed[OBSERVED_SIZE])
{
    static const int errors[] = {EMFILE, ENFILE,      ENOMEM,       ENOBUFS,  ECONNABORTED,
                                 EPROTO, EPERM,       ENETDOWN,     EINTR,    EAGAIN,
                                 EINVAL, ENETUNREACH, EHOSTUNREACH, ENOTSOCK, EOPNOTSUPP};
    enum { ERRORS = sizeof(errors) / sizeof(errors[0]) };
    struct faulty_server server;
    faulty_start(&server, "--workers 2");
    for (int i = 0; i < ERRORS; i++) {
        shim_arm(&server, SHIM_ACCEPT, (struct shim_fault){.until = 2, .error = errors[i]});
        for (int client = 0; client < 3; client++) {
            int fd = wire_connect(server.fixture.url);
            wire_exchange(fd, "PING\r\n", "+PONG\r\n");
            close(fd);
        }
        ck_assert_uint_eq(shim_hits(&server, SHIM_ACCEPT), 1);
    }
    snprintf(observed, OBSERVED_SIZE, "went on after each of %d errors", ERRORS);
    faulty_stop(&server);
}

/* ---- threads ---- */

/* The start fails, says what failed, and leaves no socket file. `workers` are those at the door,
 * too. */
static void check_failing_start(const char *path, const char *passwords, int number, int workers)
{
    struct faulty_server server;
    char url[128];
    char said[96];
    char error[BENCH_ERROR_SIZE];
    int status = 0;
    snprintf(url, sizeof(url), "unix://%s", path);
    if (number <= workers)
        snprintf(said, sizeof(said), "action=\"start worker thread %d of %d\"", number, workers);
    else
        snprintf(said, sizeof(said), "action=\"start the acceptor thread\"");
    const char *words[] = {"--listen", url, "--workers", "8", "--password-file", passwords, NULL};
    faulty_prepare(&server);
    shim_arm(&server, SHIM_THREAD_CREATE,
             (struct shim_fault){.from = (uint64_t)number, .error = EAGAIN});
    struct server_process *process = &server.fixture.process;
    ck_assert_msg(server_process_start(process, program_path("crew-server"), words, error), "%s",
                  error);
    faulty_end_preparation();
    ck_assert(server_process_wait_exit(process, PATIENCE_MS, &status));
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 1, "wait status %d", status);
    ck_assert_uint_eq(log_count(&server.fixture, said), 1);
    ck_assert_uint_eq(log_count(&server.fixture, "error=\"Resource temporarily unavailable\""), 1);
    ck_assert_uint_eq(log_count(&server.fixture, " ready "), 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    (void)server_process_stop(process, PATIENCE_MS);
    faulty_release(&server);
}

static int count_workers(const char *passwords)
{
    struct fixture server;
    char options[160];
    snprintf(options, sizeof(options), "--workers 8 --password-file %s", passwords);
    fixture_start(&server, options);
    int fd = wire_connect(server.url);
    wire_exchange(fd, "AUTH secret\r\n", "+OK\r\n");
    int count = (int)(wire_info(fd, "workers") + wire_info(fd, "door_workers"));
    close(fd);
    fixture_stop(&server);
    return count;
}

/* With a password, so that there are workers at the door, too. */
void thread_creation_fails(char observed[OBSERVED_SIZE])
{
    char path[64];
    char passwords[80];
    snprintf(path, sizeof(path), "/tmp/crew-faults-%d", (int)getpid());
    snprintf(passwords, sizeof(passwords), "%s.passwords", path);
    int fd = open(passwords, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(dprintf(fd, "plain:secret\n"), 13);
    close(fd);
    int workers = count_workers(passwords);
    for (int number = 1; number <= workers + 1; number++)
        check_failing_start(path, passwords, number, workers);
    ck_assert_int_eq(unlink(passwords), 0);
    snprintf(observed, OBSERVED_SIZE, "at each of %d threads: exit status 1, no socket file left",
             workers + 1);
}

/* Programs tell workers by their names as soon as the server listens, and a thread of a busy
 * machine may not have run by then. */
void threads_do_not_run_yet(char observed[OBSERVED_SIZE])
{
    enum { WORKERS = 8, ACCEPTOR = 1 };
    struct faulty_server server;
    struct kernel_accounting accounting;
    if (SANITIZED) {
        snprintf(observed, OBSERVED_SIZE, "skipped: ThreadSanitizer waits until a thread runs");
        return;
    }
    faulty_prepare(&server);
    shim_arm(&server, SHIM_THREAD_RUN, (struct shim_fault){.from = 1});
    fixture_start(&server.fixture, "--workers 8");
    faulty_end_preparation();
    ck_assert_uint_eq(shim_hits(&server, SHIM_THREAD_RUN), WORKERS + ACCEPTOR);
    ck_assert(kernel_accounting_read(server.fixture.process.pid, &accounting));
    ck_assert_uint_eq(accounting.worker_count, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        ck_assert_int_eq(accounting.threads[i].worker, i);
    kernel_accounting_free(&accounting);
    shim_disarm(&server, SHIM_THREAD_RUN);
    faulty_stop(&server);
    snprintf(observed, OBSERVED_SIZE, "%d workers had their names before they ran", WORKERS);
}
