/* SPDX-License-Identifier: MIT */
#include "common/dial.h"
#include "tests/system/fixture.h"
#include "tests/system/tls_records.h"
#include "tests/system/wire.h"

#include <check.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct tls_records {
    SSL_CTX *context;
    SSL *ssl;  /* owns both BIOs */
    BIO *in;   /* what the peer sent */
    BIO *made; /* records that are to be taken */
};

static void take(struct tls_records *records, struct byte_buffer *bytes)
{
    char *made = NULL;
    long size = BIO_get_mem_data(records->made, &made);
    byte_buffer_append(bytes, made, (size_t)size);
    ck_assert(!bytes->failed);
    ck_assert_int_eq(BIO_reset(records->made), 1);
}

/* Sends what was made, and takes in an answer. */
static void exchange(struct tls_records *records, int fd)
{
    char answer[4096];
    struct byte_buffer bytes = {0};
    take(records, &bytes);
    wire_send(fd, bytes.bytes, bytes.size);
    byte_buffer_free(&bytes);
    ck_assert(wait_for_socket(fd, POLLIN, PATIENCE_MS));
    ssize_t got = recv(fd, answer, sizeof(answer), 0);
    ck_assert_int_gt(got, 0);
    ck_assert_int_eq(BIO_write(records->in, answer, (int)got), (int)got);
}

struct tls_records *tls_records_open(int fd)
{
    struct tls_records *records = calloc(1, sizeof(*records));
    ck_assert_ptr_nonnull(records);
    records->context = SSL_CTX_new(TLS_client_method());
    ck_assert_ptr_nonnull(records->context);
    ck_assert_int_eq(SSL_CTX_set_min_proto_version(records->context, TLS1_3_VERSION), 1);
    records->ssl = SSL_new(records->context);
    records->in = BIO_new(BIO_s_mem());
    records->made = BIO_new(BIO_s_mem());
    ck_assert(records->ssl != NULL && records->in != NULL && records->made != NULL);
    BIO_set_mem_eof_return(records->in, -1);
    SSL_set_bio(records->ssl, records->in, records->made);
    SSL_set_connect_state(records->ssl);
    int result;
    while ((result = SSL_do_handshake(records->ssl)) != 1) {
        ck_assert_int_eq(SSL_get_error(records->ssl, result), SSL_ERROR_WANT_READ);
        exchange(records, fd);
    }
    return records;
}

void tls_records_free(struct tls_records *records)
{
    SSL_free(records->ssl);
    SSL_CTX_free(records->context);
    free(records);
}

void tls_records_add_data(struct tls_records *records, struct byte_buffer *bytes, const char *data)
{
    int size = (int)strlen(data);
    ck_assert_int_eq(SSL_write(records->ssl, data, size), size);
    take(records, bytes);
}

void tls_records_add_key_updates(struct tls_records *records, struct byte_buffer *bytes,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(SSL_key_update(records->ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        ck_assert_int_eq(SSL_do_handshake(records->ssl), 1);
        take(records, bytes);
    }
}
