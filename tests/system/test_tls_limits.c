/* SPDX-License-Identifier: MIT */
/* Deadlines, memory and ends: what goes for plain connections goes for encrypted ones. */
#include "common/clock.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"
#include "tests/system/tls_records.h"
#include "tests/system/wire.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KIB = 1024, CROWD = 100 };

static struct fixture server;
static char url[ENDPOINT_TEXT_SIZE];
static struct tls_context *context;
static struct channel crowd[CROWD];

static void start(const char *options)
{
    tls_bed_start(&server, "server", options, url);
    context = tls_bed_context(NULL);
}

static void stop(void)
{
    tls_context_release(context);
    fixture_stop(&server);
}

static void open_crowd(void)
{
    for (int i = 0; i < CROWD; i++)
        tls_bed_connect(&crowd[i], url, context);
}

static void close_crowd(void)
{
    for (int i = 0; i < CROWD; i++)
        channel_close(&crowd[i]);
}

/* The record that announces an end (close_notify), and then the end. */
static void expect_announced_end(const struct channel *channel)
{
    enum { ALERT_SIZE = 24 };
    struct byte_buffer rest = {0};
    wire_read_to_end(channel->fd, &rest);
    ck_assert_uint_eq(rest.size, ALERT_SIZE);
    ck_assert_int_eq(memcmp(rest.bytes, "\x17\x03\x03\x00\x13", 5), 0);
    byte_buffer_free(&rest);
}

/* ---- half a record ---- */

/* A client that sends its data but for the last bytes, or only so many of the first. */
static int send_part(int missing, size_t first)
{
    struct byte_buffer bytes = {0};
    int fd = wire_connect(url);
    struct tls_records *records = tls_records_open(fd);
    tls_records_add_data(records, &bytes, "PING\r\n");
    wire_send(fd, bytes.bytes, bytes.size);
    byte_buffer_truncate(&bytes, 0);
    tls_records_add_data(records, &bytes, "PING\r\n");
    wire_send(fd, bytes.bytes, first > 0 ? first : bytes.size - (size_t)missing);
    byte_buffer_free(&bytes);
    tls_records_free(records);
    return fd;
}

static const struct {
    int missing;
    size_t first;
} parts[] = {{1, 0}, {0, 1}, {0, 5}, {0, 6}}; /* a record's header has 5 bytes */

START_TEST(half_a_record_is_half_a_request)
{
    struct byte_buffer rest = {0};
    if (!tls_bed_is_ready())
        return;
    start("--workers 2 --request-timeout 1s");
    int quiet = send_part(0, 0);
    int half = send_part(parts[_i].missing, parts[_i].first);
    fixture_wait_info(&server, "closed_request_timeout", 1);
    wire_read_to_end(half, &rest); /* it was told, too */
    ck_assert_double_eq(fixture_info(&server, "closed_request_timeout"), 1);
    ck_assert_double_eq(fixture_info(&server, "closed_idle"), 0);
    byte_buffer_free(&rest);
    close(half);
    close(quiet);
    fixture_wait_info(&server, "closed_client", 1);
    stop();
}
END_TEST

/* ---- memory ---- */

/* It is counted when a visit ends, and a handshake on its way there counts as one. */
static void wait_memory(double bytes)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    double counted = 0;
    while ((counted = fixture_info(&server, "client_memory_bytes")) != bytes)
        ck_assert_msg(monotonic_ns() < deadline_ns, "%.0f bytes are counted, not %.0f", counted,
                      bytes);
}

START_TEST(streams_count_as_memory_of_clients)
{
    enum { IDLE = 15 * KIB, HANDSHAKING = 160 * KIB, PENDING = 31 * KIB };
    if (!tls_bed_is_ready())
        return;
    start("--workers 2 --max-client-memory 0");
    open_crowd();
    fixture_wait_info(&server, "tls_handshakes_total", CROWD);
    wait_memory(CROWD * IDLE);
    int half = send_part(1, 0);
    wait_memory(CROWD * IDLE + PENDING);
    int silent = wire_connect(url);
    wait_memory(CROWD * IDLE + PENDING + HANDSHAKING);
    close(half);
    close(silent);
    close_crowd();
    wait_memory(0);
    stop();
}
END_TEST

/* Handshakes take most, so that those who are in stay in. */
START_TEST(streams_beyond_the_limit_are_closed)
{
    enum { LIMIT = 1024 * KIB, ROOM = LIMIT - 15 * KIB, HANDSHAKING = 160 * KIB };
    enum { MOST = ROOM / HANDSHAKING, LEAST = (ROOM - LIMIT / 8) / HANDSHAKING };
    struct channel client;
    int silent[CROWD];
    if (!tls_bed_is_ready())
        return;
    start("--workers 2 --max-client-memory 1m");
    tls_bed_connect(&client, url, context);
    tls_bed_exchange(&client, "PING\r\n", "+PONG\r\n");
    for (int i = 0; i < CROWD; i++)
        silent[i] = wire_connect(url);
    fixture_wait_info(&server, "closed_memory_limit", CROWD - MOST);
    /* No more are closed than an eighth of the limit is room for. */
    ck_assert_double_le(fixture_info(&server, "closed_memory_limit"), CROWD - LEAST);
    ck_assert_double_le(fixture_info(&server, "client_memory_bytes"), LIMIT);
    tls_bed_exchange(&client, "PING\r\n", "+PONG\r\n");
    channel_close(&client);
    for (int i = 0; i < CROWD; i++)
        close(silent[i]);
    stop();
}
END_TEST

/* ---- ends that the client did not ask for ---- */

static void be_idle(void)
{
    fixture_wait_info(&server, "closed_idle", 1);
}

static void be_stopped(void)
{
    /* A connection is quiet after a second; this one is closed at once, the server's last. */
    uint64_t quiet_ns = monotonic_ns() + (uint64_t)1500 * NS_PER_MS;
    while (monotonic_ns() < quiet_ns)
        (void)fixture_info(&server, "connected_clients");
    ck_assert_int_eq(kill(server.process.pid, SIGTERM), 0);
}

static const struct {
    const char *options;
    void (*come_to_an_end)(void);
} ends[] = {
    {"--workers 1 --idle-timeout 1s", be_idle},
    {"--workers 1", be_stopped},
};

START_TEST(the_end_is_announced)
{
    struct channel client;
    if (!tls_bed_is_ready())
        return;
    start(ends[_i].options);
    tls_bed_connect(&client, url, context);
    tls_bed_exchange(&client, "PING\r\n", "+PONG\r\n"); /* what came with the handshake is read */
    ends[_i].come_to_an_end();
    expect_announced_end(&client);
    channel_close(&client);
    if (ends[_i].come_to_an_end == be_stopped)
        fixture_expect_exit(&server, 0);
    else
        fixture_stop(&server);
    tls_context_release(context);
}
END_TEST

Suite *tls_limits_suite(void)
{
    Suite *suite = suite_create("tls_limits");
    TCase *tests = tcase_create("tls_limits");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_loop_test(tests, half_a_record_is_half_a_request, 0,
                        sizeof(parts) / sizeof(parts[0]));
    tcase_add_test(tests, streams_count_as_memory_of_clients);
    tcase_add_test(tests, streams_beyond_the_limit_are_closed);
    tcase_add_loop_test(tests, the_end_is_announced, 0, sizeof(ends) / sizeof(ends[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
