/* SPDX-License-Identifier: MIT */
/* Stands in for tls_records_openssl.c where crew is built without OpenSSL: nobody calls it. */
#include "tests/system/tls_records.h"

#include <check.h>

struct tls_records *tls_records_open(int fd)
{
    ck_abort_msg("no TLS over descriptor %d", fd);
    return NULL;
}

void tls_records_free(struct tls_records *records)
{
    (void)records;
}

void tls_records_add_data(struct tls_records *records, struct byte_buffer *bytes, const char *data)
{
    (void)records;
    (void)bytes;
    (void)data;
}

void tls_records_add_key_updates(struct tls_records *records, struct byte_buffer *bytes,
                                 size_t count)
{
    (void)records;
    (void)bytes;
    (void)count;
}
