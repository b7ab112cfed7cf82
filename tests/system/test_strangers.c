/* SPDX-License-Identifier: MIT */
/* Clients that are not let in, for want of a password or a handshake: they may not stay for ever,
 * and users find a place although strangers take all that there are. */
#include "common/clock.h"
#include "common/dial.h"
#include "tests/system/password.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"
#include "tests/system/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OK       "+OK\r\n"
#define NO_AUTH  "-NOAUTH Authentication required.\r\n"
#define TOO_LATE "-NOAUTH Authentication required within 1s\r\n"
#define NO_PLACE "-ERR max number of clients reached\r\n"

#define PATIENT "--request-timeout 1h --output-timeout 1h --idle-timeout 0 "

/* ---- the time for a login ---- */

enum { PAUSE_MS = 20 };

static void say_nothing(int fd)
{
    wire_expect(fd, TOO_LATE);
}

static void say_half(int fd)
{
    wire_send_text(fd, "*2\r\n$4\r\nAUTH\r\n$13\r\ncorrect");
    wire_expect(fd, TOO_LATE);
}

/* Each request and each half of one is answered or awaited, and none of them brings more time. */
static void go_on(int fd)
{
    struct byte_buffer reply = {0};
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    for (bool half = false;; half = !half) {
        ck_assert_msg(monotonic_ns() < deadline_ns, "it may go on for ever");
        wire_send_text(fd, half ? "NG\r\n" : "PING\r\nPI");
        wire_read_reply(fd, &reply);
        if (strcmp(reply.bytes, NO_AUTH) != 0)
            break;
        (void)poll(NULL, 0, PAUSE_MS);
    }
    ck_assert_str_eq(reply.bytes, TOO_LATE);
    byte_buffer_free(&reply);
}

static void log_out(int fd)
{
    wire_exchange(fd, PASSWORD_REQUEST, OK);
    wire_exchange(fd, "RESET\r\n", "+RESET\r\n");
    wire_expect(fd, TOO_LATE);
}

/* Until it is cut off. */
static void take_no_replies(int fd)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (send(fd, "PING\r\nPING\r\nPING\r\nPING\r\n", 24, MSG_NOSIGNAL) > 0 || errno == EAGAIN) {
        ck_assert_msg(monotonic_ns() < deadline_ns, "it may leave replies for ever");
        (void)wait_for_socket(fd, POLLOUT, PAUSE_MS);
    }
}

static void (*const dawdlers[])(int fd) = {say_nothing, say_half, go_on, log_out, take_no_replies};

START_TEST(who_does_not_log_in_in_time_is_closed)
{
    struct fixture server;
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, PATIENT "--login-timeout 1s");
    int user = password_connect(server.url);
    int stranger = wire_connect(server.url);
    dawdlers[_i](stranger);
    wire_wait_info(user, "closed_login_timeout", 1);
    ck_assert_double_eq(wire_info(user, "closed_login_timeout"), 1);
    close(stranger);
    close(user);
    fixture_stop(&server);
}
END_TEST

/* ---- places ---- */

/* Beside one user, who is there first and watches. */
enum { PLACES = 15 };

#define FEW_PLACES PATIENT "--login-timeout 1h --max-connections 16 "

static void take_places(const char *url, int *strangers, int count, int watcher)
{
    for (int i = 0; i < count; i++)
        strangers[i] = wire_connect(url);
    wire_wait_info(watcher, "connected_clients", PLACES + 1); /* all that there are */
}

/* A newcomer's try; -1 when there was no place. */
static int try_to_enter(const char *url, const char *request, const char *granted)
{
    struct byte_buffer reply = {0};
    int fd = wire_connect(url);
    wire_send_text(fd, request);
    wire_read_reply(fd, &reply);
    bool entered = strcmp(reply.bytes, granted) == 0;
    if (!entered)
        ck_assert_str_eq(reply.bytes, NO_PLACE);
    byte_buffer_free(&reply);
    if (entered)
        return fd;
    close(fd);
    return -1;
}

/* Strangers have so many of the places, and none is free; then users have them, and one more finds
 * none. */
static void replace_by_users(const char *url, int *users, int count, const char *request,
                             const char *granted)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    for (int i = 0; i < count; i++) {
        while ((users[i] = try_to_enter(url, request, granted)) < 0)
            ck_assert_msg(monotonic_ns() < deadline_ns, "user %d finds no place", i);
    }
    ck_assert_int_eq(try_to_enter(url, request, granted), -1);
    for (int i = 0; i < count; i++)
        wire_exchange(users[i], "PING\r\n", "+PONG\r\n");
}

/* Returns the watcher. */
static int start_with_few_places(struct fixture *server)
{
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(server, FEW_PLACES);
    return password_connect(server->url);
}

static void end(struct fixture *server, int watcher, const int *strangers, const int *users,
                int count)
{
    for (int i = 0; i < count; i++) {
        close(strangers[i]);
        close(users[i]);
    }
    close(watcher);
    fixture_stop(server);
}

START_TEST(who_has_not_logged_in_makes_room_for_users)
{
    struct fixture server;
    int strangers[PLACES];
    int users[PLACES];
    int watcher = start_with_few_places(&server);
    take_places(server.url, strangers, PLACES, watcher);
    replace_by_users(server.url, users, PLACES, PASSWORD_REQUEST, OK);
    for (int i = 0; i < PLACES; i++) {
        wire_expect(strangers[i], NO_PLACE);
        wire_expect_end(strangers[i]);
    }
    ck_assert_double_eq(wire_info(watcher, "closed_made_room"), PLACES);
    ck_assert_double_eq(wire_info(watcher, "closed_login_timeout"), 0);
    end(&server, watcher, strangers, users, PLACES);
}
END_TEST

START_TEST(who_has_not_shaken_hands_makes_room_for_users)
{
    struct fixture server;
    int strangers[PLACES];
    int users[PLACES];
    char url[ENDPOINT_TEXT_SIZE];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", FEW_PLACES, url);
    int watcher = wire_connect(server.url);
    take_places(url, strangers, PLACES, watcher);
    replace_by_users(server.url, users, PLACES, "PING\r\n", "+PONG\r\n");
    for (int i = 0; i < PLACES; i++)
        wire_expect_end(strangers[i]);
    ck_assert_double_eq(wire_info(watcher, "closed_made_room"), PLACES);
    end(&server, watcher, strangers, users, PLACES);
}
END_TEST

/* Its time to log in again is --login-timeout, however old its connection is. */
START_TEST(who_has_logged_out_need_not_make_room)
{
    enum { OTHERS = PLACES - 1 };
    struct fixture server;
    int strangers[OTHERS];
    int users[OTHERS];
    int watcher = start_with_few_places(&server);
    int user = password_connect(server.url);
    wire_exchange(user, "RESET\r\n", "+RESET\r\n");
    take_places(server.url, strangers, OTHERS, watcher);
    replace_by_users(server.url, users, OTHERS, PASSWORD_REQUEST, OK);
    wire_exchange(user, PASSWORD_REQUEST, OK);
    ck_assert_double_eq(wire_info(watcher, "closed_made_room"), OTHERS);
    close(user);
    end(&server, watcher, strangers, users, OTHERS);
}
END_TEST

Suite *strangers_suite(void)
{
    Suite *suite = suite_create("strangers");
    TCase *tests = tcase_create("strangers");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_loop_test(tests, who_does_not_log_in_in_time_is_closed, 0,
                        sizeof(dawdlers) / sizeof(dawdlers[0]));
    tcase_add_test(tests, who_has_not_logged_in_makes_room_for_users);
    tcase_add_test(tests, who_has_logged_out_need_not_make_room);
    tcase_add_test(tests, who_has_not_shaken_hands_makes_room_for_users);
    suite_add_tcase(suite, tests);
    return suite;
}
