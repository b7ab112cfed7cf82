/* SPDX-License-Identifier: MIT */
/* What a client's options say about TLS, the same in every program. One thread. */
#ifndef CREW_COMMON_TLS_CLIENT_H
#define CREW_COMMON_TLS_CLIENT_H

#include "common/endpoint.h"
#include "common/option.h"
#include "common/tls.h"

struct tls_client_options {
    const char *ca; /* NULL for none, as with the others */
    const char *certificate;
    const char *key;
    bool insecure;
};

/* Rows of an option table; `field` is the offset of its struct tls_client_options. */
#define TLS_CLIENT_OPTIONS(field)                                                                  \
    {.name = "tls-ca",                                                                             \
     .type = OPTION_TEXT,                                                                          \
     .offset = (field) + offsetof(struct tls_client_options, ca),                                  \
     .unit = "file",                                                                               \
     .help = "Certificates of the authorities that a tls:// server's certificate has to come "     \
             "from, in PEM format. Default: those that the system trusts."},                       \
        {.name = "tls-certificate",                                                                \
         .type = OPTION_TEXT,                                                                      \
         .offset = (field) + offsetof(struct tls_client_options, certificate),                     \
         .unit = "file",                                                                           \
         .help = "Certificate to show to a tls:// server, with its chain."},                       \
        {.name = "tls-key",                                                                        \
         .type = OPTION_TEXT,                                                                      \
         .offset = (field) + offsetof(struct tls_client_options, key),                             \
         .unit = "file",                                                                           \
         .help = "The private key of that certificate."},                                          \
    {                                                                                              \
        .name = "tls-insecure", .type = OPTION_FLAG,                                               \
        .offset = (field) + offsetof(struct tls_client_options, insecure),                         \
        .help = "Talk to any tls:// server, whoever it may be: anybody in between can read along." \
    }

/*
 * The context for connections to `server`: NULL unless it is a tls:// server; else it is to be
 * released. False after filling `message` when files or options do not do. Otherwise `message` is
 * empty or a warning.
 */
bool tls_client_context(const struct tls_client_options *options, const struct endpoint *server,
                        struct tls_context **context, char message[TLS_MESSAGE_SIZE]);

/* What to add to the reason why there is no TLS with a server: which options help, or "". */
const char *tls_client_hint(enum tls_trouble trouble);

/* The other way round: what to add when a server, before any reply, ended the connection after
 * these bytes, or sent them and they make no sense. "" unless it may have expected TLS. */
const char *tls_client_plain_hint(const struct endpoint *server, const char *bytes, size_t size);

#endif
