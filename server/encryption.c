/* SPDX-License-Identifier: MIT */
#include "server/encryption.h"

#include "common/log.h"

#include <stdio.h>

static bool fail(char *error, const char *text)
{
    snprintf(error, TLS_MESSAGE_SIZE, "%s", text);
    return false;
}

static bool check(const struct settings *settings, const struct listener_set *listeners,
                  char *error)
{
    if ((settings->tls_certificate == NULL) != (settings->tls_key == NULL))
        return fail(error, "--tls-certificate and --tls-key go together");
    if ((settings->tls_client_certificates == TLS_VERIFY_NONE) != (settings->tls_ca == NULL))
        return fail(error,
                    "--tls-ca and --tls-client-certificates optional or required go together");
    for (size_t i = 0; settings->tls_certificate == NULL && i < listeners->count; i++) {
        if (listeners->items[i].endpoint.scheme == ENDPOINT_TLS) {
            snprintf(error, TLS_MESSAGE_SIZE,
                     "listening on %.300s needs --tls-certificate and --tls-key",
                     listeners->items[i].url);
            return false;
        }
    }
    return settings->tls_ca == NULL || settings->tls_certificate != NULL ||
           fail(error, "--tls-ca needs --tls-certificate and --tls-key");
}

static struct tls_context *read_files(const struct settings *settings, char *message)
{
    struct tls_files files = {settings->tls_certificate, settings->tls_key, settings->tls_ca};
    struct tls_context *context = tls_context_for_server(
        &files, (enum tls_verification)settings->tls_client_certificates, message);
    if (context != NULL && message[0] != '\0')
        log_write(LOG_LEVEL_WARN, "tls_certificate", "problem=\"%s\"", message);
    return context;
}

bool encryption_open(struct encryption *encryption, const struct settings *settings,
                     const struct listener_set *listeners, char error[TLS_MESSAGE_SIZE])
{
    *encryption = (struct encryption){.context = NULL};
    if (!check(settings, listeners, error))
        return false;
    if (settings->tls_certificate != NULL) {
        encryption->context = read_files(settings, error);
        if (encryption->context == NULL)
            return false;
    }
    lock_init(&encryption->lock, LOCK_RANK_ENCRYPTION);
    return true;
}

bool encryption_is_offered(const struct encryption *encryption)
{
    return encryption->context != NULL;
}

void encryption_close(struct encryption *encryption)
{
    tls_context_release(encryption->context);
    lock_destroy(&encryption->lock);
}

void encryption_reload(struct encryption *encryption, const struct settings *settings)
{
    char message[TLS_MESSAGE_SIZE];
    if (settings->tls_certificate == NULL)
        return;
    struct tls_context *context = read_files(settings, message);
    if (context == NULL) {
        log_write(LOG_LEVEL_ERROR, "tls_reload_failed", "error=\"%s\"", message);
        return;
    }
    /* Clients that show certificates are judged anew: the authorities may have changed. */
    bool resumes = settings->tls_client_certificates == TLS_VERIFY_NONE;
    lock_acquire(&encryption->lock);
    struct tls_context *before = encryption->context;
    /* Failing, clients that come back need a whole handshake. */
    if (resumes)
        (void)tls_context_accept_tickets(context, before);
    encryption->context = context;
    lock_release(&encryption->lock);
    tls_context_release(before);
    log_write(LOG_LEVEL_INFO, "tls_reloaded", "certificate=\"%s\"", settings->tls_certificate);
}

struct tls_stream *encryption_begin(struct encryption *encryption, int fd)
{
    lock_acquire(&encryption->lock);
    struct tls_context *context = tls_context_share(encryption->context);
    lock_release(&encryption->lock);
    struct tls_stream *stream = tls_stream_create(context, fd, NULL);
    tls_context_release(context);
    return stream;
}
