/* SPDX-License-Identifier: MIT */
/*
 * A TLS client whose records are made without being sent, in any number and of kinds that no well
 * meant client sends so many of. Only to be used when tls_bed_is_ready(). Every function fails the
 * test when something is not as it should.
 */
#ifndef CREW_TESTS_SYSTEM_TLS_RECORDS_H
#define CREW_TESTS_SYSTEM_TLS_RECORDS_H

#include "common/byte_buffer.h"

#include <stddef.h>

struct tls_records;

/* Agrees on TLS 1.3 with whoever is at the other end of `fd`, a non-blocking socket that stays the
 * caller's; to be freed. */
struct tls_records *tls_records_open(int fd);
void tls_records_free(struct tls_records *records);

/* These append to `bytes` what is to be sent next: a record with data, or `count` KeyUpdates. */
void tls_records_add_data(struct tls_records *records, struct byte_buffer *bytes, const char *data);
void tls_records_add_key_updates(struct tls_records *records, struct byte_buffer *bytes,
                                 size_t count);

#endif
