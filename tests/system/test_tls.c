/* SPDX-License-Identifier: MIT */
/* What crew-server does on a tls:// listener, whatever its clients do. */
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"
#include "tests/system/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { EXIT_USAGE = 2 };

/* ---- files ---- */

/* Rows of start errors; '@' begins the name of a file in the scratch folder. */
static const struct {
    const char *certificate;
    const char *key;
    const char *ca; /* NULL for none */
    const char *error;
} bad_files[] = {
    {"@none", "@server.key", NULL, "cannot read the certificate @none: No such file or directory"},
    {"@server.pem", "@none", NULL, "cannot read the key @none: No such file or directory"},
    {"@server.key", "@server.key", NULL, "@server.key holds no usable certificate: no start line"},
    {"@server.pem", "@no.key", NULL,
     "@no.key holds no usable private key without a password: unsupported"},
    {"@server.pem", "@next.key", NULL,
     "the key @next.key does not belong to the certificate @server.pem"},
    {"@server.pem", "@open.key", NULL,
     "the key @open.key is open to all users (mode 0644): chmod 600 @open.key"},
    {"@server.pem", "@locked.key", NULL,
     "@locked.key holds no usable private key without a password: "},
    {"@server.pem", "@server.key", "@none",
     "cannot read the certificate authorities @none: No such file or directory"},
    {"@server.pem", "@server.key", "@ca.key",
     "@ca.key holds no usable certificate: no certificate or crl found"},
};

/* The text with the folder's path for each '@'. */
static void expand(const char *text, char *out, size_t size)
{
    size_t used = 0;
    for (const char *at = text; *at != '\0' && used + 1 < size; at++) {
        int added = *at == '@' ? snprintf(out + used, size - used, "%s", scratch_path(""))
                               : snprintf(out + used, size - used, "%c", *at);
        used += (size_t)added;
    }
    ck_assert_uint_lt(used + 1, size);
}

static void copy(const char *from, const char *name, mode_t mode)
{
    char *text = scratch_read(from);
    scratch_write(name, text);
    ck_assert_int_eq(chmod(scratch_path(name), mode), 0);
    free(text);
}

START_TEST(a_file_that_will_not_do_is_named)
{
    if (!tls_bed_is_ready())
        return;
    char certificate[200];
    char key[200];
    char ca[200];
    char expected[500];
    copy("server.key", "open.key", 0644);
    copy("server.pem", "no.key", 0600);
    const char *const lock[] = {
        "pkey",        "-in",  scratch_path("server.key"), "-aes128", "-passout",
        "pass:secret", "-out", scratch_path("locked.key"), NULL};
    struct program_run run;
    program_expect(&run, program_peer("openssl"), lock, NULL, 0);
    program_run_free(&run);
    ck_assert_int_eq(chmod(scratch_path("locked.key"), 0600), 0);
    expand(bad_files[_i].certificate, certificate, sizeof(certificate));
    expand(bad_files[_i].key, key, sizeof(key));
    expand(bad_files[_i].ca != NULL ? bad_files[_i].ca : "", ca, sizeof(ca));
    expand(bad_files[_i].error, expected, sizeof(expected));
    const char *words[16] = {"--listen",  "tls://127.0.0.1:0", "--tls-certificate",
                             certificate, "--tls-key",         key};
    if (bad_files[_i].ca != NULL) {
        words[6] = "--tls-client-certificates=required";
        words[7] = "--tls-ca";
        words[8] = ca;
    }
    program_expect(&run, program_path("crew-server"), words, NULL, EXIT_USAGE);
    program_expect_part(run.errors, expected);
    ck_assert_int_eq(strncmp(run.errors, "crew-server: ", strlen("crew-server: ")), 0);
    program_run_free(&run);
}
END_TEST

START_TEST(a_listener_without_certificate_is_refused)
{
    const char *const words[] = {"--listen", "tls://127.0.0.1:0", NULL};
    struct program_run run;
    program_expect(&run, program_path("crew-server"), words, NULL, EXIT_USAGE);
    program_expect_part(run.errors, "crew-server: listening on tls://127.0.0.1:");
    program_expect_part(run.errors, " needs --tls-certificate and --tls-key\n");
    program_run_free(&run);
}
END_TEST

START_TEST(an_expired_certificate_is_shown_with_a_warning)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    char line[300];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "late", "--workers 1", url);
    snprintf(line, sizeof(line), " warn tls_certificate problem=\"the certificate %s has expired\"",
             scratch_path("late.pem"));
    ck_assert(server_process_wait_log(&server.process, line, PATIENCE_MS));
    fixture_stop(&server);
}
END_TEST

/* ---- serving ---- */

START_TEST(requests_are_served_as_without_tls)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    struct channel client;
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 2", url);
    ck_assert_int_eq(strncmp(url, "tls://127.0.0.1:", strlen("tls://127.0.0.1:")), 0);
    struct tls_context *context = tls_bed_context(NULL);
    tls_bed_connect(&client, url, context);
    tls_bed_exchange(&client, "PING\r\n", "+PONG\r\n");
    tls_bed_exchange(
        &client, "FOO\r\nWORK SLEEP 1000\r\nECHO hi\r\n",
        "-ERR unknown command 'FOO', with args beginning with: \r\n+OK\r\n$2\r\nhi\r\n");
    tls_bed_exchange(&client, "QUIT\r\n", "+OK\r\n");
    tls_bed_expect_end(&client);
    channel_close(&client);
    fixture_wait_info(&server, "closed_quit", 1);
    ck_assert_double_eq(fixture_info(&server, "tls_handshakes_total"), 1);
    ck_assert_double_eq(fixture_info(&server, "tls_resumed_total"), 0);
    tls_context_release(context);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_megabyte_goes_both_ways)
{
    enum { SIZE = 1 << 20, ROUNDS = 3 };
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    struct channel client;
    static char request[SIZE + 64];
    static char reply[SIZE + 32];
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1", url);
    struct tls_context *context = tls_bed_context(NULL);
    tls_bed_connect(&client, url, context);
    int head = snprintf(request, sizeof(request), "*2\r\n$4\r\nECHO\r\n$%d\r\n", SIZE);
    for (size_t i = 0; i < SIZE; i++)
        request[(size_t)head + i] = (char)(i * 7 + i / 1000);
    memcpy(request + head + SIZE, "\r\n", 2);
    const char *bulk = strstr(request + 8, "$1");
    size_t reply_size = (size_t)head + SIZE + 2 - (size_t)(bulk - request);
    for (int i = 0; i < ROUNDS; i++) {
        tls_bed_send(&client, request, (size_t)head + SIZE + 2);
        tls_bed_read(&client, reply, reply_size);
        ck_assert(memcmp(reply, bulk, reply_size) == 0);
    }
    channel_close(&client);
    tls_context_release(context);
    fixture_stop(&server);
}
END_TEST

/* More than a turn's requests in one record, and in many. Round after round, since what is left in
 * the stream when a turn ends must be found again however the records fall into turns. */
START_TEST(a_thousand_pipelined_requests_are_answered)
{
    enum { REQUESTS = 1000, LINE = 16, ROUNDS = 400 };
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    static char requests[REQUESTS * LINE + 1];
    static char expected[REQUESTS * LINE + 1];
    static char got[sizeof(expected)];
    struct channel client;
    size_t size = 0;
    size_t expected_size = 0;
    if (!tls_bed_is_ready())
        return;
    for (int i = 0; i < REQUESTS; i++) {
        size += (size_t)snprintf(requests + size, sizeof(requests) - size, "ECHO %04d\r\n", i);
        expected_size += (size_t)snprintf(expected + expected_size,
                                          sizeof(expected) - expected_size, "$4\r\n%04d\r\n", i);
    }
    tls_bed_start(&server, "server", "--workers 1", url);
    struct tls_context *context = tls_bed_context(NULL);
    tls_bed_connect(&client, url, context);
    for (int round = 0; round < ROUNDS; round++) {
        size_t step = round == 0 ? size : (size_t)(3 + round % 200); /* at once, then in pieces */
        for (size_t at = 0; at < size; at += step)
            tls_bed_send(&client, requests + at, at + step < size ? step : size - at);
        tls_bed_read(&client, got, expected_size);
        ck_assert(memcmp(got, expected, expected_size) == 0);
    }
    channel_close(&client);
    tls_context_release(context);
    fixture_stop(&server);
}
END_TEST

/* The server parks a connection that is drained. If it took what an earlier receive had found for
 * the truth, it would not look at what came meanwhile and had its event. */
START_TEST(a_stream_says_it_is_drained_only_when_it_has_looked)
{
    int ends[2];
    char message[TLS_MESSAGE_SIZE];
    char got[16];
    if (!tls_bed_is_ready())
        return;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    struct tls_files files = {scratch_path("server.pem"), scratch_path("server.key"), NULL};
    struct tls_context *shown = tls_context_for_server(&files, TLS_VERIFY_NONE, message);
    struct tls_context *trusting = tls_bed_context(NULL);
    struct tls_stream *server = tls_stream_create(shown, ends[0], NULL);
    struct tls_stream *client = tls_stream_create(trusting, ends[1], "localhost");
    while (tls_stream_handshake(client) != 0 && errno == EAGAIN)
        (void)tls_stream_handshake(server);
    ck_assert_int_eq(tls_stream_handshake(server), 0);
    ck_assert_int_eq(tls_stream_send(client, "one", 3), 3);
    ck_assert_int_eq(tls_stream_send(client, "two", 3), 3);
    ck_assert_int_eq(tls_stream_receive(server, got, sizeof(got)), 3);
    ck_assert(!tls_stream_is_drained(server)); /* the other record is in the stream */
    ck_assert_int_eq(tls_stream_send(client, "three", 5), 5);
    ck_assert_int_eq(tls_stream_receive(server, got, sizeof(got)), 3);
    ck_assert(!tls_stream_is_drained(server)); /* it has not seen the third */
    ck_assert_int_eq(tls_stream_receive(server, got, sizeof(got)), 5);
    ck_assert(tls_stream_is_drained(server));
    tls_stream_free(client);
    tls_stream_free(server);
    tls_context_release(trusting);
    tls_context_release(shown);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(a_stop_answers_what_came_and_says_so)
{
    struct fixture server;
    char url[ENDPOINT_TEXT_SIZE];
    struct channel client;
    struct channel silent;
    if (!tls_bed_is_ready())
        return;
    tls_bed_start(&server, "server", "--workers 1", url);
    struct tls_context *context = tls_bed_context(NULL);
    silent.fd = wire_connect(url);
    tls_bed_connect(&client, url, context);
    tls_bed_exchange(&client, "PING\r\n", "+PONG\r\n");
    tls_bed_send(&client, "WORK SLEEP 200000\r\nECHO last\r\n",
                 strlen("WORK SLEEP 200000\r\nECHO last\r\n"));
    fixture_wait_info(&server, "connections_total", 3);
    server_process_signal(&server.process, SIGTERM);
    tls_bed_exchange(&client, "", "+OK\r\n$4\r\nlast\r\n");
    tls_bed_expect_end(&client);
    wire_expect_end(silent.fd);
    close(silent.fd);
    channel_close(&client);
    tls_context_release(context);
    fixture_expect_exit(&server, 0);
}
END_TEST

Suite *tls_suite(void)
{
    Suite *suite = suite_create("tls");
    TCase *tests = tcase_create("tls");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_loop_test(tests, a_file_that_will_not_do_is_named, 0, COUNT(bad_files));
    tcase_add_test(tests, a_listener_without_certificate_is_refused);
    tcase_add_test(tests, an_expired_certificate_is_shown_with_a_warning);
    tcase_add_test(tests, requests_are_served_as_without_tls);
    tcase_add_test(tests, a_megabyte_goes_both_ways);
    tcase_add_test(tests, a_thousand_pipelined_requests_are_answered);
    tcase_add_test(tests, a_stream_says_it_is_drained_only_when_it_has_looked);
    tcase_add_test(tests, a_stop_answers_what_came_and_says_so);
    suite_add_tcase(suite, tests);
    return suite;
}
