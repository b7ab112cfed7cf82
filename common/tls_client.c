/* SPDX-License-Identifier: MIT */
#include "common/tls_client.h"

#include <stdio.h>

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
