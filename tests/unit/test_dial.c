/* SPDX-License-Identifier: MIT */
#include "common/dial.h"

#include "common/clock.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    SHORT_MS = 50,
    LONG_MS = 30000, /* never reached, unless something is broken */
    MOST_FILLERS = 64,
};

static char error[ENDPOINT_ERROR_SIZE];
static char folder[] = "/tmp/crew-unit-XXXXXX";

static void check_passed(uint64_t start_ns, int least_ms)
{
    ck_assert_uint_ge(monotonic_ns() - start_ns, (uint64_t)least_ms * NS_PER_MS);
    ck_assert_uint_lt(monotonic_ns() - start_ns, (uint64_t)LONG_MS * NS_PER_MS);
}

/* Binds a socket to a free port of the loopback interface and says which it got. */
static int bind_loopback(struct endpoint *endpoint)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    char url[64];
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    ck_assert_msg(endpoint_parse(url, endpoint, error), "%s", error);
    return fd;
}

static int bind_unix(struct endpoint *endpoint)
{
    char url[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(url, sizeof(url), "unix://%s/socket", folder);
    ck_assert_msg(endpoint_parse(url, endpoint, error), "%s", error);
    struct sockaddr_un address = endpoint_unix_address(endpoint);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void remove_unix(const struct endpoint *endpoint)
{
    ck_assert_int_eq(unlink(endpoint->path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void check_flags(int fd)
{
    ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

/* Fails the test unless a byte gets through to whom `listener` accepts. */
static void check_connected(int fd, int listener)
{
    int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    ck_assert_int_ge(peer, 0);
    ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), 1);
    ck_assert(wait_for_socket(peer, POLLIN, LONG_MS));
    char byte = 0;
    ck_assert_int_eq(recv(peer, &byte, 1, 0), 1);
    ck_assert_int_eq(byte, 'x');
    close(peer);
}

/* A fraction of a millisecond counts as one, lest the last one be spent spinning. */
START_TEST(time_left_is_rounded_up)
{
    ck_assert_int_eq(milliseconds_left(0), 0);
    ck_assert_int_eq(milliseconds_left(monotonic_ns()), 0);
    uint64_t minute_ns = 60 * (uint64_t)NS_PER_S;
    int left_ms = milliseconds_left(monotonic_ns() + minute_ns + NS_PER_MS - 1);
    ck_assert_int_le(left_ms, 60001);
    ck_assert_int_ge(left_ms, 60001 - 10000); /* however slow the machine is */
    int left_once_ms = 0;
    for (int i = 0; i < 1000 && left_once_ms == 0; i++)
        left_once_ms = milliseconds_left(monotonic_ns() + NS_PER_MS / 2);
    ck_assert_int_eq(left_once_ms, 1);
}
END_TEST

START_TEST(connects_to_tcp)
{
    struct endpoint endpoint;
    int listener = bind_loopback(&endpoint);
    ck_assert_int_eq(listen(listener, 8), 0);
    int fd = dial(&endpoint, LONG_MS, error);
    ck_assert_msg(fd >= 0, "%s", error);
    check_flags(fd);
    int no_delay = 0;
    socklen_t size = sizeof(no_delay);
    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
    ck_assert_int_ne(no_delay, 0);
    check_connected(fd, listener);
    close(fd);
    close(listener);
}
END_TEST

START_TEST(connects_to_unix)
{
    struct endpoint endpoint;
    int listener = bind_unix(&endpoint);
    ck_assert_int_eq(listen(listener, 8), 0);
    int fd = dial(&endpoint, LONG_MS, error);
    remove_unix(&endpoint);
    ck_assert_msg(fd >= 0, "%s", error);
    check_flags(fd);
    check_connected(fd, listener);
    close(fd);
    close(listener);
}
END_TEST

/* A port that is bound but not listened on is nobody else's either. */
START_TEST(explains_a_refusal)
{
    struct endpoint endpoint;
    char expected[ENDPOINT_ERROR_SIZE];
    int bound = bind_loopback(&endpoint);
    ck_assert_int_eq(dial(&endpoint, LONG_MS, error), -1);
    snprintf(expected, sizeof(expected), "cannot connect to 127.0.0.1:%s: Connection refused",
             endpoint.port);
    ck_assert_str_eq(error, expected);
    close(bound);
}
END_TEST

START_TEST(explains_a_missing_path)
{
    struct endpoint endpoint;
    char expected[ENDPOINT_ERROR_SIZE];
    int bound = bind_unix(&endpoint);
    remove_unix(&endpoint);
    ck_assert_int_eq(dial(&endpoint, LONG_MS, error), -1);
    snprintf(expected, sizeof(expected), "cannot connect to %s: No such file or directory",
             endpoint.path);
    ck_assert_str_eq(error, expected);
    close(bound);
}
END_TEST

START_TEST(explains_a_name_that_does_not_resolve)
{
    struct endpoint endpoint = {.scheme = ENDPOINT_TCP, .port = "1"};
    memset(endpoint.host, 'x', 100);
    ck_assert_int_eq(dial(&endpoint, LONG_MS, error), -1);
    ck_assert_msg(strncmp(error, "cannot resolve 'xxx", 19) == 0, "%s", error);
}
END_TEST

/* Nobody accepts: connections wait in the backlog until it is full. Returns how many did. */
static size_t fill_backlog(const struct endpoint *endpoint, int fds[MOST_FILLERS])
{
    for (size_t count = 0; count < MOST_FILLERS; count++) {
        uint64_t start_ns = monotonic_ns();
        fds[count] = dial(endpoint, SHORT_MS, error);
        if (fds[count] < 0) {
            check_passed(start_ns, SHORT_MS);
            return count;
        }
    }
    ck_abort_msg("a backlog of 1 took %d connections", (int)MOST_FILLERS);
    return 0;
}

static void check_times_out(int listener, const struct endpoint *endpoint, const char *address)
{
    int fds[MOST_FILLERS];
    char expected[ENDPOINT_ERROR_SIZE];
    ck_assert_int_eq(listen(listener, 1), 0);
    size_t count = fill_backlog(endpoint, fds);
    snprintf(expected, sizeof(expected), "cannot connect to %s: Connection timed out", address);
    ck_assert_str_eq(error, expected);
    while (count > 0)
        close(fds[--count]);
    close(listener);
}

START_TEST(gives_up_on_tcp_in_time)
{
    struct endpoint endpoint;
    char address[64];
    int listener = bind_loopback(&endpoint);
    snprintf(address, sizeof(address), "127.0.0.1:%s", endpoint.port);
    check_times_out(listener, &endpoint, address);
}
END_TEST

START_TEST(gives_up_on_unix_in_time)
{
    struct endpoint endpoint;
    int listener = bind_unix(&endpoint);
    check_times_out(listener, &endpoint, endpoint.path);
    remove_unix(&endpoint);
}
END_TEST

static void *accept_one(void *listener)
{
    int fd = accept4(*(int *)listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return NULL;
}

START_TEST(waits_for_room_in_the_backlog)
{
    struct endpoint endpoint;
    int fds[MOST_FILLERS];
    int listener = bind_unix(&endpoint);
    ck_assert_int_eq(listen(listener, 1), 0);
    size_t count = fill_backlog(&endpoint, fds);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, accept_one, &listener), 0);
    int fd = dial(&endpoint, LONG_MS, error);
    ck_assert_msg(fd >= 0, "%s", error);
    check_flags(fd);
    close(fd);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    while (count > 0)
        close(fds[--count]);
    close(listener);
    remove_unix(&endpoint);
}
END_TEST

static void ignore_signal(int number)
{
    (void)number;
}

/* Signals that interrupt the wait all along neither end nor prolong it. */
START_TEST(waits_through_signals)
{
    struct sigaction action = {.sa_handler = ignore_signal};
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct itimerval timer = {.it_interval = {.tv_usec = 5000}, .it_value = {.tv_usec = 5000}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    uint64_t start_ns = monotonic_ns();
    ck_assert(!wait_for_socket(pair[0], POLLIN, SHORT_MS));
    check_passed(start_ns, SHORT_MS);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

START_TEST(waits_for_an_event)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    ck_assert(!wait_for_socket(pair[0], POLLIN, 0));
    ck_assert(wait_for_socket(pair[0], POLLOUT, 0));
    ck_assert_int_eq(send(pair[1], "x", 1, MSG_NOSIGNAL), 1);
    ck_assert(wait_for_socket(pair[0], POLLIN, LONG_MS));
    close(pair[1]);
    ck_assert(wait_for_socket(pair[0], POLLIN, LONG_MS));
    close(pair[0]);
}
END_TEST

Suite *dial_suite(void)
{
    Suite *suite = suite_create("dial");
    TCase *tests = tcase_create("dial");
    tcase_add_test(tests, time_left_is_rounded_up);
    tcase_add_test(tests, connects_to_tcp);
    tcase_add_test(tests, connects_to_unix);
    tcase_add_test(tests, explains_a_refusal);
    tcase_add_test(tests, explains_a_missing_path);
    tcase_add_test(tests, explains_a_name_that_does_not_resolve);
    tcase_add_test(tests, gives_up_on_tcp_in_time);
    tcase_add_test(tests, gives_up_on_unix_in_time);
    tcase_add_test(tests, waits_for_room_in_the_backlog);
    tcase_add_test(tests, waits_through_signals);
    tcase_add_test(tests, waits_for_an_event);
    suite_add_tcase(suite, tests);
    return suite;
}
