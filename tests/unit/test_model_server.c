/* SPDX-License-Identifier: MIT */
#include "bench/selftest/model_server.h"

#include "bench/selftest/model_run.h"
#include "common/clock.h"
#include "common/dial.h"
#include "tests/unit/suites.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { DEADLINE_MS = 30000, SHORT_MS = 20, CLIENTS = 4 };

static char error[BENCH_ERROR_SIZE];
static int clients[CLIENTS];

static struct model_server *start(const struct model_settings *settings)
{
    struct model_server *server = model_server_start(settings, error);
    ck_assert_msg(server != NULL, "%s", error);
    return server;
}

static int dial_server(const struct model_server *server)
{
    int fd = dial(model_server_endpoint(server), DEADLINE_MS, error);
    ck_assert_msg(fd >= 0, "%s", error);
    return fd;
}

static void send_text(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void expect(int fd, const char *text)
{
    size_t at = 0;
    char byte = 0;
    while (text[at] != '\0') {
        ck_assert_msg(wait_for_socket(fd, POLLIN, DEADLINE_MS), "no '%s'", text + at);
        ck_assert_int_eq(recv(fd, &byte, 1, 0), 1);
        ck_assert_int_eq(byte, text[at++]);
    }
}

/* An orderly end, or a reset where the server had not read all. */
static void expect_end(int fd)
{
    char byte = 0;
    ck_assert(wait_for_socket(fd, POLLIN, DEADLINE_MS));
    ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
    ck_assert_int_ne(errno, EAGAIN);
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

START_TEST(it_answers)
{
    struct model_settings settings = {.journal_limit = 3};
    uint64_t begin_ns = monotonic_ns();
    size_t descriptors = count_descriptors();
    struct model_server *server = start(&settings);
    int fd = dial_server(server);
    send_text(fd, "PING\r\n");
    expect(fd, "+PONG\r\n");
    send_text(fd, "*2\r\n$4\r\nECHO\r\n$3\r\na");
    send_text(fd, "bc\r\n\r\nECHO d\r\nECHO e\r\n");
    expect(fd, "$3\r\nabc\r\n$1\r\nd\r\n$1\r\ne\r\n");
    close(fd);
    model_server_stop(server);
    struct model_journal journal = model_server_journal(server);
    ck_assert_uint_eq(journal.arrivals, 3); /* of four */
    ck_assert_uint_eq(journal.services, 0);
    ck_assert_uint_eq(journal.wrong_replies, 0);
    ck_assert_uint_gt(journal.arrival_ns[0], begin_ns);
    ck_assert_uint_gt(journal.arrival_ns[1], journal.arrival_ns[0]);
    ck_assert_uint_lt(journal.arrival_ns[2], monotonic_ns());
    model_server_free(server);
    ck_assert_uint_eq(count_descriptors(), descriptors);
}
END_TEST

START_TEST(two_replies_are_swapped)
{
    struct model_settings settings = {.swap_every = 4};
    struct model_server *server = start(&settings);
    clients[0] = dial_server(server);
    clients[1] = dial_server(server);
    send_text(clients[0], "ECHO a\r\n");
    expect(clients[0], "$1\r\na\r\n");
    send_text(clients[0], "ECHO bb\r\n"); /* the second */
    send_text(clients[1], "PING\r\n");
    expect(clients[0], "+PONG\r\n");
    expect(clients[1], "$2\r\nbb\r\n");
    send_text(clients[1], "ECHO d\r\nECHO e\r\nECHO f\r\nECHO g\r\nECHO h\r\n"); /* 6 and 7 */
    expect(clients[1], "$1\r\nd\r\n$1\r\ne\r\n$1\r\ng\r\n$1\r\nf\r\n$1\r\nh\r\n");
    close(clients[0]);
    close(clients[1]);
    model_server_stop(server);
    ck_assert_uint_eq(model_server_journal(server).wrong_replies, 4);
    model_server_free(server);
}
END_TEST

START_TEST(workers_take_their_time)
{
    struct model_settings settings = {
        .workers = 2,
        .service_ns = (double)SHORT_MS * NS_PER_MS,
        .hidden_ns = (uint64_t)SHORT_MS * NS_PER_MS,
        .journal_limit = 10,
    };
    struct model_server *server = start(&settings);
    int fd = dial_server(server);
    uint64_t begin_ns = monotonic_ns();
    send_text(fd, "PING\r\nPING\r\nPING\r\nPING\r\n");
    expect(fd, "+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n");
    uint64_t took_ns = monotonic_ns() - begin_ns;
    close(fd);
    model_server_stop(server);
    struct model_journal journal = model_server_journal(server);
    ck_assert_uint_ge(took_ns, (uint64_t)4 * SHORT_MS * NS_PER_MS); /* two after each other */
    ck_assert_uint_eq(journal.services, 4);
    for (size_t i = 0; i < journal.services; i++) {
        ck_assert_uint_ge(journal.service_ns[i], (uint64_t)SHORT_MS * NS_PER_MS);
        ck_assert_uint_lt(journal.service_ns[i], took_ns - (uint64_t)SHORT_MS * NS_PER_MS);
    }
    model_server_free(server);
}
END_TEST

/* Workers, what limits them, and how many services of four are after each other. */
static const struct {
    size_t workers;
    size_t limit;
    uint64_t rounds;
} places[] = {{1, 0, 4}, {1, 4, 4}, {2, 0, 2}, {4, 1, 4}, {4, 2, 2}, {8, 8, 1}};

START_TEST(only_so_many_are_served_at_a_time)
{
    uint64_t service_ns = (uint64_t)SHORT_MS * NS_PER_MS;
    struct model_settings settings = {
        .workers = places[_i].workers,
        .active_limit = places[_i].limit,
        .service_ns = (double)service_ns,
        .journal_limit = 100,
    };
    struct model_server *server = start(&settings);
    int fd = dial_server(server);
    for (int i = 0; i < 3; i++) { /* also after a pause, in which all become free */
        uint64_t begin_ns = monotonic_ns();
        send_text(fd, "PING\r\nPING\r\nPING\r\nPING\r\n");
        expect(fd, "+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n");
        ck_assert_uint_ge(monotonic_ns() - begin_ns, places[_i].rounds * service_ns);
    }
    close(fd);
    model_server_stop(server);
    struct model_journal journal = model_server_journal(server);
    ck_assert_uint_eq(journal.services, 12);
    for (size_t i = 0; i < journal.services; i++)
        ck_assert_uint_ge(journal.service_ns[i], service_ns);
    model_server_free(server);
}
END_TEST

START_TEST(the_first_connection_is_muted)
{
    struct model_settings settings = {.workers = 1, .mutes_one = true};
    struct model_server *server = start(&settings);
    clients[0] = dial_server(server);
    clients[1] = dial_server(server);
    send_text(clients[0], "PING\r\n");
    send_text(clients[1], "PING\r\n");
    expect(clients[1], "+PONG\r\n");
    ck_assert(!wait_for_socket(clients[0], POLLIN, SHORT_MS));
    close(clients[0]);
    close(clients[1]);
    model_server_free(server);
}
END_TEST

/* Once, so long after the first request. */
START_TEST(it_stalls)
{
    uint64_t stall_ns = (uint64_t)5 * SHORT_MS * NS_PER_MS;
    struct model_settings settings = {.stall_after_ns = 1, .stall_ns = stall_ns};
    struct model_server *server = start(&settings);
    int fd = dial_server(server);
    for (int i = 0; i < 2; i++) {
        send_text(fd, "PING\r\n");
        expect(fd, "+PONG\r\n");
    }
    uint64_t begin_ns = monotonic_ns();
    send_text(fd, "PING\r\n");
    expect(fd, "+PONG\r\n");
    ck_assert_uint_ge(monotonic_ns() - begin_ns, stall_ns);
    begin_ns = monotonic_ns();
    for (int i = 0; i < 10; i++) {
        send_text(fd, "PING\r\n");
        expect(fd, "+PONG\r\n");
    }
    ck_assert_uint_lt(monotonic_ns() - begin_ns, 10 * stall_ns);
    close(fd);
    model_server_free(server);
}
END_TEST

/* As the load generator would see it if it went wrong: the client, not the server, is lost. */
START_TEST(clients_that_misbehave_are_dismissed)
{
    struct model_settings settings = {.workers = 1, .service_ns = NS_PER_MS};
    struct model_server *server = start(&settings);
    clients[0] = dial_server(server);
    send_text(clients[0], "*x\r\n");
    expect_end(clients[0]);
    clients[1] = dial_server(server);
    for (int i = 0; i < 2 * MODEL_QUEUE; i += 16)
        if (send(clients[1],
                 "P\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\nP\r\n",
                 48, MSG_NOSIGNAL) < 0)
            break;
    clients[2] = dial_server(server);
    send_text(clients[2], "PING\r\n");
    close(clients[2]); /* before it is answered */
    close(clients[0]);
    close(clients[1]);
    model_server_free(server);
}
END_TEST

START_TEST(without_descriptors_it_says_so)
{
    struct model_settings settings = {0};
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = 3, .rlim_max = before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct model_server *server = model_server_start(&settings, error);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_ptr_null(server);
    ck_assert_ptr_nonnull(strstr(error, "the built-in server: cannot listen on 127.0.0.1: "));
}
END_TEST

START_TEST(draws_follow_their_law)
{
    struct model_settings settings = {.service_ns = 5e6};
    struct bench_random random = {1};
    ck_assert_uint_eq(model_draw_ns(&settings, &random), 5000000);
    settings.exponential = true;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 200000; i++) {
        double drawn = (double)model_draw_ns(&settings, &random) / settings.service_ns;
        sum += drawn / 200000;
        squares += drawn * drawn / 200000;
    }
    ck_assert_double_eq_tol(sum, 1, 0.01);
    ck_assert_double_eq_tol(squares, 2, 0.05);
}
END_TEST

/* What the measurement and the server say of the same run. */
START_TEST(a_run_is_measured)
{
    size_t descriptors = count_descriptors();
    struct selftest selftest = {.seed = 1};
    struct model_settings settings = {.workers = 2, .service_ns = 1e6, .journal_limit = 1000};
    struct model_load load = {.connections = CLIENTS, .requests = 200, .seed = 1};
    struct model_run run;
    ck_assert_msg(model_run(&selftest, &settings, &load, &run), "%s", selftest.found);
    ck_assert_uint_eq(run.measurement.response.count, 200);
    ck_assert_uint_eq(run.journal.services, 200);
    ck_assert_uint_eq(run.journal.arrivals, 200);
    model_run_free(&run);
    ck_assert_uint_eq(count_descriptors(), descriptors);
    load.workload = "nonsense";
    ck_assert(!model_run(&selftest, &settings, &load, &run));
    ck_assert_int_eq(selftest.result, SELFTEST_FAILED);
    ck_assert_ptr_nonnull(strstr(selftest.found, "nonsense"));
    model_run_free(&run);
}
END_TEST

Suite *model_server_suite(void)
{
    Suite *suite = suite_create("model_server");
    TCase *tests = tcase_create("model_server");
    tcase_add_test(tests, it_answers);
    tcase_add_test(tests, two_replies_are_swapped);
    tcase_add_test(tests, workers_take_their_time);
    tcase_add_loop_test(tests, only_so_many_are_served_at_a_time, 0, COUNT(places));
    tcase_add_test(tests, the_first_connection_is_muted);
    tcase_add_test(tests, it_stalls);
    tcase_add_test(tests, clients_that_misbehave_are_dismissed);
    tcase_add_test(tests, without_descriptors_it_says_so);
    tcase_add_test(tests, draws_follow_their_law);
    tcase_add_test(tests, a_run_is_measured);
    suite_add_tcase(suite, tests);
    return suite;
}
