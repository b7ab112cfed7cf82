/* SPDX-License-Identifier: MIT */
/* Loads against a server in this process that errs, closes, is silent or talks nonsense. */
#include "common/clock.h"
#include "tests/unit/engine_bed.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct engine_bed bed;

static uint64_t failures(enum bench_failure kind)
{
    return engine_bed_snapshot(&bed)->failures[kind];
}

START_TEST(error_replies)
{
    engine_bed_set_up(&bed);
    bed.server.reply = "-ERR tired\r\n";
    bed.settings.requests = 100;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(failures(BENCH_ERROR_REPLY), 100);
    ck_assert_uint_eq(engine_failures(bed.engine), 100);
    ck_assert_uint_eq(histogram_count(&engine_bed_snapshot(&bed)->response), 0);
    engine_stop(bed.engine, &bed.end);
    ck_assert_str_eq(bed.end.first_failure, "-ERR tired");
    ck_assert_uint_eq(bed.end.connections_open, 8);
    engine_bed_finish(&bed);
}
END_TEST

/* Whoever is not let in gets the same on every connection; one reply of each is enough. */
START_TEST(replies_that_ask_for_a_password)
{
    engine_bed_set_up(&bed);
    bed.server.reply = "-NOAUTH Authentication required.\r\n";
    bed.settings.pipeline = 2;
    bed.settings.rate_rps = _i == 0 ? 0 : 1000;
    bed.settings.inflight = 16;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_ge(failures(BENCH_ERROR_REPLY), 8);
    ck_assert_uint_eq(engine_failures(bed.engine), failures(BENCH_ERROR_REPLY));
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->sent, failures(BENCH_ERROR_REPLY));
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->outstanding, 0);
    engine_stop(bed.engine, &bed.end);
    ck_assert_uint_eq(bed.end.connections_open, 0);
    ck_assert_str_eq(bed.end.first_failure, "-NOAUTH Authentication required.");
    engine_bed_finish(&bed);
}
END_TEST

START_TEST(wrong_replies)
{
    engine_bed_set_up(&bed);
    bed.server.reply = "$5\r\n\033PONG\r\n";
    bed.settings.requests = 100;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(failures(BENCH_WRONG_REPLY), 100);
    ck_assert_uint_eq(histogram_count(&engine_bed_snapshot(&bed)->response), 0);
    engine_stop(bed.engine, &bed.end);
    ck_assert_str_eq(bed.end.first_failure, "$5???PONG");
    engine_bed_finish(&bed);
}
END_TEST

/* Nothing after nonsense can be understood, so its connection is given up. */
START_TEST(malformed_replies)
{
    engine_bed_set_up(&bed);
    bed.server.reply = "HTTP/1.1 400 Bad Request\r\n";
    bed.settings.pipeline = 2;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(failures(BENCH_MALFORMED), 16);
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->outstanding, 0);
    engine_stop(bed.engine, &bed.end);
    ck_assert_uint_eq(bed.end.connections_open, 0);
    ck_assert_ptr_eq(strstr(bed.end.first_failure, "HTTP/1.1 400 Bad Request"),
                     bed.end.first_failure);
    engine_bed_finish(&bed);
}
END_TEST

/* Two replies to one request: the second is no reply of any, and counts once per connection. */
START_TEST(replies_that_nobody_asked_for)
{
    engine_bed_set_up(&bed);
    bed.server.reply = "+PONG\r\n+PONG\r\n";
    bed.settings.requests = 8;
    bed.settings.connections = 1;
    bed.settings.pipeline = 1;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(failures(BENCH_MALFORMED), 1);
    ck_assert_uint_eq(histogram_count(&engine_bed_snapshot(&bed)->response), 1);
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->replies, 1);
    engine_bed_finish(&bed);
}
END_TEST

START_TEST(closed_connections)
{
    engine_bed_set_up(&bed);
    bed.settings.rate_rps = _i == 0 ? 0 : 1000;
    engine_bed_begin(&bed);
    ck_assert_eventually(engine_replies(bed.engine) >= 50);
    atomic_store(&bed.server.mode, STUB_CLOSES);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_ge(failures(BENCH_CLOSED), 8);
    ck_assert_uint_eq(engine_failures(bed.engine), failures(BENCH_CLOSED));
    ck_assert_uint_eq(engine_bed_snapshot(&bed)->sent,
                      engine_replies(bed.engine) + failures(BENCH_CLOSED));
    engine_stop(bed.engine, &bed.end);
    ck_assert_uint_eq(bed.end.connections_open, 0);
    ck_assert_ptr_eq(strstr(bed.end.first_failure, "connection lost: "), bed.end.first_failure);
    engine_bed_finish(&bed);
}
END_TEST

START_TEST(no_reply_in_time)
{
    engine_bed_set_up(&bed);
    bed.settings.pipeline = 2;
    bed.settings.timeout_ms = 150;
    atomic_store(&bed.server.mode, STUB_SILENT);
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(failures(BENCH_TIMEOUT), 16);
    ck_assert_uint_ge(engine_bed_snapshot(&bed)->at_ns - engine_begin_ns(bed.engine),
                      150 * NS_PER_MS);
    engine_stop(bed.engine, &bed.end);
    ck_assert_str_eq(bed.end.first_failure, "no reply within the time limit");
    engine_bed_finish(&bed);
}
END_TEST

/* A raw:// request needs a descriptor of its own. The first that gets none ends its connection,
 * and is not lost from the count. */
START_TEST(requests_that_cannot_be_sent)
{
    struct rlimit limit;
    engine_bed_set_up(&bed);
    engine_bed_set_workload(&bed, "text:Hello");
    engine_bed_open(&bed);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int free_fd = dup(STDIN_FILENO);
    limit.rlim_cur = (rlim_t)free_fd;
    close(free_fd);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_msg(engine_launch(bed.engine, bed.error), "%s", bed.error);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(failures(BENCH_CLOSED), 8);
    engine_stop(bed.engine, &bed.end);
    ck_assert_str_eq(bed.end.first_failure, "connection lost: Too many open files");
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    engine_bed_finish(&bed);
}
END_TEST

/* From now on this process is told that a system call does not exist. */
static void take_call_away(uint32_t number)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(steps) / sizeof(steps[0]), .filter = steps};
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* As on Linux before 5.11. */
START_TEST(a_kernel_without_epoll_pwait2)
{
    enum { RATE_RPS = 100, REQUESTS = 50 };
    take_call_away(SYS_epoll_pwait2);
    engine_bed_set_up(&bed);
    bed.settings.requests = REQUESTS;
    bed.settings.rate_rps = _i == 0 ? 0 : RATE_RPS;
    bed.settings.inflight = 16;
    engine_bed_begin(&bed);
    engine_bed_wait_for_end(&bed);
    ck_assert_uint_eq(histogram_count(&engine_bed_snapshot(&bed)->response), REQUESTS);
    ck_assert_uint_eq(engine_failures(bed.engine), 0);
    engine_stop(bed.engine, &bed.end);
    engine_bed_finish(&bed);
}
END_TEST

/* The port was free a moment ago. */
START_TEST(nobody_listens)
{
    engine_bed_set_up(&bed);
    stub_server_start(&bed.server);
    stub_server_stop(&bed.server);
    char expected[BENCH_ERROR_SIZE];
    snprintf(expected, sizeof(expected), "127.0.0.1:%s: Connection refused",
             bed.server.endpoint.port);
    ck_assert_ptr_null(engine_open(&bed.settings, bed.error));
    ck_assert_ptr_nonnull(strstr(bed.error, expected));
    workload_free(&bed.workload);
}
END_TEST

Suite *engine_failures_suite(void)
{
    Suite *suite = suite_create("engine_failures");
    TCase *tests = tcase_create("engine_failures");
    tcase_add_test(tests, error_replies);
    tcase_add_loop_test(tests, replies_that_ask_for_a_password, 0, 2);
    tcase_add_test(tests, wrong_replies);
    tcase_add_test(tests, malformed_replies);
    tcase_add_test(tests, replies_that_nobody_asked_for);
    tcase_add_loop_test(tests, closed_connections, 0, 2);
    tcase_add_test(tests, no_reply_in_time);
    tcase_add_test(tests, requests_that_cannot_be_sent);
    tcase_add_loop_test(tests, a_kernel_without_epoll_pwait2, 0, 2);
    tcase_add_test(tests, nobody_listens);
    suite_add_tcase(suite, tests);
    return suite;
}
