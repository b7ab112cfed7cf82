/* SPDX-License-Identifier: MIT */
/* Sessions that are resumed, and certificates that are replaced while the server runs. */
#include "common/clock.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/tls_bed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fixture server;
static char url[ENDPOINT_TEXT_SIZE];

static void put(const char *from, const char *to)
{
    char *text = scratch_read(from);
    scratch_write(to, text);
    free(text);
}

/* From the next reload on, shown.pem is a copy of this certificate. */
static void show(const char *certificate)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.pem", certificate);
    put(name, "shown.pem");
    snprintf(name, sizeof(name), "%s.key", certificate);
    put(name, "shown.key");
    ck_assert_int_eq(chmod(scratch_path("shown.key"), 0600), 0);
}

static size_t count_in_log(const char *text)
{
    struct byte_buffer log = {0};
    size_t count = 0;
    server_process_log(&server.process, &log);
    byte_buffer_append(&log, "", 1);
    for (const char *at = strstr(log.bytes, text); at != NULL; at = strstr(at + 1, text))
        count++;
    byte_buffer_free(&log);
    return count;
}

/* SIGHUP; waits for the line that tells what came of it. */
static void reload(const char *event)
{
    size_t before = count_in_log(event);
    server_process_signal(&server.process, SIGHUP);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)PATIENCE_MS * NS_PER_MS;
    while (count_in_log(event) == before)
        ck_assert_msg(monotonic_ns() < deadline_ns, "no %s after SIGHUP", event);
}

/* Runs `openssl s_client`; its output is to have the part. */
static void ask(const char *options, const char *part)
{
    char line[400];
    struct program_run run;
    snprintf(line, sizeof(line), "s_client -connect %s -CAfile @ca.pem -ign_eof %s",
             tls_bed_address(url), options);
    tls_bed_run(&run, tls_bed_openssl(), line, "PING\r\nQUIT\r\n");
    program_expect_part(run.output, part);
    program_run_free(&run);
}

static const char *const versions[] = {"-tls1_2", "-tls1_3"};

START_TEST(a_session_is_resumed_also_after_a_reload)
{
    char options[100];
    if (!tls_bed_is_ready())
        return;
    show("server");
    tls_bed_start(&server, "shown", "--workers 2", url);
    snprintf(options, sizeof(options), "%s -sess_out @session", versions[_i]);
    ask(options, "New, TLSv1.");
    ck_assert_double_eq(fixture_info(&server, "tls_resumed_total"), 0);
    snprintf(options, sizeof(options), "%s -sess_in @session", versions[_i]);
    ask(options, "Reused, TLSv1.");
    ck_assert_double_eq(fixture_info(&server, "tls_resumed_total"), 1);
    show("next");
    reload(" info tls_reloaded ");
    ask(options, "Reused, TLSv1.");
    ck_assert_double_eq(fixture_info(&server, "tls_resumed_total"), 2);
    ck_assert_double_eq(fixture_info(&server, "tls_handshakes_total"), 3);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_reload_drops_nobody_and_shows_the_new_certificate)
{
    enum { CLIENTS = 100, RELOADS = 10 };
    static struct channel clients[CLIENTS];
    if (!tls_bed_is_ready())
        return;
    show("server");
    tls_bed_start(&server, "shown", "--workers 2", url);
    struct tls_context *context = tls_bed_context(NULL);
    for (size_t i = 0; i < CLIENTS; i++)
        tls_bed_connect(&clients[i], url, context);
    ask("", "subject=CN = server\n");
    for (int round = 0; round < RELOADS; round++) {
        show(round % 2 == 0 ? "next" : "server");
        for (size_t i = 0; i < CLIENTS; i++)
            tls_bed_send(&clients[i], "ECHO a\r\n", 8);
        reload(" info tls_reloaded ");
        for (size_t i = 0; i < CLIENTS; i++)
            tls_bed_exchange(&clients[i], "PING\r\n", "$1\r\na\r\n+PONG\r\n");
    }
    show("next");
    reload(" info tls_reloaded ");
    ask("", "subject=CN = next\n");
    ck_assert_double_eq(fixture_info(&server, "closed_reset"), 0);
    for (size_t i = 0; i < CLIENTS; i++)
        channel_close(&clients[i]);
    tls_context_release(context);
    fixture_stop(&server);
}
END_TEST

START_TEST(files_that_will_not_do_change_nothing)
{
    if (!tls_bed_is_ready())
        return;
    show("server");
    tls_bed_start(&server, "shown", "--workers 1", url);
    put("next.pem", "shown.pem"); /* which the key does not belong to */
    reload(" error tls_reload_failed error=\"the key ");
    ask("", "subject=CN = server\n");
    scratch_write("shown.pem", "nothing\n");
    reload(" holds no usable certificate: ");
    ask("", "subject=CN = server\n");
    show("next");
    reload(" info tls_reloaded ");
    ask("", "subject=CN = next\n");
    fixture_stop(&server);
}
END_TEST

/* A session must not outlive the trust in the authority that the client's certificate came from. */
START_TEST(who_is_no_longer_trusted_cannot_resume)
{
    static const char client[] = "-cert @client.pem -key @client.key";
    char options[200];
    if (!tls_bed_is_ready())
        return;
    put("ca.pem", "trusted.pem");
    snprintf(options, sizeof(options), "--workers 1 --tls-client-certificates required --tls-ca %s",
             scratch_path("trusted.pem"));
    tls_bed_start(&server, "server", options, url);
    snprintf(options, sizeof(options), "%s -sess_out @session", client);
    ask(options, "+PONG\r\n");
    ask("-sess_in @session", "Reused, TLSv1.3");
    ck_assert_double_eq(fixture_info(&server, "tls_resumed_total"), 1);
    put("other.pem", "trusted.pem");
    reload(" info tls_reloaded ");
    snprintf(options, sizeof(options), "%s -sess_in @session", client);
    ask(options, "New, TLSv1.3");
    fixture_wait_info(&server, "closed_tls_handshake", 1);
    ck_assert_double_eq(fixture_info(&server, "tls_resumed_total"), 1);
    fixture_stop(&server);
}
END_TEST

START_TEST(a_server_without_certificates_ignores_the_order)
{
    fixture_start(&server, "--workers 1");
    server_process_signal(&server.process, SIGHUP);
    ck_assert_double_eq(fixture_info(&server, "connections_total"), 1);
    fixture_stop(&server);
}
END_TEST

Suite *tls_reload_suite(void)
{
    Suite *suite = suite_create("tls_reload");
    TCase *tests = tcase_create("tls_reload");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, tls_bed_make, tls_bed_remove);
    tcase_add_loop_test(tests, a_session_is_resumed_also_after_a_reload, 0, COUNT(versions));
    tcase_add_test(tests, a_reload_drops_nobody_and_shows_the_new_certificate);
    tcase_add_test(tests, files_that_will_not_do_change_nothing);
    tcase_add_test(tests, who_is_no_longer_trusted_cannot_resume);
    tcase_add_test(tests, a_server_without_certificates_ignores_the_order);
    suite_add_tcase(suite, tests);
    return suite;
}
