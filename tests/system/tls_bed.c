/* SPDX-License-Identifier: MIT */
#include "tests/system/tls_bed.h"

#include "common/clock.h"
#include "common/dial.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static char openssl[512]; /* the program; empty when there is none */

bool tls_bed_is_ready(void)
{
    return openssl[0] != '\0';
}

void tls_bed_put_port(char *line, size_t size, const char *format, const char *url)
{
    const char *port = strrchr(url, ':') + 1;
    size_t used = 0;
    for (const char *at = format; *at != '\0'; at++) {
        int added = *at == '#' ? snprintf(line + used, size - used, "%s", port)
                               : snprintf(line + used, size - used, "%c", *at);
        used += (size_t)added;
        ck_assert_uint_lt(used, size);
    }
    line[used] = '\0';
}

void tls_bed_run(struct program_run *run, const char *program, const char *line, const char *input)
{
    enum { WORDS = 40 };
    char text[1024];
    char paths[WORDS][128];
    const char *words[WORDS + 1] = {NULL};
    size_t count = 0;
    snprintf(text, sizeof(text), "%s", line);
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        ck_assert_uint_lt(count, WORDS);
        snprintf(paths[count], sizeof(paths[count]), "%s",
                 word[0] == '@' ? scratch_path(word + 1) : word);
        words[count] = paths[count];
        count++;
    }
    program_run(run, program, words, input);
}

static void run_openssl(const char *line)
{
    struct program_run run;
    tls_bed_run(&run, openssl, line, NULL);
    ck_assert_msg(run.status == 0, "openssl %s: %s", line, run.errors);
    program_run_free(&run);
}

const char *tls_bed_openssl(void)
{
    return openssl;
}

#define NEW_KEY "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
#define HERE    "DNS:localhost,IP:127.0.0.1"

static void make_authority(const char *name)
{
    char line[512];
    snprintf(line, sizeof(line),
             "req -x509 " NEW_KEY "-keyout @%s.key -out @%s.pem -days 2 -subj /CN=authority-%s",
             name, name, name);
    run_openssl(line);
}

static void make_certificate(const char *name, const char *authority, const char *hosts, int days)
{
    char line[512];
    snprintf(line, sizeof(line),
             "req " NEW_KEY "-addext subjectAltName=%s -keyout @%s.key -out @request -subj /CN=%s",
             hosts, name, name);
    run_openssl(line);
    snprintf(line, sizeof(line),
             "x509 -req -in @request -CA @%s.pem -CAkey @%s.key -CAcreateserial "
             "-copy_extensions copy -days %d -out @%s.pem",
             authority, authority, days, name);
    run_openssl(line);
}

void tls_bed_make(void)
{
    scratch_folder_make();
    const char *program =
        tls_is_available() ? program_peer("openssl") : program_skip("crew was built without TLS");
    if (program == NULL)
        return;
    snprintf(openssl, sizeof(openssl), "%s", program);
    make_authority("ca");
    make_authority("other");
    make_certificate("server", "ca", HERE, 2);
    make_certificate("next", "ca", HERE, 2);
    make_certificate("late", "ca", HERE, -1);
    make_certificate("elsewhere", "ca", "DNS:example.org", 2);
    make_certificate("client", "ca", HERE, 2);
    make_certificate("stranger", "other", HERE, 2);
}

void tls_bed_remove(void)
{
    scratch_folder_remove();
}

void tls_bed_start(struct fixture *server, const char *certificate, const char *options,
                   char url[ENDPOINT_TEXT_SIZE])
{
    char words[500];
    char key[64];
    char pem[64];
    snprintf(key, sizeof(key), "%s.key", certificate);
    snprintf(pem, sizeof(pem), "%s.pem", certificate);
    snprintf(words, sizeof(words),
             "--listen tcp://127.0.0.1:0 --listen tls://127.0.0.1:0 --tls-certificate %s "
             "--tls-key %s %s",
             scratch_path(pem), scratch_path(key), options);
    fixture_start(server, words);
    fixture_url(server, 1, url);
}

struct tls_context *tls_bed_context(const char *certificate)
{
    char key[64];
    char pem[64];
    char message[TLS_MESSAGE_SIZE];
    struct tls_files files = {.ca = scratch_path("ca.pem")};
    if (certificate != NULL) {
        snprintf(key, sizeof(key), "%s.key", certificate);
        snprintf(pem, sizeof(pem), "%s.pem", certificate);
        files.certificate = scratch_path(pem);
        files.key = scratch_path(key);
    }
    struct tls_context *context = tls_context_for_client(&files, TLS_VERIFY_REQUIRED, message);
    ck_assert_msg(context != NULL, "%s", message);
    return context;
}

void tls_bed_connect(struct channel *channel, const char *url, struct tls_context *context)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_SIZE];
    ck_assert_msg(endpoint_parse(url, &endpoint, error), "%s", error);
    ck_assert_msg(channel_open(channel, &endpoint, context, PATIENCE_MS, error), "%s", error);
}

static void wait_for(const struct channel *channel, const char *what)
{
    ck_assert_msg(errno == EAGAIN, "%s: %s", what, channel_reason(channel, errno));
    ck_assert_msg(wait_for_socket(channel->fd, channel_events(channel, POLLIN), PATIENCE_MS),
                  "%s: nothing for too long", what);
}

void tls_bed_send(struct channel *channel, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = channel_send(channel, at, size);
        if (sent < 0) {
            wait_for(channel, "sending");
            continue;
        }
        at += sent;
        size -= (size_t)sent;
    }
}

void tls_bed_read(struct channel *channel, void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t got = channel_receive(channel, at, size);
        ck_assert_int_ne(got, 0);
        if (got < 0) {
            wait_for(channel, "receiving");
            continue;
        }
        at += got;
        size -= (size_t)got;
    }
}

void tls_bed_exchange(struct channel *channel, const char *request, const char *reply)
{
    char got[512] = "";
    ck_assert_uint_lt(strlen(reply), sizeof(got));
    tls_bed_send(channel, request, strlen(request));
    tls_bed_read(channel, got, strlen(reply));
    ck_assert_str_eq(got, reply);
}

void tls_bed_expect_end(struct channel *channel)
{
    char byte;
    ssize_t got;
    while ((got = channel_receive(channel, &byte, 1)) < 0)
        wait_for(channel, "waiting for the end");
    ck_assert_int_eq(got, 0);
}

const char *tls_bed_address(const char *url)
{
    return strstr(url, "://") + 3;
}
