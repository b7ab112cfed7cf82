/* SPDX-License-Identifier: MIT */
/* What crew-server does when a tls:// client is slow, breaks off, or is none. */
#include "common/clock.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"
#include "tests/system/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- clients that do not come to terms ---- */

START_TEST(plain_text_is_turned_away)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1 --log-level debug", url);
    int fd = wire_connect(url);
    wire_send_text(fd, "PING\r\n");
    char alert[64];
    ssize_t got;
    while ((got = recv(fd, alert, sizeof(alert), 0)) != 0)
        ck_assert(got > 0 || errno == EAGAIN);
    close(fd);
    fixture_wait_info(&server, "closed_tls_handshake", 1);
    ck_assert(server_process_wait_log(&server.process,
                                      " debug tls_handshake_failed peer=127.0.0.1:", PATIENCE_MS));
    ck_assert(
        server_process_wait_log(&server.process, " reason=\"wrong version number\"", PATIENCE_MS));
    ck_assert_double_eq(fixture_info(&server, "tls_handshakes_total"), 0);
    fixture_stop(&server);
}
END_TEST

static void stay_silent(int fd)
{
    (void)fd;
}

static void send_half_a_hello(int fd)
{
    wire_send(fd, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
}

static void (*const idlers[])(int fd) = {stay_silent, send_half_a_hello};

/* One worker serves the others meanwhile, and at the deadline the idle one is closed. */
START_TEST(an_idle_handshake_holds_nobody_up)
{
    enum { OTHERS = 4, ROUNDS = 200 };
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    struct channel others[OTHERS];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1 --request-timeout 4s", url);
    struct tls_context *context = tls_bed_context(NULL);
    int idle = wire_connect(url);
    uint64_t began_ns = monotonic_ns();
    idlers[_i](idle);
    for (size_t i = 0; i < OTHERS; i++)
        tls_bed_connect(&others[i], url, context);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < OTHERS; i++)
            tls_bed_exchange(&others[i], "PING\r\n", "+PONG\r\n");
    }
    /* 800 PINGs that had to wait for the idle client even once would be past its deadline. */
    ck_assert_uint_lt(monotonic_ns() - began_ns, 4 * (uint64_t)NS_PER_S);
    wire_expect_end(idle);
    ck_assert_uint_gt(monotonic_ns() - began_ns, 4 * (uint64_t)NS_PER_S);
    ck_assert_double_eq(fixture_info(&server, "closed_tls_handshake"), 1);
    for (size_t i = 0; i < OTHERS; i++) {
        tls_bed_exchange(&others[i], "PING\r\n", "+PONG\r\n");
        channel_close(&others[i]);
    }
    close(idle);
    tls_context_release(context);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_reset_amid_the_handshake_is_survived)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 2", url);
    for (int i = 0; i < 20; i++) {
        int fd = wire_connect(url);
        struct linger reset = {.l_onoff = 1};
        send_half_a_hello(fd);
        ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
        close(fd);
    }
    fixture_wait_info(&server, "closed_tls_handshake", 20);
    fixture_stop(&server);
}
END_TEST

/* A client that ends its side after its requests gets the reply, and then the server's end. */
static void send_and_end(struct fixture *server, const char *requests, bool announced,
                         const char *reply)
{
    char url[ENDPOINT_TEXT_SIZE];
    struct channel client;
    tls_bed_start(server, "server", "--workers 1", url);
    struct tls_context *context = tls_bed_context(NULL);
    tls_bed_connect(&client, url, context);
    tls_bed_send(&client, requests, strlen(requests));
    if (announced)
        ck_assert_int_eq(tls_stream_end(client.tls), 0);
    ck_assert_int_eq(shutdown(client.fd, SHUT_WR), 0);
    tls_bed_exchange(&client, "", reply);
    tls_bed_expect_end(&client);
    channel_close(&client);
    tls_context_release(context);
}

START_TEST(an_end_within_a_request_runs_nothing)
{
    struct fixture server;
    if (!tls_bed_is_ready())
        return;
    send_and_end(&server, "PING\r\nPING", false, "+PONG\r\n");
    fixture_wait_info(&server, "closed_client", 1);
    ck_assert_double_eq(fixture_info(&server, "closed_tls_handshake"), 0);
    fixture_stop(&server);
}
END_TEST

START_TEST(an_announced_end_leaves_replies_due)
{
    struct fixture server;
    if (!tls_bed_is_ready())
        return;
    send_and_end(&server, "WORK SLEEP 50000\r\nECHO x\r\n", true, "+OK\r\n$1\r\nx\r\n");
    fixture_stop(&server);
}
END_TEST

/* ---- records in pieces ---- */

struct proxy {
    int ends[2]; /* the client's and the server's socket */
    pthread_t thread;
};

/* Passes one byte on; false at the end. */
static bool pass_byte(int from, int to)
{
    char byte;
    ssize_t got = recv(from, &byte, 1, MSG_DONTWAIT);
    if (got > 0)
        wire_send(to, &byte, 1);
    return got > 0 || (got < 0 && errno == EAGAIN);
}

/* Thread: passes bytes on one by one, each in a segment of its own, until either side ends. */
static void *run_proxy(void *argument)
{
    const struct proxy *proxy = argument;
    bool open = true;
    while (open) {
        struct pollfd watched[] = {{.fd = proxy->ends[0], .events = POLLIN},
                                   {.fd = proxy->ends[1], .events = POLLIN}};
        (void)poll(watched, 2, PATIENCE_MS);
        open =
            pass_byte(proxy->ends[0], proxy->ends[1]) && pass_byte(proxy->ends[1], proxy->ends[0]);
    }
    return NULL;
}

/* Begins to stand between a client, whose socket it returns, and the server. */
static int proxy_start(struct proxy *proxy, const char *url)
{
    int on = 1;
    int client[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, client), 0);
    proxy->ends[0] = client[1];
    proxy->ends[1] = wire_connect(url);
    ck_assert_int_eq(setsockopt(proxy->ends[1], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
    ck_assert_int_eq(pthread_create(&proxy->thread, NULL, run_proxy, proxy), 0);
    return client[0];
}

static void proxy_stop(struct proxy *proxy)
{
    ck_assert_int_eq(pthread_join(proxy->thread, NULL), 0);
    close(proxy->ends[0]);
    close(proxy->ends[1]);
}

START_TEST(records_may_come_byte_by_byte)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    struct proxy proxy;
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 2", url);
    struct tls_context *context = tls_bed_context(NULL);
    struct channel client = {.fd = proxy_start(&proxy, url)};
    client.tls = tls_stream_create(context, client.fd, "localhost");
    ck_assert_ptr_nonnull(client.tls);
    tls_bed_exchange(&client, "PING\r\n", "+PONG\r\n"); /* the handshake comes by itself */
    tls_bed_exchange(&client, "ECHO one\r\nECHO two\r\nECHO thr", "$3\r\none\r\n$3\r\ntwo\r\n");
    tls_bed_exchange(&client, "ee\r\nQUIT\r\n", "$5\r\nthree\r\n+OK\r\n");
    tls_bed_expect_end(&client);
    channel_close(&client);
    proxy_stop(&proxy);
    ck_assert_double_eq(fixture_info(&server, "tls_handshakes_total"), 1);
    tls_context_release(context);
    fixture_stop(&server);
}
END_TEST

Suite *tls_hostile_suite(void)
{
    Suite *suite = suite_create("tls_hostile");
    TCase *tests = tcase_create("tls_hostile");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_test(tests, plain_text_is_turned_away);
    tcase_add_loop_test(tests, an_idle_handshake_holds_nobody_up, 0, COUNT(idlers));
    tcase_add_test(tests, a_reset_amid_the_handshake_is_survived);
    tcase_add_test(tests, an_end_within_a_request_runs_nothing);
    tcase_add_test(tests, an_announced_end_leaves_replies_due);
    tcase_add_test(tests, records_may_come_byte_by_byte);
    suite_add_tcase(suite, tests);
    return suite;
}
