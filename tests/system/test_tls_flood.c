/* SPDX-License-Identifier: MIT */
/* TLS clients whose records carry no data, or hardly any: nobody else shall wait for them. */
#include "common/clock.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"
#include "tests/system/tls_records.h"
#include "tests/system/wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    UPDATES = 150000, /* two seconds of work for who follows them */
    BETWEEN = 60,     /* KeyUpdates that are allowed between data; 64 records are the limit */
    MOST_WORKERS = 2,
    BYSTANDER_MS = 500, /* what a bystander's PING may take on a machine that others use, too */
    TRIES = 4,          /* the machine may be needed by others for a moment */
};

/* ---- a client that floods the server ---- */

struct flooder {
    int fd;
    struct byte_buffer bytes;
    pthread_t thread;
};

/* Thread: sends until all is sent or the server has had enough. */
static void *send_flood(void *argument)
{
    const struct flooder *flooder = argument;
    size_t sent = 0;
    while (sent < flooder->bytes.size) {
        ssize_t count = send(flooder->fd, flooder->bytes.bytes + sent, flooder->bytes.size - sent,
                             MSG_NOSIGNAL);
        struct pollfd watched = {.fd = flooder->fd, .events = POLLOUT};
        if (count < 0 && errno != EAGAIN)
            return NULL;
        if (count < 0 && poll(&watched, 1, PATIENCE_MS) != 1)
            return NULL;
        sent += count > 0 ? (size_t)count : 0;
    }
    return NULL;
}

/* Connects and prepares UPDATES KeyUpdates; after every `between` of them a line end, unless that
 * is 0. */
static void flooder_prepare(struct flooder *flooder, const char *url, size_t between)
{
    *flooder = (struct flooder){.fd = wire_connect(url)};
    struct tls_records *records = tls_records_open(flooder->fd);
    for (size_t made = 0; made < UPDATES; made += between) {
        size_t count = between == 0 ? UPDATES : between;
        tls_records_add_key_updates(records, &flooder->bytes, count);
        if (between == 0)
            break;
        tls_records_add_data(records, &flooder->bytes, "\r\n");
    }
    tls_records_free(records);
}

static void flooder_start(struct flooder *flooder)
{
    ck_assert_int_eq(pthread_create(&flooder->thread, NULL, send_flood, flooder), 0);
}

static void flooder_end(struct flooder *flooder)
{
    (void)shutdown(flooder->fd, SHUT_RDWR); /* it may be gone */
    ck_assert_int_eq(pthread_join(flooder->thread, NULL), 0);
    close(flooder->fd);
    byte_buffer_free(&flooder->bytes);
}

static uint64_t worst_of_pings(int bystander)
{
    enum { PINGS = 100, PAUSE_MS = 5 };
    uint64_t worst_ns = 0;
    for (int i = 0; i < PINGS; i++) {
        uint64_t began_ns = monotonic_ns();
        wire_exchange(bystander, "PING\r\n", "+PONG\r\n");
        uint64_t took_ns = monotonic_ns() - began_ns;
        worst_ns = took_ns > worst_ns ? took_ns : worst_ns;
        (void)poll(NULL, 0, PAUSE_MS);
    }
    return worst_ns;
}

static void start(struct fixture *server, unsigned workers, char url[ENDPOINT_TEXT_SIZE])
{
    char options[60];
    snprintf(options, sizeof(options), "--workers %u --drain-timeout 1s", workers);
    tls_bed_start(server, "server", options, url);
}

/* ---- tests ---- */

static const struct {
    unsigned workers;
    size_t between;
} floods[] = {{1, 0}, {2, 0}, {1, BETWEEN}, {2, BETWEEN}};

/* As many flood the server as there are workers. Returns what a bystander's PING took at most. */
static uint64_t flood(unsigned workers, size_t between)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    struct flooder flooders[MOST_WORKERS];
    start(&server, workers, url);
    int bystander = wire_connect(server.url);
    wire_exchange(bystander, "PING\r\n", "+PONG\r\n");
    for (unsigned i = 0; i < workers; i++)
        flooder_prepare(&flooders[i], url, between);
    for (unsigned i = 0; i < workers; i++)
        flooder_start(&flooders[i]);
    uint64_t worst_ns = worst_of_pings(bystander);
    if (between == 0) /* too much without data */
        wire_wait_info(bystander, "closed_reset", workers);
    else
        ck_assert_double_eq(wire_info(bystander, "closed_reset"), 0);
    for (unsigned i = 0; i < workers; i++)
        flooder_end(&flooders[i]);
    close(bystander);
    fixture_stop(&server);
    return worst_ns;
}

START_TEST(a_bystander_is_served_amid_key_updates)
{
    if (!tls_bed_is_ready())
        return;
    uint64_t allowed_ns = (uint64_t)BYSTANDER_MS * NS_PER_MS;
    uint64_t worst_ns = UINT64_MAX;
    for (int i = 0; i < TRIES && worst_ns >= allowed_ns; i++) {
        worst_ns = flood(floods[_i].workers, floods[_i].between);
        printf("%u workers, %zu KeyUpdates between data: a PING took at most %.1f ms\n",
               floods[_i].workers, floods[_i].between, (double)worst_ns / NS_PER_MS);
    }
    ck_assert_uint_lt(worst_ns, allowed_ns);
}
END_TEST

START_TEST(a_stop_amid_key_updates_is_orderly)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    struct flooder flooders[MOST_WORKERS];
    if (!tls_bed_is_ready())
        return;
    start(&server, MOST_WORKERS, url);
    for (unsigned i = 0; i < MOST_WORKERS; i++)
        flooder_prepare(&flooders[i], url, i == 0 ? BETWEEN : 0);
    for (unsigned i = 0; i < MOST_WORKERS; i++)
        flooder_start(&flooders[i]);
    fixture_wait_info(&server, "closed_reset", 1); /* the other is followed */
    fixture_stop(&server);
    for (unsigned i = 0; i < MOST_WORKERS; i++)
        flooder_end(&flooders[i]);
}
END_TEST

/* What stays below the limit is followed, however often. */
START_TEST(key_updates_between_requests_are_followed)
{
    enum { ROUNDS = 100 };
    struct fixture server;
    struct byte_buffer bytes = {0};
    char url[ENDPOINT_TEXT_SIZE];
    if (!tls_bed_is_ready())
        return;
    start(&server, 1, url);
    int fd = wire_connect(url);
    struct tls_records *records = tls_records_open(fd);
    for (int i = 0; i < ROUNDS; i++) {
        tls_records_add_key_updates(records, &bytes, BETWEEN);
        tls_records_add_data(records, &bytes, i < ROUNDS - 1 ? "PING\r\n" : "QUIT\r\n");
    }
    wire_send(fd, bytes.bytes, bytes.size);
    fixture_wait_info(&server, "closed_quit", 1);
    ck_assert_double_eq(fixture_info(&server, "closed_reset"), 0);
    byte_buffer_free(&bytes);
    tls_records_free(records);
    close(fd);
    fixture_stop(&server);
}
END_TEST

/* A ClientHello of 16 MiB, one byte in each record. */
START_TEST(a_handshake_in_pieces_has_an_end)
{
    enum { PIECES = 65 }; /* one more than are followed */
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1 --log-level debug", url);
    int fd = wire_connect(url);
    wire_send(fd, "\x16\x03\x01\x00\x04\x01\x00\xff\xff", 9);
    for (int i = 1; i < PIECES; i++) {
        ck_assert_double_eq(fixture_info(&server, "closed_tls_handshake"), 0);
        wire_send(fd, "\x16\x03\x01\x00\x01x", 6);
    }
    fixture_wait_info(&server, "closed_tls_handshake", 1);
    ck_assert(server_process_wait_log(&server.process, " reason=\"too much came without data\"",
                                      PATIENCE_MS));
    close(fd);
    fixture_stop(&server);
}
END_TEST

Suite *tls_flood_suite(void)
{
    Suite *suite = suite_create("tls_flood");
    TCase *tests = tcase_create("tls_flood");
    int count = sizeof(floods) / sizeof(floods[0]);
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_loop_test(tests, a_bystander_is_served_amid_key_updates, 0, count);
    tcase_add_test(tests, a_stop_amid_key_updates_is_orderly);
    tcase_add_test(tests, key_updates_between_requests_are_followed);
    tcase_add_test(tests, a_handshake_in_pieces_has_an_end);
    suite_add_tcase(suite, tests);
    return suite;
}
