/* SPDX-License-Identifier: MIT */
/* System calls that are interrupted, move a byte at a time, or tell a wrong time of day. */
#include "common/clock.h"
#include "common/sanitized.h"
#include "tests/faults/faults.h"
#include "tests/faults/faulty_server.h"
#include "tests/system/echo_crowd.h"
#include "tests/system/wire.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    MEMBERS = 40,
    REQUESTS = 100000,
    ANSWERED = SANITIZED ? 2000 : 20000, /* before a stop or an end */
};

/* Serves a crowd whose every byte is checked, then stops amid it, when nothing may be lost. */
static void check_crowd(struct faulty_server *server, uint64_t seed, bool stop)
{
    struct echo_crowd crowd;
    echo_crowd_open(&crowd, server->fixture.url, MEMBERS, REQUESTS, seed);
    echo_crowd_run(&crowd, ANSWERED);
    if (stop) {
        server_process_signal(&server->fixture.process, SIGTERM);
        echo_crowd_finish(&crowd);
        ck_assert_uint_eq(echo_crowd_outstanding(&crowd), 0);
    }
    echo_crowd_close(&crowd);
}

/* ---- EINTR ---- */

struct storm {
    pid_t pid;
    pthread_t thread;
    _Atomic bool over;
    uint64_t signals; /* sent; read after the join */
};

/* Interrupts each of the server's threads again and again. */
static void *blow(void *argument)
{
    struct storm *storm = argument;
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)storm->pid);
    while (!storm->over) {
        DIR *folder = opendir(path);
        if (folder == NULL)
            break; /* the server has ended */
        for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
            long thread = strtol(entry->d_name, NULL, 10);
            if (thread > 0 && syscall(SYS_tgkill, storm->pid, thread, SIGUSR1) == 0)
                storm->signals++;
        }
        closedir(folder);
    }
    return NULL;
}

static void storm_begin(struct storm *storm, pid_t pid)
{
    *storm = (struct storm){.pid = pid};
    ck_assert_int_eq(pthread_create(&storm->thread, NULL, blow, storm), 0);
}

static void storm_end(struct storm *storm)
{
    storm->over = true;
    ck_assert_int_eq(pthread_join(storm->thread, NULL), 0);
    ck_assert_uint_gt(storm->signals, 0);
}

static void check_storm(char *observed, bool stop)
{
    struct faulty_server server;
    struct storm storm;
    faulty_start(&server, "--workers 4");
    /* Signals seldom hit calls that do not wait: these are told to be interrupted. */
    shim_arm(&server, SHIM_EPOLL_WAIT, (struct shim_fault){.every = 3, .error = EINTR});
    shim_arm(&server, SHIM_POLL, (struct shim_fault){.every = 2, .error = EINTR});
    shim_arm(&server, SHIM_RECEIVE, (struct shim_fault){.every = 3, .error = EINTR});
    shim_arm(&server, SHIM_SEND, (struct shim_fault){.every = 3, .error = EINTR});
    shim_arm(&server, SHIM_ACCEPT, (struct shim_fault){.every = 2, .error = EINTR});
    int fd = wire_connect(server.fixture.url);
    storm_begin(&storm, server.fixture.process.pid);
    uint64_t began_ns = monotonic_ns();
    wire_exchange(fd, "WORK SLEEP 300000\r\n", "+OK\r\n"); /* not cut short by interruptions */
    ck_assert_uint_ge(monotonic_ns() - began_ns, UINT64_C(300) * NS_PER_MS);
    check_crowd(&server, 1, false);
    close(fd);
    if (stop)
        check_crowd(&server, 2, true);
    else
        server_process_signal(&server.fixture.process, SIGTERM);
    storm_end(&storm);
    log_wait(&server.fixture, " info stopped ");
    ck_assert_uint_eq(log_count(&server.fixture, "stopping signal=TERM"), 1);
    ck_assert_uint_eq(log_count(&server.fixture, "dropped_lines"), 0);
    fixture_expect_exit(&server.fixture, 0);
    faulty_release(&server);
    snprintf(observed, OBSERVED_SIZE, "%lu signals, %d requests, none lost",
             (unsigned long)storm.signals, ANSWERED);
}

void interrupted_calls(char observed[OBSERVED_SIZE])
{
    check_storm(observed, false);
}

void sigterm_amid_interrupted_calls(char observed[OBSERVED_SIZE])
{
    check_storm(observed, true);
}

/* ---- a few bytes at a time ---- */

/* Requests of all kinds, answered as if nothing were. */
static void check_kinds(const char *url)
{
    static char long_echo[64 * 1024];
    int fd = wire_connect(url);
    wire_exchange(fd, "PING\r\n*2\r\n$4\r\nECHO\r\n$5\r\nabcde\r\n", "+PONG\r\n$5\r\nabcde\r\n");
    wire_exchange(fd, "ECHO\r\n", "-ERR wrong number of arguments for 'echo' command\r\n");
    int size = snprintf(long_echo, sizeof(long_echo), "$30000\r\n%030000d\r\n", 0);
    wire_send_text(fd, "*2\r\n$4\r\nECHO\r\n");
    wire_exchange(fd, long_echo, long_echo);
    ck_assert_int_gt(size, 30000);
    ck_assert_double_ge(wire_info(fd, "requests_total"), 4);
    wire_exchange(fd, "*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n");
    wire_expect_end(fd);
    close(fd);
}

static void check_short(char *observed, enum shim_call call, int64_t most)
{
    struct faulty_server server;
    faulty_start(&server, "--workers 2");
    shim_arm(&server, call, (struct shim_fault){.amount = most});
    check_kinds(server.fixture.url);
    check_crowd(&server, 3, false);
    uint64_t hits = shim_hits(&server, call);
    faulty_stop(&server);
    ck_assert_uint_gt(hits, ANSWERED);
    snprintf(observed, OBSERVED_SIZE, "%lu transfers of at most %d bytes, every reply right",
             (unsigned long)hits, (int)most);
}

void short_reads(char observed[OBSERVED_SIZE])
{
    check_short(observed, SHIM_RECEIVE, 1);
}

void short_writes(char observed[OBSERVED_SIZE])
{
    check_short(observed, SHIM_SEND, 7);
}

void sigterm_amid_short_transfers(char observed[OBSERVED_SIZE])
{
    struct faulty_server server;
    faulty_start(&server, "--workers 2");
    shim_arm(&server, SHIM_RECEIVE, (struct shim_fault){.amount = 1});
    shim_arm(&server, SHIM_SEND, (struct shim_fault){.amount = 7});
    check_crowd(&server, 4, true);
    fixture_expect_exit(&server.fixture, 0);
    faulty_release(&server);
    snprintf(observed, OBSERVED_SIZE, "none lost, exit status 0");
}

/* ---- the time of day ---- */

/* Ten years on, and then ten back: with limits on times, none of which may be reached. */
static void check_jumps(char *observed, bool stop)
{
    enum { JUMP_S = 10 * 365 * 86400, ROUNDS = 20 };
    struct faulty_server server;
    uint64_t hits = 0;
    faulty_start(&server, "--workers 2 --output-timeout 1s --stuck-after 1s");
    int idle = wire_connect(server.fixture.url);
    int fd = wire_connect(server.fixture.url);
    wire_exchange(idle, "PING\r\n", "+PONG\r\n");
    uint64_t began_ns = monotonic_ns();
    for (int i = 0; i < ROUNDS; i++) {
        shim_arm(&server, SHIM_REALTIME,
                 (struct shim_fault){.amount = i % 2 == 0 ? JUMP_S : -JUMP_S});
        wire_exchange(fd, "WORK SLEEP 20000\r\nPING\r\n", "+OK\r\n+PONG\r\n");
        wire_exchange(fd, "WORK LOCK 10\r\n", "+OK\r\n");
        /* This one is logged, with a time of day. */
        int foreign = wire_connect(server.fixture.url);
        wire_send_text(foreign, "POST / HTTP/1.1\r\n");
        wire_expect_end(foreign);
        close(foreign);
        hits += shim_hits(&server, SHIM_REALTIME);
    }
    double took_us = (double)(monotonic_ns() - began_ns) / NS_PER_US;
    ck_assert_double_ge(took_us, ROUNDS * 20000.0);
    wire_exchange(idle, "PING\r\n", "+PONG\r\n");
    ck_assert_uint_gt(hits, 0);
    ck_assert_double_lt(wire_info(fd, "service_us_max"), took_us);
    ck_assert_double_lt(wire_info(fd, "queue_wait_us_max"), took_us);
    ck_assert_double_lt(wire_info(fd, "uptime_in_seconds"), 3600);
    ck_assert_uint_eq(log_count(&server.fixture, "stuck"), 0);
    close(idle);
    close(fd);
    if (stop)
        check_crowd(&server, 5, true);
    else
        server_process_signal(&server.fixture.process, SIGTERM);
    fixture_expect_exit(&server.fixture, 0);
    faulty_release(&server);
    snprintf(observed, OBSERVED_SIZE, "%d jumps of ten years: no sleep, figure or limit moved",
             ROUNDS);
}

void clock_jumps(char observed[OBSERVED_SIZE])
{
    check_jumps(observed, false);
}

void sigterm_amid_clock_jumps(char observed[OBSERVED_SIZE])
{
    check_jumps(observed, true);
}
