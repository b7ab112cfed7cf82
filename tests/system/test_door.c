/* SPDX-License-Identifier: MIT */
/* Strangers, who are amid a handshake or have not logged in, and those who are let in: none waits
 * for the other. */
#include "bench/trial/kernel_accounting.h"
#include "common/clock.h"
#include "common/dial.h"
#include "common/tls.h"
#include "tests/system/password.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"
#include "tests/system/wire.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OK      "+OK\r\n"
#define NO_AUTH "-NOAUTH Authentication required.\r\n"
#define WRONG   "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

#define EIGHT(text) text text text text text text text text

#define WITH_RAW "--workers 1 --listen tcp://127.0.0.1:0 --listen raw://127.0.0.1:0 "

START_TEST(who_lets_everybody_in_has_no_door)
{
    struct fixture server;
    fixture_start(&server, "");
    ck_assert_double_eq(fixture_info(&server, "door_workers"), 0);
    fixture_stop(&server);
}
END_TEST

/* ---- a pool that is busy ---- */

/* The only worker is busy from now on until the reply comes. */
static void keep_pool_busy(int fd)
{
    wire_send_text(fd, "WORK SLEEP 2000000\r\n");
}

static bool is_silent(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

START_TEST(a_login_does_not_wait_for_the_pool)
{
    struct fixture server;
    struct kernel_accounting threads;
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 1");
    ck_assert(kernel_accounting_read(server.process.pid, &threads));
    ck_assert_uint_eq(threads.worker_count, 1); /* by their names */
    kernel_accounting_free(&threads);
    int slow = password_connect(server.url);
    int back = password_connect(server.url);
    wire_exchange(back, "RESET\r\n", "+RESET\r\n"); /* a stranger again */
    ck_assert_double_ge(wire_info(slow, "door_workers"), 2);
    keep_pool_busy(slow);
    int fresh = wire_connect(server.url);
    wire_exchange(fresh, "AUTH bad\r\nPING\r\n" PASSWORD_REQUEST, WRONG NO_AUTH OK);
    wire_exchange(back, PASSWORD_REQUEST, OK);
    wire_send_text(fresh, "PING\r\nRESET\r\n"); /* is for the pool, and then for the door */
    ck_assert(is_silent(slow));
    wire_expect(slow, OK);
    wire_expect(fresh, "+PONG\r\n+RESET\r\n");
    close(fresh);
    close(back);
    close(slow);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_handshake_does_not_wait_for_the_pool)
{
    struct fixture server;
    struct channel fresh;
    char url[ENDPOINT_TEXT_SIZE];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1", url);
    struct tls_context *context = tls_bed_context(NULL);
    int slow = wire_connect(server.url);
    keep_pool_busy(slow);
    tls_bed_connect(&fresh, url, context);
    ck_assert(is_silent(slow));
    tls_bed_exchange(&fresh, "PING\r\n", "+PONG\r\n");
    wire_expect(slow, OK);
    channel_close(&fresh);
    tls_context_release(context);
    close(slow);
    fixture_stop(&server);
}
END_TEST

/* Also when it has come with the request that logged the client out. */
START_TEST(what_follows_a_logout_is_for_the_door)
{
    enum { CLIENTS = 10, LOGINS = 8 };
    struct fixture server;
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 1");
    int user = password_connect(server.url);
    double visits = wire_info(user, "visits_total");
    for (int i = 0; i < CLIENTS; i++) {
        int fd = password_connect(server.url);
        wire_exchange(fd, "RESET\r\n" EIGHT("AUTH bad\r\n"), "+RESET\r\n" EIGHT(WRONG));
        close(fd);
    }
    ck_assert_double_lt(wire_info(user, "visits_total") - visits, CLIENTS * LOGINS / 2.0);
    close(user);
    fixture_stop(&server);
}
END_TEST

/* Nothing of how long a client's requests waited before its login makes later ones late. */
START_TEST(a_login_begins_anew)
{
    enum { CLIENTS = 20 };
    struct fixture server;
    int clients[CLIENTS];
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 1 --shed-interval 10ms --shed-target 2s");
    int user = password_connect(server.url);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = password_connect(server.url);
        wire_exchange(clients[i], "RESET\r\nPING\r\n", "+RESET\r\n" NO_AUTH);
        wire_exchange(clients[i], PASSWORD_REQUEST, OK);
    }
    wire_exchange(user, "WORK SLEEP 2100000\r\n", OK); /* for longer than the target */
    for (int i = 0; i < CLIENTS; i++)
        wire_send_text(clients[i], "WORK SLEEP 10000\r\n"); /* so that the queue stands */
    for (int i = 0; i < CLIENTS; i++) {
        wire_expect(clients[i], OK);
        close(clients[i]);
    }
    close(user);
    fixture_stop(&server);
}
END_TEST

/* What they send until they close is read, and discarded, at the door as well. */
START_TEST(who_was_turned_away_stays_at_the_door)
{
    enum { CLIENTS = 100 };
    struct fixture server;
    int turned_away[CLIENTS];
    int asked = 0;
    char url[ENDPOINT_TEXT_SIZE];
    struct byte_buffer alert = {0};
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "", url);
    int user = wire_connect(server.url);
    for (int i = 0; i < CLIENTS; i++) {
        turned_away[i] = wire_connect(url);
        wire_send_text(turned_away[i], "GET / HTTP/1.0\r\n\r\n");
        wire_read_to_end(turned_away[i], &alert);
    }
    double visits = wire_info(user, "visits_total");
    for (int i = 0; i < CLIENTS; i++)
        close(turned_away[i]);
    while (asked++, wire_info(user, "closed_tls_handshake") < CLIENTS)
        ck_assert_msg(monotonic_ns() < deadline_ns, "connections stay open");
    ck_assert_double_lt(wire_info(user, "visits_total") - visits, asked + CLIENTS / 2.0);
    byte_buffer_free(&alert);
    close(user);
    fixture_stop(&server);
}
END_TEST

/* ---- a door that is busy ---- */

/* The kernel keeps what is sent until it is not corked any more. */
static void cork(int fd, int corked)
{
    ck_assert_int_eq(setsockopt(fd, IPPROTO_TCP, TCP_CORK, &corked, sizeof(corked)), 0);
}

/* Its request comes with the last bytes of its handshake. */
static void connect_asking(struct channel *client, const char *url, struct tls_context *context,
                           const char *request)
{
    *client = (struct channel){.fd = wire_connect(url)};
    client->tls = tls_stream_create(context, client->fd, "127.0.0.1");
    ck_assert_ptr_nonnull(client->tls);
    cork(client->fd, 1);
    ck_assert_int_ne(tls_stream_handshake(client->tls), 0); /* has come to its first bytes */
    cork(client->fd, 0);
    cork(client->fd, 1);
    while (tls_stream_handshake(client->tls) != 0)
        ck_assert(wait_for_socket(client->fd, tls_stream_events(client->tls), PATIENCE_MS));
    tls_bed_send(client, request, strlen(request));
    cork(client->fd, 0);
}

START_TEST(a_request_behind_a_handshake_is_for_the_pool)
{
    enum { CLIENTS = 2 };
    struct fixture server;
    struct channel clients[CLIENTS];
    char url[ENDPOINT_TEXT_SIZE];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 4", url);
    struct tls_context *context = tls_bed_context(NULL);
    int user = wire_connect(server.url);
    for (int i = 0; i < CLIENTS; i++)
        connect_asking(&clients[i], url, context, "WORK SLEEP 2000000\r\n");
    wire_wait_info(user, "workers_in_slow_commands", CLIENTS + 1); /* with INFO */
    for (int i = 0; i < CLIENTS; i++)
        channel_close(&clients[i]);
    tls_context_release(context);
    close(user);
    fixture_stop(&server);
}
END_TEST

static void ask_as_user(const char *url, int user)
{
    (void)url;
    wire_exchange(user, "PING\r\n", "+PONG\r\n");
}

/* Of a raw listener, where nobody is asked for a password. */
static void ask_as_raw_client(const char *url, int user)
{
    (void)user;
    int fd = wire_connect(url);
    wire_exchange(fd, "Hello from client!", "Hello from server!");
    close(fd);
}

static int guess(const char *url)
{
    int fd = wire_connect(url);
    wire_exchange(fd, "PING\r\n", NO_AUTH);
    wire_send_text(fd, "AUTH bad\r\n");
    return fd;
}

static int guess_after_a_logout(const char *url)
{
    int fd = password_connect(url);
    wire_send_text(fd, "RESET\r\nAUTH bad\r\n");
    wire_expect(fd, "+RESET\r\n");
    return fd;
}

static const struct {
    int (*guess)(const char *url);
    void (*ask)(const char *url, int user);
    bool somebody_logged_in;
} neighbours[] = {{guess, ask_as_user, true},
                  {guess, ask_as_raw_client, true},
                  {guess, ask_as_raw_client, false},
                  {guess_after_a_logout, ask_as_user, true}};

/* A hash takes some 75 ms to check. A machine that is busy with others may take as long for the
 * rest, but not each time. */
START_TEST(the_pool_does_not_wait_for_a_check)
{
    enum { ROUNDS = 20 };
    struct fixture server;
    char raw_url[ENDPOINT_TEXT_SIZE];
    char *hash = password_make_hash(PASSWORD);
    int answered_first = 0;
    if (hash == NULL)
        return;
    password_file_write(hash);
    password_server_start(&server, WITH_RAW);
    fixture_url(&server, 1, raw_url);
    int user = neighbours[_i].somebody_logged_in ? password_connect(server.url) : -1;
    for (int round = 0; round < ROUNDS; round++) {
        int guesser = neighbours[_i].guess(server.url);
        for (int i = 0; i < 3; i++) /* of which the server must see one after the guess */
            neighbours[_i].ask(raw_url, user);
        answered_first += is_silent(guesser);
        wire_expect(guesser, WRONG);
        close(guesser);
    }
    ck_assert_int_ge(answered_first, ROUNDS / 2);
    if (user >= 0)
        close(user);
    fixture_stop(&server);
    free(hash);
}
END_TEST

enum { GUESSERS = 25 };

/* However many guess, those who are logged in are not told that there is an overload. */
START_TEST(guesses_are_no_overload_of_the_pool)
{
    enum { ROUNDS = 20, GUESSES = 9, PINGS = 20 };
    struct fixture server;
    int guessers[GUESSERS];
    char *hash = password_make_hash(PASSWORD);
    if (hash == NULL)
        return;
    password_file_write(hash);
    password_server_start(&server, "--workers 1 --shed-interval 20ms --shed-target 1ms");
    int user = password_connect(server.url);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < GUESSERS; i++) {
            guessers[i] = wire_connect(server.url);
            for (int k = 0; k < GUESSES; k++)
                wire_send_text(guessers[i], "AUTH bad\r\n");
        }
        for (int i = 0; i < PINGS; i++)
            wire_exchange(user, "PING\r\n", "+PONG\r\n");
        for (int i = 0; i < GUESSERS; i++)
            close(guessers[i]);
    }
    ck_assert_double_eq(wire_info(user, "shed_requests_total"), 0);
    close(user);
    fixture_stop(&server);
    free(hash);
}
END_TEST

/* Asks for a section of INFO over a raw listener that runs it. */
static double strangers_waiting(const char *url)
{
    static const char field[] = "\r\nstrangers_waiting:";
    struct byte_buffer text = {0};
    int fd = wire_connect(url);
    wire_send_text(fd, "Clients");
    wire_read_to_end(fd, &text);
    close(fd);
    byte_buffer_append(&text, "", 1);
    const char *found = strstr(text.bytes, field);
    ck_assert_ptr_nonnull(found);
    double waiting = strtod(found + sizeof(field) - 1, NULL);
    byte_buffer_free(&text);
    return waiting;
}

/* Those who guess before anybody logged in wait for each other; a stop answers them, too. */
START_TEST(a_stop_answers_strangers_that_wait)
{
    enum { LEAST_WAITING = GUESSERS / 2 };
    struct fixture server;
    int guessers[GUESSERS];
    char raw_url[ENDPOINT_TEXT_SIZE];
    char *hash = password_make_hash(PASSWORD);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    if (hash == NULL)
        return;
    password_file_write(hash);
    password_server_start(&server, WITH_RAW "--raw-command INFO");
    fixture_url(&server, 1, raw_url);
    ck_assert_double_eq(strangers_waiting(raw_url), 0);
    for (int i = 0; i < GUESSERS; i++) {
        guessers[i] = wire_connect(server.url);
        wire_send_text(guessers[i], "AUTH bad\r\n");
    }
    while (strangers_waiting(raw_url) < LEAST_WAITING)
        ck_assert_msg(monotonic_ns() < deadline_ns, "no strangers wait");
    server_process_signal(&server.process, SIGTERM);
    for (int i = 0; i < GUESSERS; i++) {
        wire_expect(guessers[i], WRONG);
        wire_expect_end(guessers[i]);
        close(guessers[i]);
    }
    fixture_expect_exit(&server, 0);
    free(hash);
}
END_TEST

Suite *door_suite(void)
{
    Suite *suite = suite_create("door");
    TCase *tests = tcase_create("door");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_test(tests, who_lets_everybody_in_has_no_door);
    tcase_add_test(tests, a_login_does_not_wait_for_the_pool);
    tcase_add_test(tests, a_handshake_does_not_wait_for_the_pool);
    tcase_add_test(tests, what_follows_a_logout_is_for_the_door);
    tcase_add_test(tests, a_login_begins_anew);
    tcase_add_test(tests, who_was_turned_away_stays_at_the_door);
    tcase_add_test(tests, a_request_behind_a_handshake_is_for_the_pool);
    tcase_add_loop_test(tests, the_pool_does_not_wait_for_a_check, 0,
                        sizeof(neighbours) / sizeof(neighbours[0]));
    tcase_add_test(tests, guesses_are_no_overload_of_the_pool);
    tcase_add_test(tests, a_stop_answers_strangers_that_wait);
    suite_add_tcase(suite, tests);
    return suite;
}
