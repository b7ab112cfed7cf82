/* SPDX-License-Identifier: MIT */
/*
 * What the server that is soaked keeps secret: a password file and, where crew was built with TLS
 * and there is an openssl program, a certificate with its key. They lie in a folder of their own
 * and are replaced again and again while the server runs. One thread.
 */
#ifndef CREW_TESTS_SOAK_SECRETS_H
#define CREW_TESTS_SOAK_SECRETS_H

#include "bench/base/bench_error.h"
#include "bench/trial/server_process.h"
#include "common/tls.h"

#include <stdbool.h>
#include <stdint.h>

enum { SECRETS_OPTIONS_MOST = 8, SECRETS_PATH_SIZE = 64 };

/* It opens the server for as long as this runs; another one, beside it in the file, changes. */
#define SECRETS_PASSWORD "soak"

struct secrets {
    char folder[32]; /* empty: there are none */
    char passwords[SECRETS_PATH_SIZE];
    char certificate[SECRETS_PATH_SIZE]; /* a link to one of two, like the next */
    char key[SECRETS_PATH_SIZE];
    struct tls_context *trust; /* the clients'; NULL: nothing is encrypted */
    uint64_t renewals;         /* each one was followed by a SIGHUP */
    uint64_t next_ns;          /* when the next one is due */
};

/* Whether clients have to log in. */
static inline bool secrets_exist(const struct secrets *secrets)
{
    return secrets->folder[0] != '\0';
}

/* Makes them; `encrypted` asks for TLS, too. False after filling `error`; secrets_remove is due
 * either way. */
bool secrets_make(struct secrets *secrets, bool encrypted, char error[BENCH_ERROR_SIZE]);
void secrets_remove(struct secrets *secrets);

/* The server's options for them, and a listener of tls://; the list is ended by NULL. */
void secrets_options(const struct secrets *secrets, const char *options[SECRETS_OPTIONS_MOST + 1]);

/* Every second: replaces password file and certificate and sends SIGHUP, if the server has followed
 * the last one. False after filling `error` when files cannot be written. */
bool secrets_step(struct secrets *secrets, struct server_process *server, uint64_t now_ns,
                  char error[BENCH_ERROR_SIZE]);

/* How often the server has read its files again, and how often they would not do. */
void secrets_count(const struct secrets *secrets, const struct server_process *server,
                   uint64_t *followed, uint64_t *failed);

#endif
