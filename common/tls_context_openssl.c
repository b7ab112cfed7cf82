/* SPDX-License-Identifier: MIT */
/* Certificates, keys, whom to trust, and the settings of TLS; see common/tls.h. */
#include "common/tls_openssl.h"

#include "common/happens_before.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Of tickets: others are not taken for ours. */
static const unsigned char session_scope[] = "crew-server";

bool tls_is_available(void)
{
    return true;
}

const char *tls_openssl_reason(void)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    ERR_clear_error();
    if (reason == NULL && ERR_SYSTEM_ERROR(code))
        reason = strerrordesc_np(ERR_GET_REASON(code));
    return reason != NULL ? reason : "unknown reason";
}

__attribute__((format(printf, 2, 3))) static bool fail(char *message, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, TLS_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    ERR_clear_error();
    return false;
}

static bool note_validity(const X509 *certificate, const char *path, char *message)
{
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        (void)fail(message, "the certificate %s has expired", path);
    else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        (void)fail(message, "the certificate %s is not valid yet", path);
    return true;
}

/* Of a file that cannot be opened, OpenSSL tells less than the system. */
static bool is_readable(const char *what, const char *path, char *message)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fail(message, "cannot read the %s %s: %s", what, path, strerror(errno));
    fclose(file);
    return true;
}

static bool use_certificate(SSL_CTX *context, const char *path, char *message)
{
    if (!is_readable("certificate", path, message))
        return false;
    if (SSL_CTX_use_certificate_chain_file(context, path) != 1)
        return fail(message, "%s holds no usable certificate: %s", path, tls_openssl_reason());
    return note_validity(SSL_CTX_get0_certificate(context), path, message);
}

/* The key in an open file; NULL after filling `message`. */
static EVP_PKEY *read_key(FILE *file, const char *path, char *message)
{
    struct stat status;
    if (fstat(fileno(file), &status) != 0) {
        (void)fail(message, "cannot read the key %s: %s", path, strerror(errno));
        return NULL;
    }
    if ((status.st_mode & S_IRWXO) != 0) {
        (void)fail(message, "the key %s is open to all users (mode %04o): chmod 600 %s", path,
                   status.st_mode & 07777U, path);
        return NULL;
    }
    /* Without a password, even an empty one, OpenSSL would ask at the terminal. */
    char no_password[] = "";
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, no_password);
    if (key == NULL)
        (void)fail(message, "%s holds no usable private key without a password: %s", path,
                   tls_openssl_reason());
    return key;
}

static bool use_key(SSL_CTX *context, const struct tls_files *files, char *message)
{
    FILE *file = fopen(files->key, "re");
    if (file == NULL)
        return fail(message, "cannot read the key %s: %s", files->key, strerror(errno));
    EVP_PKEY *key = read_key(file, files->key, message);
    fclose(file);
    if (key == NULL)
        return false;
    bool matches = X509_check_private_key(SSL_CTX_get0_certificate(context), key) == 1;
    bool used = matches && SSL_CTX_use_PrivateKey(context, key) == 1;
    EVP_PKEY_free(key);
    if (!matches)
        return fail(message, "the key %s does not belong to the certificate %s", files->key,
                    files->certificate);
    return used || fail(message, "cannot use the key %s: %s", files->key, tls_openssl_reason());
}

static bool use_ca(SSL_CTX *context, const char *path, char *message)
{
    if (!is_readable("certificate authorities", path, message))
        return false;
    return SSL_CTX_load_verify_file(context, path) == 1 ||
           fail(message, "%s holds no usable certificate: %s", path, tls_openssl_reason());
}

/* What both ends have in common. Memory is all that can be lacking here. */
static bool set_up(SSL_CTX *context, const struct tls_files *files, char *message)
{
    message[0] = '\0';
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        return fail(message, "cannot set up TLS: %s", tls_openssl_reason());
    /* An end that was not announced is an end like another: RESP tells what is whole. */
    (void)SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_IGNORE_UNEXPECTED_EOF);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1); /* one system call for a record, not two */
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return (files->certificate == NULL || use_certificate(context, files->certificate, message)) &&
           (files->key == NULL || use_key(context, files, message)) &&
           (files->ca == NULL || use_ca(context, files->ca, message));
}

/* Takes the OpenSSL context over; NULL, with its message, unless it is `usable`. */
static struct tls_context *wrap(SSL_CTX *openssl, bool usable, char *message)
{
    struct tls_context *context = usable ? malloc(sizeof(*context)) : NULL;
    if (context == NULL) {
        if (usable)
            (void)fail(message, "out of memory");
        SSL_CTX_free(openssl);
        return NULL;
    }
    context->openssl = openssl;
    atomic_init(&context->holders, 1);
    return context;
}

static SSL_CTX *create(const SSL_METHOD *method, char *message)
{
    SSL_CTX *context = SSL_CTX_new(method);
    if (context == NULL)
        (void)fail(message, "cannot set up TLS: %s", tls_openssl_reason());
    return context;
}

static bool verify_clients(SSL_CTX *context, const struct tls_files *files,
                           enum tls_verification clients, char *message)
{
    if (clients == TLS_VERIFY_NONE)
        return true;
    /* What a client is told whose certificates would do. */
    STACK_OF(X509_NAME) *names = files->ca != NULL ? SSL_load_client_CA_file(files->ca) : NULL;
    if (names == NULL)
        return fail(message, "cannot verify clients: %s", tls_openssl_reason());
    SSL_CTX_set_client_CA_list(context, names);
    bool required = clients == TLS_VERIFY_REQUIRED;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       NULL);
    return true;
}

struct tls_context *tls_context_for_server(const struct tls_files *files,
                                           enum tls_verification clients,
                                           char message[TLS_MESSAGE_SIZE])
{
    SSL_CTX *context = create(TLS_server_method(), message);
    if (context == NULL)
        return NULL;
    bool usable =
        set_up(context, files, message) && verify_clients(context, files, clients, message) &&
        (SSL_CTX_set_session_id_context(context, session_scope, sizeof(session_scope) - 1) == 1 ||
         fail(message, "cannot set up TLS: %s", tls_openssl_reason()));
    return wrap(context, usable, message);
}

struct tls_context *tls_context_for_client(const struct tls_files *files,
                                           enum tls_verification server,
                                           char message[TLS_MESSAGE_SIZE])
{
    SSL_CTX *context = create(TLS_client_method(), message);
    if (context == NULL)
        return NULL;
    bool usable = set_up(context, files, message);
    if (usable && server != TLS_VERIFY_NONE) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        if (files->ca == NULL && SSL_CTX_set_default_verify_paths(context) != 1)
            usable = fail(message, "cannot read whom the system trusts: %s", tls_openssl_reason());
    }
    return wrap(context, usable, message);
}

bool tls_context_accept_tickets(struct tls_context *context, const struct tls_context *before)
{
    unsigned char keys[256];
    long size = SSL_CTX_get_tlsext_ticket_keys(before->openssl, NULL, 0);
    bool kept = size > 0 && (size_t)size <= sizeof(keys) &&
                SSL_CTX_get_tlsext_ticket_keys(before->openssl, keys, size) == 1 &&
                SSL_CTX_set_tlsext_ticket_keys(context->openssl, keys, size) == 1;
    explicit_bzero(keys, sizeof(keys));
    ERR_clear_error();
    return kept;
}

struct tls_context *tls_context_share(struct tls_context *context)
{
    atomic_fetch_add_explicit(&context->holders, 1, memory_order_relaxed);
    return context;
}

void tls_context_release(struct tls_context *context)
{
    if (context == NULL)
        return;
    HAPPENS_BEFORE(context);
    if (atomic_fetch_sub_explicit(&context->holders, 1, memory_order_acq_rel) > 1)
        return;
    HAPPENS_AFTER(context);
    SSL_CTX_free(context->openssl);
    free(context);
}
