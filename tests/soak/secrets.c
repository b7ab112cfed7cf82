/* SPDX-License-Identifier: MIT */
#include "tests/soak/secrets.h"

#include "common/byte_buffer.h"
#include "common/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { EVERY_NS = NS_PER_S, CERTIFICATES = 2 };

/* All that the folder may hold. */
static const char *const files[] = {"passwords", "server.pem", "server.key",  "0.pem", "0.key",
                                    "1.pem",     "1.key",      "trusted.pem", "new"};

static const char *path_of(const struct secrets *secrets, const char *name,
                           char path[SECRETS_PATH_SIZE])
{
    snprintf(path, SECRETS_PATH_SIZE, "%s/%s", secrets->folder, name);
    return path;
}

static bool fail(const struct secrets *secrets, const char *what, char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "cannot %s in '%s': %s", what, secrets->folder,
             strerror(errno));
    return false;
}

/* The new file takes the old one's place at once: the server never finds half of one. */
static bool replace_passwords(const struct secrets *secrets, char *error)
{
    char path[SECRETS_PATH_SIZE];
    FILE *file = fopen(path_of(secrets, "new", path), "we");
    bool written =
        file != NULL && fchmod(fileno(file), 0600) == 0 &&
        fprintf(file, "plain:old-%" PRIu64 "\nplain:" SECRETS_PASSWORD "\n", secrets->renewals) > 0;
    written = file != NULL && fclose(file) == 0 && written;
    return (written && rename(path, secrets->passwords) == 0) ||
           fail(secrets, "write a password file", error);
}

static bool replace_link(const struct secrets *secrets, const char *ending, const char *link)
{
    char target[16];
    char path[SECRETS_PATH_SIZE];
    snprintf(target, sizeof(target), "%" PRIu64 ".%s", secrets->renewals % CERTIFICATES, ending);
    return symlink(target, path_of(secrets, "new", path)) == 0 && rename(path, link) == 0;
}

static bool replace_certificate(const struct secrets *secrets, char *error)
{
    return (replace_link(secrets, "pem", secrets->certificate) &&
            replace_link(secrets, "key", secrets->key)) ||
           fail(secrets, "replace a certificate", error);
}

/* ---- certificates ---- */

/* Makes a certificate that vouches for itself, and its key. False when there is no openssl program,
 * or it failed. */
static bool run_openssl(const struct secrets *secrets, unsigned number)
{
    char key[SECRETS_PATH_SIZE + 8];
    char certificate[SECRETS_PATH_SIZE + 8];
    char subject[16];
    snprintf(key, sizeof(key), "%s/%u.key", secrets->folder, number);
    snprintf(certificate, sizeof(certificate), "%s/%u.pem", secrets->folder, number);
    snprintf(subject, sizeof(subject), "/CN=soak-%u", number);
    const char *const words[] = {"openssl",
                                 "req",
                                 "-x509",
                                 "-newkey",
                                 "ec",
                                 "-pkeyopt",
                                 "ec_paramgen_curve:P-256",
                                 "-nodes",
                                 "-days",
                                 "2",
                                 "-addext",
                                 "subjectAltName=IP:127.0.0.1",
                                 "-subj",
                                 subject,
                                 "-keyout",
                                 key,
                                 "-out",
                                 certificate,
                                 NULL};
    posix_spawn_file_actions_t silence;
    if (posix_spawn_file_actions_init(&silence) != 0)
        return false;
    pid_t pid = 0;
    int status = -1;
    bool ran = posix_spawn_file_actions_addopen(&silence, STDERR_FILENO, "/dev/null", 1, 0) == 0 &&
               posix_spawnp(&pid, "openssl", &silence, NULL, (char *const *)words, environ) == 0;
    posix_spawn_file_actions_destroy(&silence);
    while (ran && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return ran && status == 0;
}

/* Appends a certificate to those whom the clients trust. */
static bool trust_certificate(const struct secrets *secrets, unsigned number)
{
    char name[16];
    char path[SECRETS_PATH_SIZE];
    char text[4096];
    snprintf(name, sizeof(name), "%u.pem", number);
    FILE *from = fopen(path_of(secrets, name, path), "re");
    size_t size = from != NULL ? fread(text, 1, sizeof(text), from) : 0;
    if (from != NULL)
        fclose(from);
    FILE *to = fopen(path_of(secrets, "trusted.pem", path), "ae");
    bool written = to != NULL && size > 0 && fwrite(text, 1, size, to) == size;
    return to != NULL && fclose(to) == 0 && written;
}

static bool make_certificates(struct secrets *secrets, char *error)
{
    char path[SECRETS_PATH_SIZE];
    char message[TLS_MESSAGE_SIZE];
    for (unsigned i = 0; i < CERTIFICATES; i++) {
        if (!run_openssl(secrets, i)) {
            fputs("soak: no tls:// listener: 'openssl req' cannot be run\n", stderr);
            return true;
        }
        if (!trust_certificate(secrets, i))
            return fail(secrets, "copy a certificate", error);
    }
    const struct tls_files trusted = {.ca = path_of(secrets, "trusted.pem", path)};
    secrets->trust = tls_context_for_client(&trusted, TLS_VERIFY_REQUIRED, message);
    if (secrets->trust != NULL)
        return replace_certificate(secrets, error);
    snprintf(error, BENCH_ERROR_SIZE, "%s", message);
    return false;
}

/* ---- for the others ---- */

bool secrets_make(struct secrets *secrets, bool encrypted, char error[BENCH_ERROR_SIZE])
{
    *secrets = (struct secrets){.folder = "/tmp/crew-soak-XXXXXX"};
    if (mkdtemp(secrets->folder) == NULL) {
        fail(secrets, "make a folder", error);
        *secrets = (struct secrets){0};
        return false;
    }
    (void)path_of(secrets, "passwords", secrets->passwords);
    (void)path_of(secrets, "server.pem", secrets->certificate);
    (void)path_of(secrets, "server.key", secrets->key);
    return replace_passwords(secrets, error) && (!encrypted || make_certificates(secrets, error));
}

void secrets_remove(struct secrets *secrets)
{
    char path[SECRETS_PATH_SIZE];
    tls_context_release(secrets->trust);
    if (!secrets_exist(secrets))
        return;
    for (size_t i = 0; i < COUNT(files); i++)
        (void)unlink(path_of(secrets, files[i], path)); /* not all are there */
    (void)rmdir(secrets->folder);
    *secrets = (struct secrets){0};
}

void secrets_options(const struct secrets *secrets, const char *options[SECRETS_OPTIONS_MOST + 1])
{
    const char *const all[SECRETS_OPTIONS_MOST] = {
        "--password-file",   secrets->passwords,   "--listen",  "tls://127.0.0.1:0",
        "--tls-certificate", secrets->certificate, "--tls-key", secrets->key};
    size_t count = !secrets_exist(secrets) ? 0 : secrets->trust == NULL ? 2 : COUNT(all);
    memcpy(options, all, count * sizeof(all[0]));
    options[count] = NULL;
}

static uint64_t count_text(const struct byte_buffer *log, const char *text)
{
    uint64_t count = 0;
    for (const char *at = log->bytes; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

void secrets_count(const struct secrets *secrets, const struct server_process *server,
                   uint64_t *followed, uint64_t *failed)
{
    struct byte_buffer log = {0};
    server_process_log(server, &log);
    byte_buffer_append(&log, "", 1);
    *followed = 0;
    *failed = 1;
    if (!log.failed) {
        *followed =
            count_text(&log, secrets->trust != NULL ? " tls_reloaded " : " passwords_reloaded ");
        *failed = count_text(&log, "_reload_failed ");
    }
    byte_buffer_free(&log);
}

bool secrets_step(struct secrets *secrets, struct server_process *server, uint64_t now_ns,
                  char error[BENCH_ERROR_SIZE])
{
    uint64_t followed;
    uint64_t failed;
    if (!secrets_exist(secrets) || now_ns < secrets->next_ns)
        return true;
    secrets->next_ns = now_ns + EVERY_NS;
    secrets_count(secrets, server, &followed, &failed);
    if (followed < secrets->renewals)
        return true; /* two signals that wait are one to it */
    secrets->renewals++;
    if (!replace_passwords(secrets, error) ||
        (secrets->trust != NULL && !replace_certificate(secrets, error)))
        return false;
    server_process_signal(server, SIGHUP);
    return true;
}
