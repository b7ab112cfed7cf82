/* SPDX-License-Identifier: MIT */
#include "common/tls_client.h"

#include <stdio.h>
#include <string.h>

static bool fail(char *message, const char *text)
{
    snprintf(message, TLS_MESSAGE_SIZE, "%s", text);
    return false;
}

bool tls_client_context(const struct tls_client_options *options, const struct endpoint *server,
                        struct tls_context **context, char message[TLS_MESSAGE_SIZE])
{
    *context = NULL;
    message[0] = '\0';
    if (server->scheme != ENDPOINT_TLS) {
        bool given = options->ca != NULL || options->certificate != NULL || options->key != NULL ||
                     options->insecure;
        return !given || fail(message, "the options that begin with --tls are for tls:// servers");
    }
    if ((options->certificate == NULL) != (options->key == NULL))
        return fail(message, "--tls-certificate and --tls-key go together");
    if (options->insecure && options->ca != NULL)
        return fail(message, "--tls-ca and --tls-insecure exclude each other");
    struct tls_files files = {options->certificate, options->key, options->ca};
    *context = tls_context_for_client(
        &files, options->insecure ? TLS_VERIFY_NONE : TLS_VERIFY_REQUIRED, message);
    if (*context != NULL && options->insecure)
        (void)fail(message, "--tls-insecure: the server can be anybody");
    return *context != NULL;
}

const char *tls_client_hint(enum tls_trouble trouble)
{
    switch (trouble) {
    case TLS_TROUBLE_UNTRUSTED:
        return "; --tls-ca names whom to trust, --tls-insecure trusts anybody";
    case TLS_TROUBLE_HOST:
        return "; the server's certificate is for others than this host";
    case TLS_TROUBLE_NO_TLS:
        return "; perhaps it speaks no TLS: tcp:// is for that";
    default:
        return "";
    }
}

const char *tls_client_plain_hint(const struct endpoint *server, const char *bytes, size_t size)
{
    static const char alert[] = {0x15, 0x03}; /* RFC 8446, 5.1 */
    bool may_be_tls =
        size == 0 || (size >= sizeof(alert) && memcmp(bytes, alert, sizeof(alert)) == 0);
    return server->scheme == ENDPOINT_TCP && may_be_tls
               ? "; perhaps it speaks TLS: tls:// is for that"
               : "";
}
